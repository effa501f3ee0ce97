import { expect, test } from 'bun:test'
import { systemClock } from '../../../src/cli/system-clock.ts'

const { sleep } = systemClock(Date.now)

test.each([2 ** 31, 40 * 86_400_000])('a sleep of %d ms lasts, until it is aborted', async (ms) => {
  const stop = new AbortController()
  const asleep = sleep(ms, stop.signal).then(
    () => 'woke up',
    () => 'aborted',
  )
  expect(await Promise.race([asleep, Bun.sleep(50).then(() => 'sleeps')])).toBe('sleeps')
  stop.abort()
  expect(await asleep).toBe('aborted')
})
