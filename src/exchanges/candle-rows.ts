import type { CandleColumns } from '../core/candles.ts'

/** Open time in epoch milliseconds, open, high, low, close, volume. What is no number is undefined or NaN. */
export type CandleRow = readonly (number | undefined)[]

/** Returns rows as columns, in their order. A missing value becomes NaN: the caller of `candles` refuses the row. */
export function columnsOfRows(rows: readonly CandleRow[]): CandleColumns {
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
