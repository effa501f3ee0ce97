import type { Clock } from './clock.ts'

/** Who was told to stay away for longer than this is not kept waiting: what it was for fails. Milliseconds. */
export const TURNED_AWAY_MS_MAX = 600_000

/** How often and how far apart a failed piece of work is repeated. */
export interface RetryPolicy {
  /** Repetitions after the first attempt. */
  readonly retries: number
  /** Wait before the first repetition; it doubles from one to the next. Milliseconds. */
  readonly delayMs: number
  readonly delayMsMax: number
}

export interface RetryOptions {
  readonly policy: RetryPolicy
  readonly clock: Clock
  /** A number in [0, 1): spreads the waits of those who failed together. */
  readonly random: () => number
  /** Whether a repetition may succeed. Repeating must be safe. */
  readonly isPassing: (error: unknown) => boolean
  /** The least wait that an error asks for, in milliseconds. */
  readonly waitOf?: (error: unknown) => number | undefined
  readonly onRetry?: (error: unknown, retry: number, waitMs: number) => void
  readonly signal?: AbortSignal | undefined
}

/**
 * Repeats work that failed for a passing reason, with waits that double and are spread over half of their length.
 * @throws the last error; the signal's reason when it is aborted while waiting
 */
export async function withRetries<T>(work: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { policy, clock, random, isPassing, waitOf, onRetry, signal } = options
  for (let retry = 1; ; retry++) {
    try {
      return await work()
    } catch (error) {
      if (retry > policy.retries || signal?.aborted || !isPassing(error)) throw error
      const backoffMs = backoff(policy, retry) * (1 - random() / 2)
      const waitMs = Math.round(Math.max(backoffMs, waitOf?.(error) ?? 0))
      onRetry?.(error, retry, waitMs)
      await clock.sleep(waitMs, signal)
    }
  }
}

/** Returns the milliseconds before a repetition; the first one has number 1. */
export function backoff(
  { delayMs, delayMsMax }: Pick<RetryPolicy, 'delayMs' | 'delayMsMax'>,
  retry: number,
): number {
  let waitMs = delayMs
  for (let i = 1; i < retry && waitMs < delayMsMax; i++) waitMs *= 2
  return Math.min(waitMs, delayMsMax)
}
