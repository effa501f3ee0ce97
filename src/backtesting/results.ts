import type { MetricName, Metrics } from '../core/metrics.ts'
import type { Continuity } from '../data/continuity.ts'

/** Values of a strategy's parameters by name. */
export type ParamValues = Readonly<Record<string, number>>

/** One strategy of a configured backtest on one symbol. */
export interface BacktestRow {
  readonly backtest: string
  readonly strategy: string
  readonly type: string
  readonly symbol: string
  readonly interval: string
  readonly params: ParamValues
  /** Bars judged, and candles missing among them. */
  readonly bars: number
  readonly holes: number
  readonly continuity: Continuity
  /** Open time of the first judged bar and end of the last one, epoch ms. */
  readonly firstMs: number
  readonly endMs: number
  readonly metrics: Metrics
  /** Buy and hold over the same bars with the same costs. */
  readonly benchmark: Metrics
  /** Equity thinned to at most 64 points, for a sparkline. */
  readonly curve: readonly number[]
  readonly openPosition: boolean
}

export interface RankedPoint {
  /** From 1. */
  readonly rank: number
  readonly params: ParamValues
  readonly metrics: Metrics
}

/** What the live panel and the plain progress lines show. */
export interface SweepProgress {
  readonly sweep: string
  readonly done: number
  readonly total: number
  readonly bars: number
  readonly workers: number
  readonly seconds: number
  readonly objective: MetricName
  readonly top: readonly RankedPoint[]
}

/** What a sweep has to know and say before it starts. */
export interface SweepEstimate {
  readonly sweep: string
  /** Size of the grid before `where`, and after it. */
  readonly gridPoints: number
  readonly combinations: number
  readonly bars: number
  readonly holes: number
  readonly warmupBars: number
  readonly workers: number
  readonly memoryBytes: number
  readonly rowsBytes: number
}

/** The values of one parameter over a grid. */
export interface AxisSpan {
  readonly name: string
  /** How many there are; one: the parameter is fixed. */
  readonly count: number
  readonly min: number
  readonly max: number
}

/** A constraint that some rows did not decide because a metric in it is not computable. */
export interface UndecidedRows {
  readonly constraint: string
  readonly rows: number
}

export interface SweepResult {
  readonly sweep: string
  readonly strategy: string
  readonly symbol: string
  readonly interval: string
  /** Open time of the first judged bar and end of the last one, epoch ms. */
  readonly firstMs: number
  readonly endMs: number
  /** The parameters in the order of the strategy. */
  readonly axes: readonly AxisSpan[]
  readonly combinations: number
  /** Less than `combinations` after an interruption. */
  readonly completed: number
  readonly bars: number
  readonly holes: number
  readonly continuity: Continuity
  readonly workers: number
  readonly seconds: number
  readonly barCombinationsPerSecond: number
  readonly peakRssBytes: number
  /** sha-256 over all rows in canonical order; independent of workers and block size. */
  readonly digest: string
  /** `<sweep>.parquet`, or `<sweep>.partial.parquet` after an interruption. */
  readonly rowsFile: string
  readonly manifestFile: string
  readonly objective: MetricName
  readonly constraints: readonly string[]
  /** How many rows satisfied every constraint. */
  readonly eligible: number
  /** How many of those rank last because their objective is not computable. */
  readonly withoutObjective: number
  readonly undecided: readonly UndecidedRows[]
  readonly top: readonly RankedPoint[]
  readonly interrupted: boolean
  /** What happened on the way: tiles that were computed twice. */
  readonly warnings?: readonly string[]
  /** About parameters that change nothing. */
  readonly unused?: readonly string[]
  /** What the reader should know about the judged bars; added by whoever read the candles. */
  readonly notes?: readonly string[]
}
