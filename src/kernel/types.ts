import type { CandleSeries } from '../core/candles.ts'
import type { Execution } from '../core/execution.ts'

/** The bars [first, end) on which signals may act and over which equity is measured; earlier bars are warm-up. */
export interface BarWindow {
  readonly first: number
  readonly end: number
}

/** Everything that stays the same for all parameter points of a run. */
export interface MarketInput {
  readonly candles: CandleSeries
  readonly window: BarWindow
  readonly execution: Execution
}

/** The round trips of one run as columns; an open position has NaN exits and is last. Money in quote, sizes in base. */
export interface TradeColumns {
  readonly count: number
  /** Bar indices into the candles. -1: still open. */
  readonly entryBar: Int32Array
  readonly exitBar: Int32Array
  readonly entryPrice: Float64Array
  readonly exitPrice: Float64Array
  readonly size: Float64Array
  /** Net of both fees; of an open position: at the last close, without an exit fee. */
  readonly pnl: Float64Array
  /** pnl / (size · entry price). */
  readonly return: Float64Array
  readonly fees: Float64Array
}

/** One run in full: what a sweep row leaves out. `equity` and `drawdown` hold one value per bar of the window. */
export interface RunTrace {
  readonly metrics: Float64Array
  readonly trades: TradeColumns
  /** Mark-to-market equity at each bar's close, quote. */
  readonly equity: Float64Array
  /** 1 − equity / highest equity so far (initial capital included), ≥ 0. */
  readonly drawdown: Float64Array
  /** 1 while a position is held at the bar's close, else 0. */
  readonly exposure: Float64Array
}
