import type { Exchange as Client } from 'ccxt'
import type { CandleColumns } from '../../core/candles.ts'
import { ConfigError, ConnectivityError } from '../../core/errors.ts'
import { didYouMean } from '../../core/suggest.ts'
import { type EpochMs, INSTANT_MS_END } from '../../core/units.ts'
import { type CandleRow, columnsOfRows } from '../candle-rows.ts'
import { ConnectionEnd } from '../connection-end.ts'
import type { CandleQuery, CandleUpdate, Exchange, ExchangeHost, Market } from '../exchange.ts'
import { notAfterDate } from '../reply-headers.ts'
import { inRange, readRange, refuseRowsWithoutTime } from './candle-pages.ts'
import { canStream, streamCandles } from './candle-stream.ts'
import { type Ccxt, errorOf, isLimit } from './failures.ts'
import { Markets } from './markets.ts'
import { attach } from './network.ts'
import { type Call, Requests } from './requests.ts'
import { SharedCall } from './shared-call.ts'
import { timeframesOf } from './timeframes.ts'

/** Where ccxt does not say how many candles a page holds. */
const CANDLES_PER_PAGE = 300
/** What is committed at once, and lost by a crash at most. */
const CANDLES_PER_PAGE_MAX = 5_000

/**
 * Venues that answer a question for a long range with its first candles, as they document. Kraken answers with the last 720 of
 * an interval, whatever is asked: the first that it has.
 */
const SEEKING: ReadonlySet<string> = new Set(['binance', 'binanceus', 'kraken'])

export interface CcxtOptions {
  /** Key in exchanges.yaml. */
  readonly name: string
  readonly client: Client
  /** Creates another client for the same venue. */
  readonly createClient: () => Promise<Client>
  readonly host: ExchangeHost
  readonly ccxt: Ccxt
}

/** Public candles and markets of one venue, through ccxt. */
export class CcxtExchange implements Exchange {
  readonly name: string
  readonly candlesPerPage: number
  readonly seeksForward: boolean
  readonly intervals: readonly string[]
  readonly watchCandles?: NonNullable<Exchange['watchCandles']>
  readonly #options: CcxtOptions
  readonly #client: Client
  readonly #requests: Requests
  readonly #end: ConnectionEnd
  /** ccxt's spelling of each interval. */
  readonly #timeframes: ReadonlyMap<string, string>
  #markets: Markets | undefined
  #loading: SharedCall<Markets> | undefined

