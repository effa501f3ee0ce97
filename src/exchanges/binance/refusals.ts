import {
  ConfigError,
  ConnectivityError,
  type PlatformError,
  VenueRejection,
} from '../../core/errors.ts'
import { showControls } from '../../core/foreign-text.ts'
import { findAccessRefusal } from '../access-refusal.ts'
import { retryAfterMsOf } from '../reply-headers.ts'
import type { GuardedReply } from '../transport.ts'
import { findRefusal, type Refusal } from './wire.ts'

/** Waits where a refusal names none: a minute's weight is back after a minute, a ban lasts two minutes at least. */
const LIMITED_MS = 60_000
const BANNED_MS = 120_000

/** https://developers.binance.com/docs/binance-spot-api-docs/errors */
const UNKNOWN_SYMBOL = -1121
const ILLEGAL_CHARACTERS = -1100
const UNKNOWN_INTERVAL = -1120
const TOO_MANY_REQUESTS = -1003
/** UNKNOWN, DISCONNECTED, UNEXPECTED_RESP, TIMEOUT, SERVER_BUSY: the venue's own trouble under any status. */
const VENUE_TROUBLE: ReadonlySet<number> = new Set([-1000, -1001, -1006, -1007, -1008])

/** How long a reply forbids further requests, in milliseconds; undefined when it does not. */
export function waitMsOf({ status, headers, body }: GuardedReply): number | undefined {
  const isBan = status === 418
  const isLimit = status === 429 || (status >= 400 && findRefusal(body)?.code === TOO_MANY_REQUESTS)
  if (!isBan && !isLimit) return undefined
  return retryAfterMsOf(headers) ?? (isBan ? BANNED_MS : LIMITED_MS)
}

/** What a refused request asked for, as messages name it. */
export interface Asked {
  /** Exchange and endpoint. */
  readonly where: string
  readonly symbol?: string | undefined
  readonly interval?: string | undefined
}

/** Returns the error that a reply other than 2xx means. */
export function errorOf(reply: GuardedReply, asked: Asked): PlatformError {
  const { status, body } = reply
  const refusal = findRefusal(body)
  const retryAfterMs = waitMsOf(reply)
  const context = { where: asked.where, status, venueCode: refusal?.code }
  if (retryAfterMs !== undefined) {
    return new ConnectivityError('RATE_LIMITED', limitMessage(asked, status, retryAfterMs), {
      context: { ...context, retryAfterMs },
    })
  }
  if (status >= 500 || (refusal !== undefined && VENUE_TROUBLE.has(refusal.code))) {
    const message = `${asked.where}: the venue is not available (${described(status, refusal)}).`
    return new ConnectivityError('EXCHANGE_UNAVAILABLE', message, { context })
  }
  return findNameError(refusal, asked, context) ?? rejection(status, refusal, asked, context)
}

function limitMessage({ where }: Asked, status: number, retryAfterMs: number): string {
  const what = status === 418 ? 'has banned this address' : 'refuses further requests'
  return `${where}: the venue ${what} for ${Math.ceil(retryAfterMs / 1000)} s (HTTP ${status}), because too many were sent from here.`
}

function findNameError(
  refusal: Refusal | undefined,
  { where, symbol, interval }: Asked,
  context: Readonly<Record<string, unknown>>,
): ConfigError | undefined {
  const code = refusal?.code
  const isSymbol =
    code === UNKNOWN_SYMBOL || (code === ILLEGAL_CHARACTERS && refusal?.msg.includes("'symbol'"))
  if (isSymbol && symbol !== undefined) {
    const message = `${where}: symbol '${symbol}' not found.`
    return new ConfigError('UNKNOWN_SYMBOL', message, { context: { ...context, symbol } })
  }
  if (code !== UNKNOWN_INTERVAL || interval === undefined) return undefined
  const message = `${where}: the venue has no candles of ${interval}.`
  return new ConfigError('UNKNOWN_INTERVAL', message, { context: { ...context, interval } })
}

function rejection(
  status: number,
  refusal: Refusal | undefined,
  { where }: Asked,
  context: Readonly<Record<string, unknown>>,
): VenueRejection {
  return (
    findAccessRefusal(status, where, context) ??
    new VenueRejection(
      'VENUE_REFUSED',
      `${where}: the venue refused the request (${described(status, refusal)}).`,
      { context },
    )
  )
}

function described(status: number, refusal: Refusal | undefined): string {
  if (refusal === undefined) return `HTTP ${status}`
  return `HTTP ${status}, ${refusal.code} ${showControls(refusal.msg)}`
}
