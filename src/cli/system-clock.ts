import type { Clock } from '../core/clock.ts'

/** The clock of this machine. */
export function systemClock(now: () => number): Clock {
  return { now, sleep }
}

/** A timer that is set for longer ends at once. */
const TIMER_MS_MAX = 2 ** 31 - 1

async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  let left = ms
  for (; left > TIMER_MS_MAX; left -= TIMER_MS_MAX) await sleepOnce(TIMER_MS_MAX, signal)
  await sleepOnce(left, signal)
}

function sleepOnce(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const stop = () => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, ms)
    signal?.addEventListener('abort', stop, { once: true })
  })
}
