import { describe, expect, test } from 'bun:test'
import type { ApiError } from '../../../src/simulator/rest/api-error.ts'
import { RequestLimiter } from '../../../src/simulator/rest/request-limiter.ts'
import { ManualClock } from '../../support/manual-clock.ts'

const MINUTE = 60_000
const START = 1_700_000_040_000 // the beginning of a minute

function limiterAt(atMs: number) {
  const clock = new ManualClock(atMs)
  const limiter = new RequestLimiter({ weightPerMinute: 10, refusalsBeforeBan: 2 }, clock)
  return { clock, limiter }
}

function refusal(limiter: RequestLimiter, weight = 1): ApiError {
  try {
    limiter.spend(weight)
  } catch (error) {
    return error as ApiError
  }
  throw new Error('expected a refusal')
}

describe('the request limiter', () => {
  test('counts weight up to the limit and starts anew with every whole minute', () => {
    const { clock, limiter } = limiterAt(START + 59_000)
    limiter.spend(4)
    limiter.spend(6)
    expect(limiter.used).toBe(10)
    clock.pass(1000)
    expect(limiter.used).toBe(0)
    limiter.spend(10)
  })

  test('refuses with 429 until the minute is over', () => {
    const { limiter } = limiterAt(START + 12_500)
    limiter.spend(10)
    const { status, code, headers, message } = refusal(limiter)
    expect({ status, code, headers }).toEqual({
      status: 429,
      code: -1003,
      headers: { 'Retry-After': '48' },
    })
    expect(message).toContain('current limit is 10 request weight per 1 MINUTE')
  })

  test('bans a client that goes on, for longer each time', () => {
    const { clock, limiter } = limiterAt(START)
    limiter.spend(10)
    expect([refusal(limiter), refusal(limiter)].map(({ status }) => status)).toEqual([429, 429])

    const banned = refusal(limiter)
    expect([banned.status, banned.headers['Retry-After']]).toEqual([418, '120'])
    expect(banned.message).toContain(`IP banned until ${START + 2 * MINUTE}`)

    clock.pass(MINUTE)
    expect(refusal(limiter).headers['Retry-After']).toBe('60')
    refusal(limiter)
    const again = refusal(limiter)
    expect([again.status, again.headers['Retry-After']]).toEqual([418, '240'])
  })

  test('lets a client in again that has waited for the end of its ban', () => {
    const { clock, limiter } = limiterAt(START)
    limiter.spend(10)
    for (let i = 0; i < 3; i++) refusal(limiter)
    clock.pass(2 * MINUTE)
    limiter.spend(10)
    expect(refusal(limiter).status).toBe(429)
  })

  test('never bans for more than three days', () => {
    const { limiter } = limiterAt(START)
    limiter.spend(10)
    const waits = Array.from({ length: 60 }, () => Number(refusal(limiter).headers['Retry-After']))
    expect(Math.max(...waits)).toBe(3 * 86_400)
  })
})
