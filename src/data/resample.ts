import type { CandleColumns } from '../core/candles.ts'
import { floorToGrid, type IntervalGrid } from '../core/intervals.ts'
import { columnsOf, FILE_COLUMNS } from './columns.ts'
import type { TimeRange } from './store.ts'

/**
 * Builds candles of a coarser interval from chunks of finer ones, in one pass.
 *
 * open of the first, highest high, lowest low, close of the last, sum of the volumes in order of time. Prices are exact and
 * the volume has the same bits on every machine. A candle is complete when all its finer candles exist; incomplete ones are
 * counted and left out, as a trader could not tell what a half candle would have shown. Of a sparse series a candle that is not
 * there is one in which nothing traded: there a candle is complete when it lies within what is stored.
 */
export class Resampler {
  readonly #grid: IntervalGrid
  readonly #perCandle: number
  readonly #sparseWithin: TimeRange | undefined
  #done: number[][] = FILE_COLUMNS.map(() => [])
  #start = Number.NaN
  #count = 0
  #rows = 0
  #open = 0
  #high = 0
  #low = 0
  #close = 0
  #volume = 0
  readonly #incomplete: number[] = []

  /** @param sparseWithin what is stored of a sparse series; undefined: the series is not sparse */
  constructor(fine: IntervalGrid, coarse: IntervalGrid, sparseWithin?: TimeRange) {
    this.#grid = coarse
    this.#sparseWithin = sparseWithin
    this.#perCandle = coarse.ms / fine.ms
  }

  /** Takes the next finer candles; every open time is later than all before. */
  push(chunk: CandleColumns): void {
    this.#rows += chunk.openTime.length
    for (let row = 0; row < chunk.openTime.length; row++) {
      const time = chunk.openTime[row] as number
      if (!(time < this.#start + this.#grid.ms)) this.#begin(time, chunk.open[row] as number)
      this.#count++
      this.#high = Math.max(this.#high, chunk.high[row] as number)
      this.#low = Math.min(this.#low, chunk.low[row] as number)
      this.#close = chunk.close[row] as number
      this.#volume += chunk.volume[row] as number
    }
  }

  /** How many finer candles were taken. */
  get rows(): number {
    return this.#rows
  }

  /** How many complete candles wait to be taken. */
  get size(): number {
    return (this.#done[0] as number[]).length
  }

  /** Returns the candles that are complete by now over shared memory, and forgets them: a long series need not be held. */
  take(): CandleColumns {
    const columns = columnsOf(this.#done.map(sharedVector))
    this.#done = FILE_COLUMNS.map(() => [])
    return columns
  }

  /** Returns the complete candles that were not taken, and the open times of those that were left out as incomplete. */
  finish(): { readonly columns: CandleColumns; readonly incomplete: readonly number[] } {
    this.#end()
    return { columns: this.take(), incomplete: this.#incomplete }
  }

  #isWithin(): boolean {
    const stored = this.#sparseWithin
    if (stored === undefined) return false
    return this.#start >= stored.fromMs && this.#start + this.#grid.ms <= stored.toMs
  }

  #begin(time: number, open: number): void {
    this.#end()
    this.#start = floorToGrid(time, this.#grid)
    this.#open = open
    this.#high = -Infinity
    this.#low = Infinity
    this.#volume = 0
  }

  #end(): void {
    if (this.#count === this.#perCandle || (this.#count > 0 && this.#isWithin())) {
      // In the order of FILE_COLUMNS.
      const row = [this.#start, this.#open, this.#high, this.#low, this.#close, this.#volume]
      row.forEach((value, column) => {
        ;(this.#done[column] as number[]).push(value)
      })
    } else if (this.#count > 0) {
      this.#incomplete.push(this.#start)
    }
    this.#count = 0
  }
}

function sharedVector(values: readonly number[]): Float64Array {
  const vector = new Float64Array(new SharedArrayBuffer(values.length * 8))
  vector.set(values)
  return vector
}
