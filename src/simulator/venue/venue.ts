import type { Precision } from '../market/forming.ts'
import type { Market } from '../market/market.ts'
import type { VenueRules } from './rules.ts'
import { VenueSeries } from './venue-series.ts'

/** Intervals of Binance's candles. */
const INTERVALS: ReadonlySet<string> = new Set([
  ...['1s', '1m', '3m', '5m', '15m', '30m', '1h', '2h', '4h', '6h', '8h', '12h'],
  ...['1d', '3d', '1w', '1M'],
])
/** The platform does not know candles below a minute and of a month, and has those of three days on another grid than Binance. */
const NOT_SERVED: ReadonlySet<string> = new Set(['1s', '3d', '1M'])

/** The exchange: its markets, and what it has recorded of them. */
export class Venue {
  readonly #market: Market
  readonly #rules: VenueRules

  constructor(market: Market, rules: VenueRules) {
    this.#market = market
    this.#rules = rules
  }

  get symbols(): readonly string[] {
    return this.#market.symbols
  }

  hasInterval(interval: string): boolean {
    return INTERVALS.has(interval)
  }

  serves(symbol: string, interval: string): boolean {
    const isAsked = INTERVALS.has(interval) && !NOT_SERVED.has(interval)
    return isAsked && this.#market.serves(symbol, interval)
  }

  /** @param interval one that is served */
  async series(symbol: string, interval: string): Promise<VenueSeries> {
    return new VenueSeries(await this.#market.series(symbol, interval), this.#rules)
  }

  precision(symbol: string): Promise<Precision> {
    return this.#market.precision(symbol)
  }

  /** Price of the last trade; undefined before the first one. */
  async lastPrice(symbol: string, nowMs: number): Promise<number | undefined> {
    const finest = new VenueSeries(await this.#market.finest(symbol), this.#rules)
    const all = { fromMs: 0, toMs: nowMs, limit: 1, keep: 'newest' } as const
    return finest.page(all, nowMs)[0]?.close
  }
}
