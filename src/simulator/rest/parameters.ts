import {
  emptyParameter,
  illegalCharacters,
  invalidParameter,
  missingParameter,
  repeatedParameter,
  unreadParameters,
} from './api-error.ts'

/** As Binance's refusals name it. Its symbols may hold letters of any script since 2025-12, which is not recorded of the pattern. */
const SYMBOL = '^[A-Z0-9-_.]{1,20}$'
const ACCEPTED = '[\\p{Lu}\\p{Lo}\\p{Lm}\\p{M}\\p{N}\\-_.]{1,20}'
const NUMBER = '^[0-9]{1,20}$'

/** Times from here on are microseconds: in milliseconds they would be in the year 5138. */
const MICROSECONDS_FROM = 1e14

/** Refuses parameters that an endpoint does not have, and repeated ones. @throws ApiError */
export function checkParameters(query: URLSearchParams, known: readonly string[]): void {
  const names = [...query.keys()]
  const unique = new Set(names)
  if (unique.size < names.length) throw repeatedParameter()
  const read = names.filter((name) => known.includes(name)).length
  if (read < names.length) throw unreadParameters(read, names.length)
}

/** @throws ApiError */
export function requiredText(query: URLSearchParams, name: string): string {
  const text = query.get(name)
  if (text === null || text === '') throw missingParameter(name)
  return text
}

/** Whether a market can have this name here; candles may be stored under others. */
export function isSymbol(text: string): boolean {
  return new RegExp(`^${ACCEPTED}$`, 'u').test(text)
}

/** @throws ApiError */
export function symbolOf(text: string, name = 'symbol'): string {
  if (!isSymbol(text)) throw illegalCharacters(name, SYMBOL)
  return text
}

/** Returns the symbols of a JSON list such as `["BTCUSDT","ETHUSDT"]`. @throws ApiError */
export function symbolListOf(text: string): readonly string[] {
  const range = '^\\[("[A-Z0-9-_.]{1,20}"(,"[A-Z0-9-_.]{1,20}"){0,}){0,1}\\]$'
  const accepted = `^\\[("${ACCEPTED}"(,"${ACCEPTED}")*)?\\]$`
  if (!new RegExp(accepted, 'u').test(text)) throw illegalCharacters('symbols', range)
  return JSON.parse(text)
}

/** Returns a whole number, or undefined when it was not sent. @throws ApiError */
export function optionalInteger(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name)
  if (text === null) return undefined
  if (text === '') throw emptyParameter(name)
  if (!new RegExp(NUMBER).test(text)) throw illegalCharacters(name, NUMBER)
  return Number(text)
}

/** Returns a time in epoch milliseconds; it may have been sent in microseconds. @throws ApiError */
export function optionalTime(query: URLSearchParams, name: string): number | undefined {
  const time = optionalInteger(query, name)
  return time !== undefined && time >= MICROSECONDS_FROM ? Math.floor(time / 1000) : time
}

/** @throws ApiError */
export function limitOf(
  query: URLSearchParams,
  { fallback, most }: { readonly fallback: number; readonly most: number },
): number {
  const limit = optionalInteger(query, 'limit') ?? fallback
  if (limit < 1) throw invalidParameter('limit')
  return Math.min(limit, most)
}
