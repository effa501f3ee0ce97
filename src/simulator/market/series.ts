import type { CandleColumns } from '../../core/candles.ts'
import type { IntervalGrid } from '../../core/intervals.ts'
import { firstFrom } from '../../core/sorted-times.ts'

export interface Candle {
  readonly openTime: number
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  readonly volume: number
}

/** Candles of one symbol and interval, by index. */
export class Series {
  readonly grid: IntervalGrid
  readonly columns: CandleColumns

  constructor(grid: IntervalGrid, columns: CandleColumns) {
    this.grid = grid
    this.columns = columns
  }

  get count(): number {
    return this.columns.openTime.length
  }

  openTime(index: number): number {
    return this.columns.openTime[index] as number
  }

  at(index: number): Candle {
    const { openTime, open, high, low, close, volume } = this.columns
    return {
      openTime: openTime[index] as number,
      open: open[index] as number,
      high: high[index] as number,
      low: low[index] as number,
      close: close[index] as number,
      volume: volume[index] as number,
    }
  }

  /** Returns the index of the first candle that opens at or after `timeMs`; the count when there is none. */
  firstAtOrAfter(timeMs: number): number {
    return firstFrom(this.columns.openTime, timeMs)
  }
}
