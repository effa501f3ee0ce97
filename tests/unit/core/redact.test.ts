import { describe, expect, test } from 'bun:test'
import { Redactor } from '../../../src/core/redact.ts'

function redact(text: string, ...secrets: readonly string[]): string {
  const redactor = new Redactor()
  redactor.add(secrets)
  return redactor.redact(text)
}

describe('Redactor', () => {
  const secret = 'k3y/With+odd"signs='

  test.each([
    ['plain', secret],
    ['in a URL', encodeURIComponent(secret)],
    ['in JSON', JSON.stringify(secret).slice(1, -1)],
    ['in base64', btoa(secret)],
  ])('masks a secret that stands there %s', (_, form) => {
    expect(redact(`before ${form} after`, secret)).toBe('before *** after')
  })

  test('masks the longer of two that share a beginning as a whole', () => {
    expect(redact('abcd1234efgh5678', 'abcd1234', 'abcd1234efgh5678')).toBe('***')
  })

  test('leaves the words and numbers of a result alone when they happen to be a password', () => {
    const text = 'bun run crypto backtest run  equity 10000.00  crypto/ingest@1'
    expect(redact(text, 'crypto', '10000', 'backtest')).toBe(text)
  })

  test('masks such a password where a secret is expected', () => {
    expect(redact('password=crypto user=crypto', 'crypto')).toBe('password=*** user=crypto')
    expect(redact('postgres://crypto:crypto@db/crypto', 'crypto')).toBe(
      'postgres://crypto:***@db/crypto',
    )
  })

  test('masks signatures and keys by their place, known or not', () => {
    expect(redact('GET /order?symbol=A&signature=0f3a&x=1')).toBe(
      'GET /order?symbol=A&signature=***&x=1',
    )
    expect(redact('X-MBX-APIKEY: vmPUZE6mv9SD5VNHk4')).toBe('X-MBX-APIKEY: ***')
  })

  test('learns later secrets too', () => {
    const redactor = new Redactor()
    redactor.add(['first-secret-1'])
    redactor.add(['second-secret-2'])
    expect(redactor.redact('first-secret-1 second-secret-2')).toBe('*** ***')
  })
})
