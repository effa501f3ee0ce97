import { describe, expect, test } from 'bun:test'
import { Value } from 'typebox/value'
import { documentSchema } from '../../support/documents.ts'
import { crypto } from './harness.ts'

describe('crypto sim', () => {
  test('prints one line of JSON when it is ready, and stops what it started', async () => {
    const { code, out, app } = await crypto('sim --now 2024-06-01')
    expect(code).toBe(0)
    expect(out.match(/\n/g)).toHaveLength(1)
    expect(JSON.parse(out)).toEqual({
      rest: 'http://127.0.0.1:9001',
      stream: 'ws://127.0.0.1:9001',
      control: 'http://127.0.0.1:9001/sim',
      control_token: 'ticket',
      now: '2024-06-01T00:00:00Z',
      speed: 60,
      seed: 1,
      symbols: ['BTCUSDT', 'ETHUSDT'],
      start_time: '2023-06-01T00:00:00Z',
      end_time: '2025-01-01T00:00:00Z',
    })
    expect(app.requests.at(-1)).toBe('stop')
  })

  test('is told to people in a terminal, and to programs in a pipe', async () => {
    const { out } = await crypto('sim', { stdoutColumns: 100 })
    expect(out).toContain('markets')
    expect(out).toContain('BTCUSDT, ETHUSDT')
    expect(out).toContain('Ctrl-C ends it')
    expect(out).not.toContain('{')
  })

  test('has the same in the document of --json', async () => {
    const { out } = await crypto('sim --now 2024-06-01 --json')
    const document = JSON.parse(out)
    expect(Value.Errors(documentSchema('crypto/sim@1'), document)).toEqual([])
    expect(document).toMatchObject({ ok: true, result: { rest: 'http://127.0.0.1:9001' } })
  })

  test('asks for real time, every stored symbol and port 9001 unless told otherwise', async () => {
    const { app } = await crypto('sim')
    expect(app.requests[0]).toEqual({
      nowMs: undefined,
      speed: 1,
      symbols: undefined,
      exchange: 'binance',
      interval: undefined,
      fromMs: undefined,
      toMs: undefined,
      host: '127.0.0.1',
      port: 9001,
      faultsFile: undefined,
      seed: 0,
      weightLimit: undefined,
    })
  })

  test('passes on what it is told', async () => {
    const line =
      'sim --now 2024-06-01T12:00:00Z --speed 0.5 --symbol BTCUSDT,ETHUSDT --exchange kraken --interval 1m --from 2024-01-01 --to 2025-01-01 --host ::1 --port 0 --faults f.yaml --seed 7 --weight-limit 100'
    const { app } = await crypto(line)
    expect(app.requests[0]).toEqual({
      nowMs: Date.UTC(2024, 5, 1, 12),
      speed: 0.5,
      symbols: ['BTCUSDT', 'ETHUSDT'],
      exchange: 'kraken',
      interval: '1m',
      fromMs: Date.UTC(2024, 0, 1),
      toMs: Date.UTC(2025, 0, 1),
      host: '::1',
      port: 0,
      faultsFile: 'f.yaml',
      seed: 7,
      weightLimit: 100,
    })
  })

  test.each([
    ['--now yesterday', 'Expected a date or a time'],
    ['--now 2100-01-01', 'Expected a time before 2100'],
    ['--now 2024-02-30', 'Expected a date or a time'],
    ['--now 2024-06-01 --speed fast', 'Expected a number from 0'],
    ['--now 2024-06-01 --speed -1', 'Expected a number from 0'],
    ['--now 2024-06-01 --symbol BTCUSDT,,ETHUSDT', 'Expected names'],
    ['--now 2024-06-01 --port 99999', 'Expected a whole number from 0 to 65535'],
    ['--now 2024-06-01 --seed x', 'Expected a whole number'],
  ])('refuses %p', async (options, words) => {
    const { code, err, out } = await crypto(`sim ${options}`.trim())
    expect([code, out]).toEqual([2, ''])
    expect(err.replace(/\s+/g, ' ')).toContain(words)
  })
})
