import type { Exchange as Client } from 'ccxt'
import type { CandleColumns } from '../../core/candles.ts'
import { ConfigError } from '../../core/errors.ts'
import { didYouMean } from '../../core/suggest.ts'
import { type EpochMs, findCanonicalInterval, findIntervalMs } from '../../core/units.ts'
import { ConnectionEnd } from '../connection-end.ts'
import type { CandleQuery, Exchange, ExchangeHost, Market } from '../exchange.ts'
import { errorOf } from './failures.ts'
import { marketsOf, type NamedMarket } from './markets.ts'
import { type Call, Requests } from './requests.ts'

/** Where ccxt does not say how many candles a page holds. */
const CANDLES_PER_PAGE = 300

/** Public candles and markets through ccxt. It gives no stream: ccxt's hides whether a candle is closed, and loses updates. */
export class CcxtExchange implements Exchange {
  readonly name: string
  readonly candlesPerPage: number
  readonly seeksForward: boolean
  readonly intervals: readonly string[]
  readonly #client: Client
  readonly #host: ExchangeHost
  readonly #requests: Requests
  readonly #end: ConnectionEnd
  /** ccxt's spelling of each interval. */
  readonly #timeframes: ReadonlyMap<string, string>
  #markets: ReadonlyMap<string, NamedMarket> | undefined

  constructor(name: string, client: Client, host: ExchangeHost) {
    this.name = name
    this.#client = client
    this.#host = host
    this.#requests = new Requests(name, host)
    this.#end = new ConnectionEnd(name)
    client.fetchImplementation = this.#requests.fetch
    this.#timeframes = timeframesOf(client)
    this.intervals = [...this.#timeframes.keys()]
    const limit = client.features?.spot?.fetchOHLCV?.limit
    this.candlesPerPage = typeof limit === 'number' && limit > 0 ? limit : CANDLES_PER_PAGE
    this.seeksForward = client.id.startsWith('binance')
  }

  /** Where the venue has no clock to ask for, the date of an answer, cut to the second. */
  async serverTime(signal?: AbortSignal): Promise<EpochMs> {
    const call: Call = { signal }
    if (this.#client.has.fetchTime) {
      return (await this.#call(call, () => this.#client.fetchTime())) as EpochMs
    }
    await this.#loadMarkets(call)
    return (call.dateMs ?? this.#host.clock.now()) as EpochMs
  }

  async markets(signal?: AbortSignal): Promise<readonly Market[]> {
    const markets = await this.#loadMarkets({ signal })
    return [...markets.values()].map(({ market }) => market)
  }

  async candles(query: CandleQuery, signal?: AbortSignal): Promise<CandleColumns> {
    const { symbol, interval, fromMs, toMs } = query
    const timeframe = this.#timeframeOf(interval)
    const { id } = await this.#market(symbol, signal)
    const slots = Math.ceil((toMs - fromMs) / (findIntervalMs(interval) as number))
    const limit = Math.min(this.candlesPerPage, slots)
    const rows = await this.#call({ signal }, () =>
      this.#client.fetchOHLCV(id, timeframe, fromMs, limit, { until: toMs - 1 }),
    )
    return columnsOf(rows)
  }

  /** Ends requests under way, and refuses further ones. */
  async close(): Promise<void> {
    this.#end.close()
    await this.#client.close()
  }

  async #market(symbol: string, signal: AbortSignal | undefined): Promise<NamedMarket> {
    const markets = this.#markets ?? (await this.#loadMarkets({ signal }))
    const market = markets.get(symbol)
    if (market !== undefined) return market
    throw new ConfigError(
      'UNKNOWN_SYMBOL',
      `exchange '${this.name}': the venue has no market '${symbol}'.${didYouMean(symbol, markets.keys())}`,
      { context: { exchange: this.name, symbol } },
    )
  }

  /** Always asks the venue: ccxt would remember a first failure for good. */
  async #loadMarkets(call: Call): Promise<ReadonlyMap<string, NamedMarket>> {
    await this.#call(call, () => this.#client.loadMarkets(true))
    this.#markets = marketsOf(this.#client)
    return this.#markets
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
      call.signal = signal
      try {
        return await this.#requests.run(call, work)
      } catch (error) {
        const ccxt = await import('ccxt')
        throw errorOf(error, { name: this.name, call, ccxt })
      }
    })
  }
}

/** Intervals that both sides can name, shortest first: ccxt has seconds, months and years too. */
function timeframesOf(client: Client): ReadonlyMap<string, string> {
  const pairs = Object.keys(client.timeframes ?? {}).flatMap((timeframe) => {
    const ms = findIntervalMs(timeframe)
    const interval = findCanonicalInterval(timeframe)
    return ms === undefined || interval === undefined ? [] : [{ ms, interval, timeframe }]
  })
  pairs.sort((a, b) => a.ms - b.ms)
  return new Map(pairs.map(({ interval, timeframe }) => [interval, timeframe]))
}

/** A value that ccxt could not read is NaN: the caller refuses the row. */
function columnsOf(rows: readonly (readonly (number | undefined)[])[]): CandleColumns {
  const column = (index: number) => Float64Array.from(rows, (row) => row[index] ?? Number.NaN)
  return {
    openTime: column(0),
    open: column(1),
    high: column(2),
    low: column(3),
    close: column(4),
    volume: column(5),
  }
}
