import { type EpochMs, INSTANT_MS_END } from '../core/units.ts'
import { isLoopback } from './transport/allowed-hosts.ts'

/** Returns the `Date` header as epoch milliseconds, cut to the second; undefined when it says none or one after the year 2099. */
export function dateMsOf(headers: Headers): number | undefined {
  const ms = Date.parse(headers.get('date') ?? '')
  return ms <= INSTANT_MS_END ? ms : undefined
}

/** How the simulator says by which clock it runs. */
const SIMULATED_TIME = 'x-simulated-time'

/**
 * Returns the time by which a simulator runs, if the reply says so and comes from this machine: a venue on the network that says it is
 * one is not believed.
 */
export function simulatedMsOf(headers: Headers, baseUrl: string): EpochMs | undefined {
  if (!isLoopback(new URL(baseUrl).hostname)) return undefined
  return countOf(headers, SIMULATED_TIME) as EpochMs | undefined
}

/**
 * Returns a venue's time, or the end of the second in which its answer says that it was sent, whichever is earlier. A clock that is
 * fast would make candles in progress count as closed; one that is slow only makes closed ones wait.
 * @param dateMs the `Date` header, cut to the second
 */
export function notAfterDate(timeMs: EpochMs, dateMs: number | undefined): EpochMs {
  return Math.min(timeMs, (dateMs ?? Infinity) + 999) as EpochMs
}

/** Returns how long a `Retry-After` header asks to wait: it gives seconds or a date. undefined when it says neither. */
export function retryAfterMsOf(headers: Headers): number | undefined {
  const text = headers.get('retry-after')?.trim() ?? ''
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000
  // A date begins with its weekday; anything else would be taken for a year or a month.
  const until = /^[A-Z][a-z]{2}/.test(text) ? Date.parse(text) : Number.NaN
  const now = dateMsOf(headers)
  return Number.isNaN(until) || now === undefined ? undefined : Math.max(0, until - now)
}

/** Returns a header that holds a whole number, or undefined. */
export function countOf(headers: Headers, name: string): number | undefined {
  const text = headers.get(name) ?? ''
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined
}
