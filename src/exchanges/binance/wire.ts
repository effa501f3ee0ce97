import { type Static, type TSchema, Type } from 'typebox'
import { Value } from 'typebox/value'
import type { CandleColumns } from '../../core/candles.ts'
import { wrongReply } from '../../core/reply-body.ts'
import { type EpochMs, INSTANT_MS_END } from '../../core/units.ts'

/** What Binance sends. https://developers.binance.com/docs/binance-spot-api-docs/rest-api */

const Instant = Type.Integer({ minimum: 0, maximum: INSTANT_MS_END })

/**
 * GET /api/v3/time
 *
 *     {"serverTime":1499827319559}
 */
const ServerTime = Type.Object({ serverTime: Instant })

/**
 * GET /api/v3/exchangeInfo, as far as it is read here
 *
 *     {"timezone":"UTC","serverTime":1565246363776,"rateLimits":[...],"exchangeFilters":[],"symbols":[
 *       {"symbol":"BTCUSDT","status":"TRADING","baseAsset":"BTC","quoteAsset":"USDT","isSpotTradingAllowed":true,"filters":[
 *         {"filterType":"PRICE_FILTER","minPrice":"0.01000000","maxPrice":"1000000.00000000","tickSize":"0.01000000"},
 *         {"filterType":"LOT_SIZE","minQty":"0.00001000","maxQty":"9000.00000000","stepSize":"0.00001000"},
 *         {"filterType":"NOTIONAL","minNotional":"5.00000000","applyMinToMarket":true,"maxNotional":"9000000.00000000",...}]}]}
 */
const Filter = Type.Object({
  filterType: Type.String(),
  tickSize: Type.Optional(Type.String()),
  stepSize: Type.Optional(Type.String()),
  minQty: Type.Optional(Type.String()),
  maxQty: Type.Optional(Type.String()),
  minNotional: Type.Optional(Type.String()),
})
const SymbolInfo = Type.Object({
  symbol: Type.String({ minLength: 1 }),
  status: Type.String(),
  baseAsset: Type.String(),
  quoteAsset: Type.String(),
  isSpotTradingAllowed: Type.Boolean(),
  filters: Type.Array(Filter),
})
export type SymbolInfo = Static<typeof SymbolInfo>
/**
 * Weight per address in so many minutes, among other limits
 *
 *     {"rateLimitType":"REQUEST_WEIGHT","interval":"MINUTE","intervalNum":1,"limit":6000}
 */
const WeightLimit = Type.Object({
  rateLimitType: Type.Literal('REQUEST_WEIGHT'),
  interval: Type.Literal('MINUTE'),
  intervalNum: Type.Integer({ minimum: 1 }),
  limit: Type.Number({ exclusiveMinimum: 0 }),
})
const ExchangeInfo = Type.Object({
  rateLimits: Type.Optional(Type.Array(Type.Unknown())),
  symbols: Type.Array(SymbolInfo),
})
export interface ExchangeInfo {
  readonly symbols: readonly SymbolInfo[]
  /** undefined where the venue does not say. */
  readonly weightPerMinute: number | undefined
}

/**
 * A refusal, of any endpoint
 *
 *     {"code":-1121,"msg":"Invalid symbol."}
 */
const Refusal = Type.Object({ code: Type.Integer(), msg: Type.String() })
export type Refusal = Static<typeof Refusal>

/**
 * Stream SYMBOL@kline_INTERVAL, in the wrapper of combined streams
 *
 *     {"stream":"btcusdt@kline_1m","data":{"e":"kline","E":1672515782136,"s":"BTCUSDT","k":{"t":1672515780000,
 *      "T":1672515839999,"s":"BTCUSDT","i":"1m","f":100,"L":200,"o":"0.0010","c":"0.0020","h":"0.0025","l":"0.0015",
 *      "v":"1000","n":100,"x":false,"q":"1.0000","V":"500","Q":"0.500","B":"123456"}}}
 */
