import type { Precision } from '../market/forming.ts'
import type { Candle } from '../market/series.ts'

/** A candle's place in the market. */
export interface Slot {
  readonly symbol: string
  readonly interval: string
  readonly openTime: number
  /** Length of the candle, milliseconds. */
  readonly ms: number
}

/** How the exchange's records differ from what happened. Answers depend on the candle only, never on who asks. */
export interface VenueRules {
  /** Whether the exchange has no candle there and never will. */
  isMissing(slot: Slot): boolean
  /** The candle as the exchange has recorded it at `nowMs`: some are corrected a while after their close. */
  recorded(candle: Candle, slot: Slot, precision: Precision, nowMs: number): Candle
}
