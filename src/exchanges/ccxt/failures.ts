import {
  ConfigError,
  ConnectivityError,
  type ErrorContext,
  PlatformError,
  VenueRejection,
} from '../../core/errors.ts'
import { showControls } from '../../core/foreign-text.ts'
import { findAccessRefusal } from '../access-refusal.ts'
import type { Call } from './requests.ts'

export type Ccxt = typeof import('ccxt')

const LIMITED_MS = 60_000

/**
 * Returns what an error of ccxt means here. What the transport said is better than what ccxt made of it. Messages of ccxt
 * are not passed on as they are: they repeat whole addresses, which can hold a signature.
 */
export function errorOf(
  error: unknown,
  { name, call, ccxt }: { readonly name: string; readonly call: Call; readonly ccxt: Ccxt },
): unknown {
  if (call.signal?.aborted) return call.signal.reason
  if (call.failure instanceof PlatformError) return call.failure
  if (error instanceof PlatformError) return error
  const where = `exchange '${name}'`
  const context = { exchange: name, status: call.status, kind: kindOf(error) }
  if (call.retryAfterMs !== undefined || isLimit(error, ccxt)) {
    const retryAfterMs = call.retryAfterMs ?? LIMITED_MS
    const message = `${where}: too many requests; the venue asks to wait ${Math.ceil(retryAfterMs / 1000)} s.`
    return passing('RATE_LIMITED', message, { ...context, retryAfterMs })
  }
  if ((call.status ?? 0) >= 500) {
    return passing('EXCHANGE_UNAVAILABLE', `${where}: HTTP ${call.status}.`, context)
  }
  const said = messageOf(error)
  return (
    findAccessRefusal(call.status, where, context) ??
    findFinal(error, ccxt, `${where}: ${said}`, context) ??
    findPassing(error, ccxt, `${where}: ${said}`, context) ??
    new VenueRejection('VENUE_REFUSED', `${where}: the venue refused: ${said}`, { context })
  )
}

/** Whether an error of ccxt means that too much was asked for. */
export function isLimit(error: unknown, ccxt: Ccxt): boolean {
  return isAny(error, [ccxt.DDoSProtection, ccxt.RateLimitExceeded])
}

/** What the same request would meet again. */
function findFinal(
  error: unknown,
  ccxt: Ccxt,
  message: string,
  context: ErrorContext,
): PlatformError | undefined {
  if (isAny(error, [ccxt.BadSymbol])) return new ConfigError('UNKNOWN_SYMBOL', message, { context })
  if (isAny(error, [ccxt.AuthenticationError])) {
    const what = `${message}. The venue wants a key even for this, and market data is read without one.`
    return new VenueRejection('KEY_REQUIRED', what, { context })
  }
  // A NetworkError to ccxt, but the request arrived and was refused.
  if (isAny(error, [ccxt.InvalidNonce])) {
    const what = `${message}. Is the clock of this machine right?`
    return new VenueRejection('VENUE_REFUSED', what, { context })
  }
  return undefined
}

/** What a repetition may not meet. A class that is not ccxt's is its surprise at a reply of another shape. */
function findPassing(
  error: unknown,
  ccxt: Ccxt,
  message: string,
  context: ErrorContext,
): ConnectivityError | undefined {
  if (isAny(error, [ccxt.RequestTimeout])) return passing('EXCHANGE_TIMEOUT', message, context)
  if (isAny(error, [ccxt.BadResponse, ccxt.NullResponse]) || !isAny(error, [ccxt.BaseError])) {
    return passing('EXCHANGE_REPLY', `${message}. The reply is not as expected.`, context)
  }
  // ccxt's reading of most refusals by status, such as 404, which stays what it is.
  const isRefusal = Number(context.status) >= 400 && Number(context.status) < 500
  if (isRefusal && isExactly(error, ccxt.ExchangeNotAvailable)) return undefined
  if (isAny(error, [ccxt.OperationFailed])) return passing('EXCHANGE_UNAVAILABLE', message, context)
  return undefined
}

function passing(code: string, message: string, context: ErrorContext): ConnectivityError {
  return new ConnectivityError(code, message, { context })
}

type ErrorClass = abstract new (...values: never[]) => Error

function isAny(error: unknown, classes: readonly ErrorClass[]): boolean {
  return classes.some((one) => error instanceof one)
}

function isExactly(error: unknown, one: ErrorClass): boolean {
  return error instanceof Error && error.constructor === one
}

function kindOf(error: unknown): string {
  return error instanceof Error ? error.constructor.name : typeof error
}

const MESSAGE_MAX = 500

/**
 * The first line of a message, its addresses without their queries, no stop at its end. A longer one holds the body of a
 * reply and is not told at all: see `quoteForeign`.
 */
function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  const line = text.split('\n', 1)[0] as string
  if (line.length > MESSAGE_MAX) return `${kindOf(error)}, told in ${line.length} characters`
  return showControls(line)
    .replace(/((?:https?|wss?):\/\/[^\s?]+)\?\S*/g, '$1?…')
    .replace(/[\s.]+$/, '')
}