const Decimal = Type.String({ pattern: '^-?\\d+(\\.\\d+)?$' })
const KlineEvent = Type.Object({
  e: Type.Literal('kline'),
  E: Instant,
  s: Type.String(),
  k: Type.Object({
    t: Instant,
    i: Type.String(),
    o: Decimal,
    h: Decimal,
    l: Decimal,
    c: Decimal,
    v: Decimal,
    x: Type.Boolean(),
  }),
})
export type KlineEvent = Static<typeof KlineEvent>

/** @throws ConnectivityError `EXCHANGE_REPLY` */
export function parseServerTime(body: unknown, where: string): EpochMs {
  return checked(ServerTime, body, where).serverTime as EpochMs
}

/** @throws ConnectivityError `EXCHANGE_REPLY` */
export function parseExchangeInfo(body: unknown, where: string): ExchangeInfo {
  const { symbols, rateLimits = [] } = checked(ExchangeInfo, body, where)
  const granted = rateLimits
    .filter((limit) => Value.Check(WeightLimit, limit))
    .map(({ limit, intervalNum }) => limit / intervalNum)
  return { symbols, weightPerMinute: granted.length === 0 ? undefined : Math.min(...granted) }
}

/** @throws ConnectivityError `EXCHANGE_REPLY` */
export function parseKlineEvent(data: unknown, where: string): KlineEvent {
  return checked(KlineEvent, data, where)
}

/** Returns the refusal in a body, or undefined when there is none. */
export function findRefusal(body: string): Refusal | undefined {
  try {
    const parsed: unknown = JSON.parse(body)
    return Value.Check(Refusal, parsed) ? parsed : undefined
  } catch {
    return undefined
  }
}

/** Open time, then open, high, low, close and volume. */
const FIELDS_MIN = 6

/**
 * GET /api/v3/klines: the candles as they were sent, in their order. A price or volume that is no number becomes NaN.
 *
 *     [[1499040000000,"0.01634790","0.80000000","0.01575800","0.01577100","148976.11427815",1499644799999,"2434.19055334",
 *       308,"1756.87402397","28.46694368","0"]]
 *
 * @throws ConnectivityError `EXCHANGE_REPLY` when it is no list of candles
 */
export function parseKlines(body: unknown, where: string): CandleColumns {
  if (!Array.isArray(body)) throw wrongReply(where, 'is no list of candles')
  const column = () => new Float64Array(body.length)
  const columns = {
    openTime: column(),
    open: column(),
    high: column(),
    low: column(),
    close: column(),
    volume: column(),
  }
  for (let row = 0; row < body.length; row++) {
    const fields: unknown = body[row]
    if (!Array.isArray(fields) || fields.length < FIELDS_MIN || !isInstant(fields[0])) {
      throw wrongReply(where, `has a row ${row + 1} that is no candle`)
    }
    columns.openTime[row] = fields[0]
    columns.open[row] = decimalOf(fields[1])
    columns.high[row] = decimalOf(fields[2])
    columns.low[row] = decimalOf(fields[3])
    columns.close[row] = decimalOf(fields[4])
    columns.volume[row] = decimalOf(fields[5])
  }
  return columns
}

function isInstant(field: unknown): field is number {
  return Number.isSafeInteger(field) && (field as number) >= 0 && (field as number) < INSTANT_MS_END
}

const DECIMAL = /^-?\d+(?:\.\d+)?$/

function decimalOf(field: unknown): number {
  return typeof field === 'string' && DECIMAL.test(field) ? Number(field) : Number.NaN
}

function checked<S extends TSchema>(schema: S, value: unknown, where: string): Static<S> {
  if (Value.Check(schema, value)) return value as Static<S>
  const first = Value.Errors(schema, value)[0]
  const what = first === undefined ? 'has another shape' : `${first.instancePath} ${first.message}`
  throw wrongReply(where, `is not as documented: ${what.trim()}`)
}
