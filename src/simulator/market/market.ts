import { divides, parseInterval } from '../../core/intervals.ts'
import { decimalsOf } from '../decimal.ts'
import type { MarketSource } from '../source.ts'
import type { Precision } from './forming.ts'
import { Series } from './series.ts'
import { TradedSeries } from './traded-series.ts'

/** All series of the source, each read when it is first asked for. */
export class Market {
  readonly symbols: readonly string[]
  readonly #source: MarketSource
  readonly #recorded = new Memo<Series>()
  readonly #traded = new Memo<TradedSeries>()
  readonly #precisions = new Memo<Precision>()

  constructor(source: MarketSource) {
    this.#source = source
    this.symbols = source.symbols
  }

  /** Whether candles of the interval are recorded or can be built from recorded ones. */
  serves(symbol: string, interval: string): boolean {
    const grid = parseInterval(interval)
    const stored = this.#source.storedIntervals(symbol).map(parseInterval)
    return stored.some((fine) => fine.name === interval || divides(fine, grid))
  }

  /** @param interval one that is served */
  series(symbol: string, interval: string): Promise<TradedSeries> {
    return this.#traded.get(`${symbol} ${interval}`, async () => {
      const grid = parseInterval(interval)
      const finer = this.#source
        .storedIntervals(symbol)
        .filter((stored) => divides(parseInterval(stored), grid))
      return new TradedSeries(
        symbol,
        await this.#load(symbol, interval),
        await Promise.all(finer.map((stored) => this.#load(symbol, stored))),
        await this.precision(symbol),
      )
    })
  }

  /** The finest recorded series of a symbol. */
  finest(symbol: string): Promise<TradedSeries> {
    return this.series(symbol, this.#finestInterval(symbol))
  }

  /** Decimals of prices and sizes, as the finest candles have them. */
  precision(symbol: string): Promise<Precision> {
    return this.#precisions.get(symbol, async () => {
      const { columns } = await this.#load(symbol, this.#finestInterval(symbol))
      return {
        price: decimalsOf(columns.open, columns.high, columns.low, columns.close),
        size: decimalsOf(columns.volume),
      }
    })
  }

  #finestInterval(symbol: string): string {
    return this.#source.storedIntervals(symbol)[0] as string
  }

  #load(symbol: string, interval: string): Promise<Series> {
    return this.#recorded.get(
      `${symbol} ${interval}`,
      async () => new Series(parseInterval(interval), await this.#source.candles(symbol, interval)),
    )
  }
}

/** Values that are made once. A failure is not kept: the next request tries again. */
class Memo<T> {
  readonly #made = new Map<string, Promise<T>>()

  get(key: string, make: () => Promise<T>): Promise<T> {
    const known = this.#made.get(key)
    if (known !== undefined) return known
    const made = make()
    this.#made.set(key, made)
    made.catch(() => this.#made.delete(key))
    return made
  }
}
