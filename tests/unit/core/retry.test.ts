import { describe, expect, test } from 'bun:test'
import type { Clock } from '../../../src/core/clock.ts'
import { withRetries } from '../../../src/core/retry.ts'

const policy = { retries: 4, delayMs: 100, delayMsMax: 300 }

/** A clock that notes the waits instead of waiting. */
function notingClock(): Clock & { readonly waits: number[] } {
  const waits: number[] = []
  return {
    waits,
    now: () => 0,
    sleep: async (ms, signal) => {
      signal?.throwIfAborted()
      waits.push(ms)
    },
  }
}

function failing(times: number, error: unknown = new Error('away')) {
  let calls = 0
  const work = async () => {
    calls++
    if (calls <= times) throw error
    return calls
  }
  return { work, calls: () => calls }
}

describe('withRetries', () => {
  test('doubles the wait up to its bound and returns what succeeds at last', async () => {
    const clock = notingClock()
    const { work } = failing(4)
    const options = { policy, clock, random: () => 0, isPassing: () => true }
    expect(await withRetries(work, options)).toBe(5)
    expect(clock.waits).toEqual([100, 200, 300, 300])
  })

  test('spreads the wait over half of its length', async () => {
    const clock = notingClock()
    const options = { policy, clock, random: () => 0.999, isPassing: () => true }
    await withRetries(failing(1).work, options)
    expect(clock.waits).toEqual([50])
  })

  test('waits as long as the error asks for', async () => {
    const clock = notingClock()
    const waitOf = () => 5_000
    const options = { policy, clock, random: () => 0, isPassing: () => true, waitOf }
    await withRetries(failing(1).work, options)
    expect(clock.waits).toEqual([5_000])
  })

  test('gives up with the last error when the repetitions are used up', async () => {
    const { work, calls } = failing(9)
    const options = { policy, clock: notingClock(), random: () => 0, isPassing: () => true }
    await expect(withRetries(work, options)).rejects.toThrow('away')
    expect(calls()).toBe(5)
  })

  test('does not repeat what would fail again', async () => {
    const { work, calls } = failing(9)
    const options = { policy, clock: notingClock(), random: () => 0, isPassing: () => false }
    await expect(withRetries(work, options)).rejects.toThrow('away')
    expect(calls()).toBe(1)
  })

  test('stops when the signal was aborted', async () => {
    const stop = new AbortController()
    stop.abort(new Error('stopped'))
    const { work, calls } = failing(9)
    const { signal } = stop
    const options = { policy, clock: notingClock(), random: () => 0, isPassing: () => true, signal }
    await expect(withRetries(work, options)).rejects.toThrow('away')
    expect(calls()).toBe(1)
  })
})
