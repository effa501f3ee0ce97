import type { IntervalGrid } from '../../core/intervals.ts'
import { formingCandle, type Precision } from './forming.ts'
import type { Candle, Series } from './series.ts'

/** The truth: one series, and what of it had traded at any time. */
export class TradedSeries {
  readonly symbol: string
  readonly precision: Precision
  readonly #series: Series
  readonly #finer: readonly Series[]

  /** @param finer recorded series of finer intervals, finest first */
  constructor(symbol: string, series: Series, finer: readonly Series[], precision: Precision) {
    this.symbol = symbol
    this.precision = precision
    this.#series = series
    this.#finer = finer
  }

  get grid(): IntervalGrid {
    return this.#series.grid
  }

  get count(): number {
    return this.#series.count
  }

  openTime(index: number): number {
    return this.#series.openTime(index)
  }

  firstAtOrAfter(timeMs: number): number {
    return this.#series.firstAtOrAfter(timeMs)
  }

  /** The candle as it stood at `nowMs`, which is not before its open time. */
  at(index: number, nowMs: number): Candle {
    const whole = this.#series.at(index)
    const { ms } = this.grid
    if (nowMs >= whole.openTime + ms) return whole
    return formingCandle(whole, nowMs, { ms, finer: this.#finer, precision: this.precision })
  }
}
