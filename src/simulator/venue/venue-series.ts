import type { IntervalGrid } from '../../core/intervals.ts'
import type { Candle } from '../market/series.ts'
import type { TradedSeries } from '../market/traded-series.ts'
import type { SeriesRules, VenueRules } from './rules.ts'

/** Candles with open times in [fromMs, toMs], both included, as the wire's `startTime` and `endTime` mean it. */
export interface PageQuery {
  readonly fromMs: number
  readonly toMs: number
  readonly limit: number
  /** Which candles stay when there are more than `limit`. */
  readonly keep: 'oldest' | 'newest'
}

/** What the exchange has of one series: the truth without permanent holes, corrected late. */
export class VenueSeries {
  readonly #traded: TradedSeries
  readonly #rules: SeriesRules

  constructor(traded: TradedSeries, rules: VenueRules) {
    const { symbol, grid, precision } = traded
    this.#traded = traded
    this.#rules = rules.of({ symbol, interval: grid.name, ms: grid.ms, precision })
  }

  get symbol(): string {
    return this.#traded.symbol
  }

  get grid(): IntervalGrid {
    return this.#traded.grid
  }

  /** Returns a page, oldest first; the last candle may be unfinished at `nowMs`. */
  page({ fromMs, toMs, limit, keep }: PageQuery, nowMs: number): readonly Candle[] {
    const first = this.#traded.firstAtOrAfter(fromMs)
    const end = this.#traded.firstAtOrAfter(Math.min(toMs, nowMs) + 1)
    const step = keep === 'oldest' ? 1 : -1
    const candles: Candle[] = []
    for (
      let index = keep === 'oldest' ? first : end - 1;
      index >= first && index < end && candles.length < limit;
      index += step
    ) {
      const candle = this.#at(index, nowMs)
      if (candle !== undefined) candles.push(candle)
    }
    return keep === 'oldest' ? candles : candles.reverse()
  }

  /** The candle that opens at `openTime`, as it is recorded at `nowMs`; undefined when the exchange has none. */
  candle(openTime: number, nowMs: number): Candle | undefined {
    const index = this.#traded.firstAtOrAfter(openTime)
    const isThere = index < this.#traded.count && this.#traded.openTime(index) === openTime
    return isThere ? this.#at(index, nowMs) : undefined
  }

  /** Open time of the first candle the exchange has at or after `timeMs`, whenever that is; undefined after the last. */
  nextOpenTime(timeMs: number): number | undefined {
    const { count } = this.#traded
    for (let index = this.#traded.firstAtOrAfter(timeMs); index < count; index++) {
      const openTime = this.#traded.openTime(index)
      if (!this.#rules.isMissing(openTime)) return openTime
    }
    return undefined
  }

  #at(index: number, nowMs: number): Candle | undefined {
    if (this.#rules.isMissing(this.#traded.openTime(index))) return undefined
    return this.#rules.recorded(this.#traded.at(index, nowMs), nowMs)
  }
}
