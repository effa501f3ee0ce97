import type { CandleColumns } from '../../core/candles.ts'
import { ConfigError } from '../../core/errors.ts'
import { didYouMean } from '../../core/suggest.ts'
import type { EpochMs } from '../../core/units.ts'
import { ConnectionEnd } from '../connection-end.ts'
import type { CandleQuery, CandleUpdate, Exchange, ExchangeHost, Market } from '../exchange.ts'
import { notAfterDate } from '../reply-headers.ts'
import { readFrames } from '../transport/socket-frames.ts'
import type { Addresses } from './addresses.ts'
import { BinanceRest, type RestReply, type RestRequest } from './binance-rest.ts'
import { klineStreamPath, klineUpdates } from './kline-stream.ts'
import { marketOf } from './markets.ts'
import { parseExchangeInfo, parseKlines, parseServerTime } from './wire.ts'

/** Request weights: https://developers.binance.com/docs/binance-spot-api-docs/rest-api */
const WEIGHTS = { time: 1, exchangeInfo: 20, klines: 2 } as const

const CANDLES_PER_PAGE = 1_000

/** The venue pings every 20 s and drops a connection that is silent for a minute; ours notices sooner. */
const STREAM = { pingMs: 10_000, silentPingsMax: 2, pendingMax: 10_000 } as const

export interface BinanceOptions {
  /** Key in exchanges.yaml. */
  readonly name: string
  readonly intervals: readonly string[]
  readonly addresses: Addresses
  readonly host: ExchangeHost
}

/** Binance's public spot market. */
export class BinanceExchange implements Exchange {
  readonly name: string
  readonly intervals: readonly string[]
  readonly candlesPerPage = CANDLES_PER_PAGE
  readonly seeksForward = true
  readonly #host: ExchangeHost
  readonly #addresses: Addresses
  readonly #rest: BinanceRest
  readonly #end: ConnectionEnd
  #symbols: readonly string[] | undefined
  #simulatedMs: EpochMs | undefined

  constructor({ name, intervals, addresses, host }: BinanceOptions) {
    this.name = name
    this.intervals = intervals
    this.#host = host
    this.#addresses = addresses
    this.#end = new ConnectionEnd(name)
    this.#rest = new BinanceRest(name, addresses.rest, host)
  }

  async serverTime(signal?: AbortSignal): Promise<EpochMs> {
    const request = { path: '/api/v3/time', weight: WEIGHTS.time, signal }
    const { body, where, dateMs, simulatedMs } = await this.#get(request)
    this.#simulatedMs = simulatedMs
    return notAfterDate(parseServerTime(body, where), dateMs)
  }

  simulatedTime(): EpochMs | undefined {
    return this.#simulatedMs
  }

  async markets(signal?: AbortSignal): Promise<readonly Market[]> {
    const { body, where } = await this.#get({
      path: '/api/v3/exchangeInfo',
      // The permission sets of all markets are most of the reply, and are not read.
      params: { showPermissionSets: false },
      weight: WEIGHTS.exchangeInfo,
      signal,
    })
    const { symbols, weightPerMinute } = parseExchangeInfo(body, where)
    if (weightPerMinute !== undefined) this.#host.budget.lower(weightPerMinute)
    const markets = symbols.map(marketOf)
    this.#symbols = markets.map(({ symbol }) => symbol)
    return markets
  }

  async candles(query: CandleQuery, signal?: AbortSignal): Promise<CandleColumns> {
    const { symbol, interval, fromMs, toMs } = query
    this.#checkInterval(interval)
    const params = {
      symbol,
      interval,
      startTime: fromMs,
      endTime: toMs - 1,
      limit: CANDLES_PER_PAGE,
    }
    try {
      const request = { path: '/api/v3/klines', params, weight: WEIGHTS.klines, signal }
      const { body, where } = await this.#get(request)
      return parseKlines(body, where)
    } catch (error) {
      throw await this.#withSuggestion(error, symbol, signal)
    }
  }

  async *watchCandles(
    { symbol, interval }: { readonly symbol: string; readonly interval: string },
    signal: AbortSignal,
  ): AsyncGenerator<CandleUpdate, void> {
    const stop = AbortSignal.any([signal, this.#end.signal])
    if (stop.aborted) return
    await this.#checkSymbol(symbol, interval, signal)
    const where = `exchange '${this.name}': stream ${symbol} ${interval}`
    const url = `${this.#addresses.stream}${klineStreamPath(symbol, interval)}`
    const frames = readFrames(this.#host.openSocket(url), { ...STREAM, where, signal: stop })
    yield* klineUpdates(frames, where)
  }

  /** Ends streams and requests under way, and refuses further ones. */
  async close(): Promise<void> {
    this.#end.close()
  }

  #get(request: RestRequest): Promise<RestReply> {
    return this.#end.run(request.signal, (signal) => this.#rest.get({ ...request, signal }))
  }

  #checkInterval(interval: string): void {
    if (this.intervals.includes(interval)) return
    throw new ConfigError(
      'UNKNOWN_INTERVAL',
      `exchange '${this.name}' has no candles of ${interval}.${didYouMean(interval, this.intervals)} It has ${this.intervals.join(', ')}.`,
      { context: { exchange: this.name, interval } },
    )
  }

  /** The venue accepts a stream of any name and then never sends anything, so the name is tried on a request first. */
  async #checkSymbol(symbol: string, interval: string, signal: AbortSignal): Promise<void> {
    const nowMs = this.#host.clock.now()
    await this.candles({ symbol, interval, fromMs: nowMs, toMs: nowMs + 1 }, signal)
  }

  async #withSuggestion(error: unknown, symbol: string, signal?: AbortSignal): Promise<unknown> {
    if (!(error instanceof ConfigError) || error.code !== 'UNKNOWN_SYMBOL') return error
    if (this.#symbols === undefined) await this.markets(signal).catch(() => {})
    const suggestion = didYouMean(symbol, this.#symbols ?? [])
    return new ConfigError(error.code, `${error.message}${suggestion}`, { context: error.context })
  }
}
