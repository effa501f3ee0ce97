import type { Clock } from '../../core/clock.ts'
import { ConnectivityError } from '../../core/errors.ts'
import { type RetryPolicy, TURNED_AWAY_MS_MAX, withRetries } from '../../core/retry.ts'
import type { Exchange } from '../../exchanges/exchange.ts'

/** What fetching needs of its surroundings. */
export interface FetchContext {
  readonly exchange: Exchange
  readonly clock: Clock
  /** A number in [0, 1), for the spread of repetitions. */
  readonly random: () => number
  readonly policy: RetryPolicy
  readonly signal?: AbortSignal | undefined
  /** Called before a request is repeated. */
  readonly onRetry?: (error: unknown, retry: number, waitMs: number) => void
}

const PASSING = new Set([
  'EXCHANGE_UNREACHABLE',
  'EXCHANGE_TIMEOUT',
  'EXCHANGE_UNAVAILABLE',
  'EXCHANGE_REPLY',
  'RATE_LIMITED',
])

/**
 * Repeats a request that failed for a passing reason, no sooner than the venue allows. The request must change nothing at the
 * venue, so that repeating it is always safe.
 * @throws ConnectivityError when the repetitions are used up, and what `Exchange` throws for good
 */
export async function repeatRequest<T>(
  context: FetchContext,
  request: () => Promise<T>,
): Promise<T> {
  return await withRetries(request, { ...context, isPassing, waitOf })
}

/**
 * As `repeatRequest`, for the first request of a command: nobody who waits at a terminal is told after a minute and a half that
 * nothing listens at the address.
 */
export async function repeatFirstRequest<T>(
  context: FetchContext,
  request: () => Promise<T>,
): Promise<T> {
  const isWorthIt = (error: unknown) => isPassing(error) && !isDown(error)
  return await withRetries(request, { ...context, isPassing: isWorthIt, waitOf })
}

/** What it means that nothing listens at an address, or that its host is unknown or out of reach, in the codes of the system. */
const DOWN = new Set<unknown>([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENETUNREACH',
  'EHOSTUNREACH',
])

function isDown(error: unknown): boolean {
  return error instanceof ConnectivityError && DOWN.has(error.context.cause)
}

/** Whether the same request may succeed later. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof ConnectivityError) || !PASSING.has(error.code)) return false
  return (waitOf(error) ?? 0) <= TURNED_AWAY_MS_MAX
}

function waitOf(error: unknown): number | undefined {
  const wait = error instanceof ConnectivityError ? error.context.retryAfterMs : undefined
  return typeof wait === 'number' ? wait : undefined
}
