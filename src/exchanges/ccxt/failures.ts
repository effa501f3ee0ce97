import {
  ConfigError,
  ConnectivityError,
  type ErrorContext,
  PlatformError,
  VenueRejection,
} from '../../core/errors.ts'
import type { Call } from './requests.ts'

type ErrorClasses = typeof import('ccxt')

/**
 * Returns what an error of ccxt means here. What the transport said is better than what ccxt made of it. Messages of ccxt
 * are not passed on as they are: they repeat whole addresses, which can hold a signature.
 */
export function errorOf(
  error: unknown,
  { name, call, ccxt }: { readonly name: string; readonly call: Call; readonly ccxt: ErrorClasses },
): unknown {
  if (call.signal?.aborted) return call.signal.reason
  if (call.failure instanceof PlatformError) return call.failure
  if (error instanceof PlatformError) return error
  const where = `exchange '${name}'`
  const context = { exchange: name, status: call.status, kind: kindOf(error) }
  const said = messageOf(error)
  if (
    call.retryAfterMs !== undefined ||
    isAny(error, [ccxt.DDoSProtection, ccxt.RateLimitExceeded])
  ) {
    const retryAfterMs = call.retryAfterMs ?? 60_000
    const message = `${where}: too many requests; the venue asks to wait ${Math.ceil(retryAfterMs / 1000)} s.`
    return passing('RATE_LIMITED', message, { ...context, retryAfterMs })
  }
  if ((call.status ?? 0) >= 500) {
    return passing('EXCHANGE_UNAVAILABLE', `${where}: HTTP ${call.status}.`, context)
  }
  if (isAny(error, [ccxt.BadSymbol])) {
    return new ConfigError('UNKNOWN_SYMBOL', `${where}: ${said}`, { context })
  }
  if (isAny(error, [ccxt.RequestTimeout])) {
    return passing('EXCHANGE_TIMEOUT', `${where}: no complete reply in time.`, context)
  }
  if (isAny(error, [ccxt.BadResponse, ccxt.NullResponse]) || !isAny(error, [ccxt.BaseError])) {
    return passing('EXCHANGE_REPLY', `${where}: the reply is not as expected: ${said}`, context)
  }
  if (isAny(error, [ccxt.ExchangeNotAvailable, ccxt.OperationFailed])) {
    return passing('EXCHANGE_UNAVAILABLE', `${where}: ${said}`, context)
  }
  return new VenueRejection('VENUE_REFUSED', `${where}: the venue refused: ${said}`, { context })
}

function passing(code: string, message: string, context: ErrorContext): ConnectivityError {
  return new ConnectivityError(code, message, { context })
}

type ErrorClass = abstract new (...values: never[]) => Error

function isAny(error: unknown, classes: readonly ErrorClass[]): boolean {
  return classes.some((one) => error instanceof one)
}

function kindOf(error: unknown): string {
  return error instanceof Error ? error.constructor.name : typeof error
}

const MESSAGE_MAX = 200

/** The first line of a message, its addresses without their queries. */
function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  const line = text.split('\n', 1)[0] as string
  return line.replace(/(https?:\/\/[^\s?]+)\?\S*/g, '$1?…').slice(0, MESSAGE_MAX)
}
