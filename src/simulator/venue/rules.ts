import type { Precision } from '../market/forming.ts'
import type { Candle } from '../market/series.ts'

export interface SeriesIdentity {
  readonly symbol: string
  readonly interval: string
  /** Length of a candle, milliseconds. */
  readonly ms: number
  readonly precision: Precision
}

/** How the exchange's records of a series differ from what happened. Answers never depend on who asks, or how often. */
export interface SeriesRules {
  /** Whether the exchange has no candle there and never will. */
  isMissing(openTime: number): boolean
  /** The candle as the exchange has it at `nowMs`: some are corrected a while after their close. */
  recorded(candle: Candle, nowMs: number): Candle
}

export interface VenueRules {
  of(series: SeriesIdentity): SeriesRules
}
