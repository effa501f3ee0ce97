import { describe, expect, test } from 'bun:test'
import * as ccxt from 'ccxt'
import { ConnectivityError, type PlatformError, RiskRefusal } from '../../../../src/core/errors.ts'
import { Redactor } from '../../../../src/core/redact.ts'
import { errorOf } from '../../../../src/exchanges/ccxt/failures.ts'
import type { Call } from '../../../../src/exchanges/ccxt/requests.ts'

type Kind = new (message: string) => Error
const KINDS = { ...ccxt } as unknown as Readonly<Record<string, Kind>>

function meaning(error: unknown, call: Partial<Call> = {}): PlatformError {
  return errorOf(error, {
    name: 'venue',
    call: { signal: undefined, ...call },
    ccxt,
  }) as PlatformError
}

describe('an error of ccxt', () => {
  test.each([
    ['InvalidNonce', 400, 'VenueRejection', 'VENUE_REFUSED'],
    ['BadSymbol', 400, 'ConfigError', 'UNKNOWN_SYMBOL'],
    ['BadRequest', 400, 'VenueRejection', 'VENUE_REFUSED'],
    ['AuthenticationError', 401, 'VenueRejection', 'KEY_REQUIRED'],
    ['PermissionDenied', 200, 'VenueRejection', 'KEY_REQUIRED'],
    ['ExchangeNotAvailable', 403, 'VenueRejection', 'ACCESS_REFUSED'],
    ['ExchangeNotAvailable', 451, 'VenueRejection', 'REGION_REFUSED'],
    ['ExchangeNotAvailable', 404, 'VenueRejection', 'VENUE_REFUSED'],
    ['NotSupported', 200, 'VenueRejection', 'VENUE_REFUSED'],
    ['ArgumentsRequired', 200, 'VenueRejection', 'VENUE_REFUSED'],
    ['RateLimitExceeded', 400, 'ConnectivityError', 'RATE_LIMITED'],
    ['DDoSProtection', 200, 'ConnectivityError', 'RATE_LIMITED'],
    ['OperationFailed', 503, 'ConnectivityError', 'EXCHANGE_UNAVAILABLE'],
    ['RequestTimeout', 504, 'ConnectivityError', 'EXCHANGE_UNAVAILABLE'],
    ['OnMaintenance', 200, 'ConnectivityError', 'EXCHANGE_UNAVAILABLE'],
    ['OnMaintenance', 400, 'ConnectivityError', 'EXCHANGE_UNAVAILABLE'],
    ['RequestTimeout', 408, 'ConnectivityError', 'EXCHANGE_TIMEOUT'],
    ['NetworkError', 200, 'ConnectivityError', 'EXCHANGE_UNAVAILABLE'],
    ['BadResponse', 200, 'ConnectivityError', 'EXCHANGE_REPLY'],
    ['NullResponse', 200, 'ConnectivityError', 'EXCHANGE_REPLY'],
  ] as const)('%s with status %p is a %s %s', (kind, status, name, code) => {
    expect(meaning(new (KINDS[kind] as Kind)('what it says'), { status })).toMatchObject({
      name,
      code,
    })
  })

  test.each([
    ['a TypeError', new TypeError("undefined is not an object (evaluating 'a.b')")],
    ['thrown text', 'text'],
  ])('%s is its surprise at a reply of another shape', (_, error) => {
    expect(meaning(error, { status: 200 })).toMatchObject({ code: 'EXCHANGE_REPLY', exitCode: 5 })
  })

  test('counts less than what the transport said', () => {
    const refused = new RiskRefusal('HOST_REFUSED', 'no')
    expect(meaning(new ccxt.NetworkError('fetch failed'), { failure: refused })).toBe(refused)
    const timeout = new ConnectivityError('EXCHANGE_TIMEOUT', 'late')
    expect(meaning(new ccxt.RequestTimeout('x'), { failure: timeout, status: 200 })).toBe(timeout)
  })

  test('counts less than the wish of the caller to stop', () => {
    const reason = new Error('enough')
    expect(meaning(new TypeError('x'), { signal: AbortSignal.abort(reason) })).toBe(reason as never)
  })

  test('says how long a limit lasts', () => {
    const error = meaning(new ccxt.DDoSProtection('x'), { status: 429, retryAfterMs: 7_000 })
    expect(error.context).toMatchObject({ retryAfterMs: 7_000, status: 429 })
    expect(error.message).toContain('7 s')
  })

  test('is told without the signature that it repeats', () => {
    const url = 'https://api.binance.com/api/v3/account?timestamp=1&recvWindow=10000&signature=0f3a'
    for (const error of [
      new ccxt.BadRequest(`binance GET ${url} 400 Bad Request {"code":-1}`),
      new ccxt.ExchangeNotAvailable(`binance GET ${url} fetch failed`),
      new TypeError(`wss://ws-api.binance.com/ws-api/v3?signature=0f3a broke`),
    ]) {
      const told = meaning(error, { status: 400 })
      expect(told.message).not.toContain('0f3a')
      expect(JSON.stringify(told.context)).not.toContain('0f3a')
      expect(told.cause).toBeUndefined()
    }
  })

  test('is told as a whole or not at all, without control characters', () => {
    const secret = 'vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0M'
    const redactor = new Redactor()
    redactor.add([secret])
    const told = (before: string) =>
      redactor.redact(meaning(new ccxt.BadRequest(`${before}${secret}`), { status: 400 }).message)
    for (let length = 0; length < 600; length++) {
      expect(told('.'.repeat(length))).not.toContain(secret.slice(0, 4))
    }
    expect(told('.'.repeat(600))).toContain('BadRequest, told in 636 characters')
    expect(told('a\u001b[2Jb ')).toEndWith('a␛[2Jb ***')
  })
})
