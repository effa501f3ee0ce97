import { decimalText } from '../decimal.ts'
import type { Candle } from '../market/series.ts'
import type { Venue } from '../venue/venue.ts'
import type { VenueSeries } from '../venue/venue-series.ts'
import { badCombination, invalidInterval, invalidSymbol } from './api-error.ts'
import { rateLimits, symbolInfo } from './exchange-info.ts'
import { limitOf, optionalTime, requiredText, symbolListOf, symbolOf } from './parameters.ts'

/** What a handler sees of a request. */
export interface RequestContext {
  readonly venue: Venue
  readonly query: URLSearchParams
  /** Simulated time. */
  readonly nowMs: number
  /** Request weight that is granted per minute. */
  readonly weightPerMinute: number
}

/** Candles stay candles until faults have been applied to them; everything else is a JSON value. */
export type Answer =
  | { readonly candles: readonly Candle[]; readonly series: VenueSeries }
  | { readonly json: unknown }

/** One line of the routing table. */
export interface Endpoint {
  readonly method: 'GET'
  readonly path: string
  /** As fault plans and statistics call it. */
  readonly name: string
  readonly parameters: readonly string[]
  weight(query: URLSearchParams): number
  /** @throws ApiError */
  handle(context: RequestContext): Answer | Promise<Answer>
}

const KLINES = {
  method: 'GET',
  parameters: ['symbol', 'interval', 'startTime', 'endTime', 'limit'],
  weight: () => 2,
  handle: klines,
} as const

/** Paths and weights: https://developers.binance.com/docs/binance-spot-api-docs/rest-api */
export const ENDPOINTS: readonly Endpoint[] = [
  {
    method: 'GET',
    path: '/api/v3/ping',
    name: 'ping',
    parameters: [],
    weight: () => 1,
    handle: () => ({ json: {} }),
  },
  {
    method: 'GET',
    path: '/api/v3/time',
    name: 'time',
    parameters: [],
    weight: () => 1,
    handle: ({ nowMs }) => ({ json: { serverTime: nowMs } }),
  },
  {
    method: 'GET',
    path: '/api/v3/exchangeInfo',
    name: 'exchangeInfo',
    parameters: ['symbol', 'symbols', 'permissions', 'showPermissionSets', 'symbolStatus'],
    weight: () => 20,
    handle: exchangeInfo,
  },
  { ...KLINES, path: '/api/v3/klines', name: 'klines' },
  { ...KLINES, path: '/api/v3/uiKlines', name: 'uiKlines' },
  {
    method: 'GET',
    path: '/api/v3/ticker/price',
    name: 'ticker/price',
    parameters: ['symbol', 'symbols'],
    weight: (query) => (query.has('symbol') ? 2 : 4),
    handle: tickerPrice,
  },
]

async function klines({ venue, query, nowMs }: RequestContext): Promise<Answer> {
  const symbol = symbolOf(requiredText(query, 'symbol'))
  const interval = requiredText(query, 'interval')
  const from = optionalTime(query, 'startTime')
  const to = optionalTime(query, 'endTime')
  const limit = limitOf(query, { fallback: 500, most: 1000 })
  if (!venue.hasInterval(interval)) throw invalidInterval()
  if (!venue.symbols.includes(symbol)) throw invalidSymbol()
  if (!venue.serves(symbol, interval)) {
    throw invalidInterval(` (Simulator: it cannot build ${interval} candles of ${symbol}.)`)
  }
  const series = await venue.series(symbol, interval)
  const keep = from === undefined ? 'newest' : 'oldest'
  const candles = series.page({ fromMs: from ?? 0, toMs: to ?? nowMs, limit, keep }, nowMs)
  return { candles, series }
}

async function exchangeInfo({ venue, query, nowMs, ...context }: RequestContext): Promise<Answer> {
  const isTrading = (query.get('symbolStatus') ?? 'TRADING') === 'TRADING'
  const isSpot = (query.get('permissions') ?? 'SPOT').includes('SPOT')
  const asked = symbolsAsked(query, venue) ?? venue.symbols
  const symbols = isTrading && isSpot ? asked : []
  const describe = async (symbol: string) => symbolInfo(symbol, await venue.precision(symbol))
  const json = {
    timezone: 'UTC',
    serverTime: nowMs,
    rateLimits: rateLimits(context.weightPerMinute),
    exchangeFilters: [],
    symbols: await Promise.all(symbols.map(describe)),
  }
  return { json }
}

async function tickerPrice({ venue, query, nowMs }: RequestContext): Promise<Answer> {
  const symbols = symbolsAsked(query, venue) ?? venue.symbols
  const priceOf = async (symbol: string) => {
    const price = decimalText((await venue.lastPrice(symbol, nowMs)) ?? 0)
    return { symbol, price }
  }
  const prices = await Promise.all(symbols.map(priceOf))
  return { json: query.has('symbol') ? prices[0] : prices }
}

/** Undefined when the request names no symbol. @throws ApiError */
function symbolsAsked(query: URLSearchParams, venue: Venue): readonly string[] | undefined {
  const one = query.get('symbol')
  const several = query.get('symbols')
  if (one !== null && several !== null) throw badCombination()
  if (one === null && several === null) return undefined
  const asked = one === null ? symbolListOf(several ?? '') : [symbolOf(one)]
  if (!asked.every((symbol) => venue.symbols.includes(symbol))) throw invalidSymbol()
  return asked
}