  constructor(options: CcxtOptions) {
    const { name, client, host, ccxt } = options
    this.name = name
    this.#options = options
    this.#client = client
    this.#end = new ConnectionEnd(name)
    this.#requests = new Requests(name, host, (error) => isLimit(error, ccxt))
    attach(client, { ...this.#requests.network, openSocket: host.openSocket })
    refuseRowsWithoutTime(client, () => this.#wrongReply('has a row that is no candle'))
    this.#timeframes = timeframesOf(client)
    this.intervals = [...this.#timeframes.keys()]
    const limit = client.features?.spot?.fetchOHLCV?.limit
    const known = typeof limit === 'number' && limit > 0 ? limit : CANDLES_PER_PAGE
    this.candlesPerPage = Math.min(known, CANDLES_PER_PAGE_MAX)
    this.seeksForward = SEEKING.has(client.id)
    if (canStream(client.id)) this.watchCandles = (series, signal) => this.#watch(series, signal)
  }

  /**
   * The venue's clock. Where it has none to ask for, the date of its answers: cut to the second, so that it is late and never
   * early.
   */
  async serverTime(signal?: AbortSignal): Promise<EpochMs> {
    const asksForTime = this.#client.has.fetchTime === true
    if (!asksForTime) await this.#loadMarkets(signal)
    const time = asksForTime
      ? await this.#call({ signal }, () => this.#client.fetchTime())
      : this.#requests.latestDateMs
    if (typeof time === 'number' && time > 0 && time <= INSTANT_MS_END) {
      return notAfterDate(Math.floor(time) as EpochMs, this.#requests.latestDateMs)
    }
    throw this.#wrongReply(asksForTime ? 'tells no time' : 'has no date')
  }

  simulatedTime(): EpochMs | undefined {
    return this.#requests.simulatedMs
  }

  async markets(signal?: AbortSignal): Promise<readonly Market[]> {
    return (await this.#loadMarkets(signal)).list
  }

  async candles(query: CandleQuery, signal?: AbortSignal): Promise<CandleColumns> {
    const { symbol, interval, ...range } = query
    const timeframe = this.#timeframeOf(interval)
    const name = await this.#nameOf(symbol, signal)
    const ask = (fromMs: number, toMs: number, limit: number) =>
      this.#ask([name, timeframe, fromMs, limit, { until: toMs - 1 }], signal)
    const page = { ...range, interval, candlesPerPage: this.candlesPerPage }
    if (!this.seeksForward) return columnsOfRows(await readRange(page, ask))
    return columnsOfRows(inRange(await ask(range.fromMs, range.toMs, this.candlesPerPage), range))
  }

  /** Ends streams and requests under way, and refuses further ones. */
  async close(): Promise<void> {
    this.#end.close()
    await this.#client.close()
  }

  async #ask(
    words: Parameters<Client['fetchOHLCV']>,
    signal: AbortSignal | undefined,
  ): Promise<readonly CandleRow[]> {
    const call: Call = { signal }
    const rows = await this.#call(call, () => this.#client.fetchOHLCV(...words))
    // To ccxt that is an empty list of candles, and it would pass for a hole.
    if (rows.length === 0 && call.isBlank) throw this.#wrongReply('holds nothing')
    return rows
  }

  async *#watch(
    { symbol, interval }: { readonly symbol: string; readonly interval: string },
    signal: AbortSignal,
  ): AsyncGenerator<CandleUpdate, void> {
    const stop = AbortSignal.any([signal, this.#end.signal])
    if (stop.aborted) return
    const timeframe = this.#timeframeOf(interval)
    const name = await this.#nameOf(symbol, stop)
    const { createClient, host, ccxt } = this.#options
    const client = await createClient()
    client.setMarketsFromExchange(this.#client)
    const where = `exchange '${this.name}': stream ${symbol} ${interval}`
    const names = { symbol: name, timeframe, as: symbol }
    try {
      yield* streamCandles({ client, host, ...names, where, signal: stop })
    } catch (error) {
      throw errorOf(error, { name: this.name, call: { signal: undefined }, ccxt })
    }
  }

  async #nameOf(symbol: string, signal: AbortSignal | undefined): Promise<string> {
    signal?.throwIfAborted()
    const markets = this.#markets ?? (await this.#loadMarkets(signal))
    return markets.nameOf(symbol)
  }

  /** Calls that come meanwhile share the answer, as they do inside ccxt. */
  async #loadMarkets(signal: AbortSignal | undefined): Promise<Markets> {
    signal?.throwIfAborted()
    // ccxt would let a new call share the failure of one that is being given up.
    while (this.#loading?.isAbandoned) await this.#loading.ended
    this.#loading ??= this.#startLoading()
    return await this.#loading.wait(signal)
  }

  #startLoading(): SharedCall<Markets> {
    const loading = new SharedCall((signal) => this.#askForMarkets(signal))
    void loading.ended.then(() => {
      this.#loading = undefined
    })
    return loading
  }

  async #askForMarkets(signal: AbortSignal): Promise<Markets> {
    try {
      await this.#call({ signal }, () => this.#client.loadMarkets(true))
    } catch (error) {
      // ccxt remembers a failure for good: all that it is asked for later would fail with it.
      Object.assign(this.#client, { marketsLoading: undefined })
      throw error
    }
    const markets = new Markets(this.name, this.#client)
    if (markets.list.length === 0) throw this.#wrongReply('lists no spot market')
    this.#markets = markets
    return markets
  }

  #timeframeOf(interval: string): string {
    const timeframe = this.#timeframes.get(interval)
    if (timeframe !== undefined) return timeframe
    throw new ConfigError(
      'UNKNOWN_INTERVAL',
      `exchange '${this.name}' has no candles of ${interval}.${didYouMean(interval, this.intervals)} It has ${this.intervals.join(', ')}.`,
      { context: { exchange: this.name, interval } },
    )
  }

  async #call<T>(call: Call, work: () => Promise<T>): Promise<T> {
    return await this.#end.run(call.signal, async (signal) => {
      signal.throwIfAborted()
      call.signal = signal
      try {
        return await this.#requests.run(call, work)
      } catch (error) {
        throw errorOf(error, { name: this.name, call, ccxt: this.#options.ccxt })
      }
    })
  }

  #wrongReply(what: string): ConnectivityError {
    return new ConnectivityError('EXCHANGE_REPLY', `exchange '${this.name}': the reply ${what}.`, {
      context: { exchange: this.name },
    })
  }
}
