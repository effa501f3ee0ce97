import type { DurationMs } from './units.ts'

export const CANDLE_COLUMNS = ['open', 'high', 'low', 'close', 'volume'] as const
export type CandleColumn = (typeof CANDLE_COLUMNS)[number]

/** Equally long columns of candles, one element a candle. `openTime` is epoch milliseconds (UTC) as doubles. */
export interface CandleColumns extends Readonly<Record<CandleColumn, Float64Array>> {
  readonly openTime: Float64Array
}

/**
 * Candles of one series as equally long columns over SharedArrayBuffers, sorted by strictly rising `openTime`.
 * A candle covers [openTime, openTime + intervalMs) and is known only at its end. Missing candles are absent, never filled.
 */
export interface CandleSeries extends CandleColumns {
  readonly exchange: string
  readonly symbol: string
  readonly interval: string
  readonly intervalMs: DurationMs
  /** Content hash (sha-256, hex) of the columns, for manifests. */
  readonly hash: string
}
