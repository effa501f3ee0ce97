import type { CandleColumns } from '../../src/core/candles.ts'

/** A candle as tests write it. */
export interface CandleRow {
  readonly openTime: number
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  readonly volume: number
}

/** Returns candles as columns. */
export function columnsOf(rows: readonly CandleRow[]): CandleColumns {
  const column = (name: keyof CandleRow) => Float64Array.from(rows, (row) => row[name])
  return {
    openTime: column('openTime'),
    open: column('open'),
    high: column('high'),
    low: column('low'),
    close: column('close'),
    volume: column('volume'),
  }
}
