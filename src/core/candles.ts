import type { DurationMs } from './units.ts'

export const CANDLE_COLUMNS = ['open', 'high', 'low', 'close', 'volume'] as const
export type CandleColumn = (typeof CANDLE_COLUMNS)[number]

/**
 * Candles of one series as equally long columns over SharedArrayBuffers, sorted by strictly rising `openTime`.
 * A candle covers [openTime, openTime + intervalMs) and is known only at its end. Missing candles are absent, never filled.
 */
export interface CandleSeries extends Readonly<Record<CandleColumn, Float64Array>> {
  readonly exchange: string
  readonly symbol: string
  readonly interval: string
  readonly intervalMs: DurationMs
  /** Epoch milliseconds (UTC) as doubles: exact integers. */
  readonly openTime: Float64Array
  /** Content hash (sha-256, hex) of the columns, for manifests. */
  readonly hash: string
}
