import { ConfigError, invariant } from '../../core/errors.ts'
import { metricsOfRow } from '../../core/metrics.ts'
import { didYouMean } from '../../core/suggest.ts'
import type { Continuity } from '../../data/continuity.ts'
import { compileSignals, type SignalProgram } from '../../kernel/program.ts'
import type { MarketInput, RunTrace } from '../../kernel/types.ts'
import type { BacktestRow, ParamValues } from '../results.ts'
import type { WriteTable } from '../tables.ts'
import { windowTimes } from '../times.ts'
import { BUY_AND_HOLD } from './buy-and-hold.ts'
import { EQUITY_COLUMNS, equityChunks } from './equity-table.ts'
import { thin } from './thin.ts'
import { TRADE_COLUMNS, tradeChunks } from './trades-table.ts'

const CURVE_POINTS_MAX = 64
const BENCHMARK = compileSignals(BUY_AND_HOLD)

/** The part of the kernel that a single run needs. */
export interface TracingKernel {
  setMarket(input: MarketInput): void
  /** Simulates one parameter point in full; the sweep's row for that point has the same metrics bit for bit. */
  trace(program: SignalProgram, point: Float64Array): RunTrace
}

/** One strategy on one prepared series. */
export interface BacktestSpec {
  readonly backtest: string
  readonly strategy: string
  readonly type: string
  readonly symbol: string
  readonly interval: string
  readonly program: SignalProgram
  /** A value for every parameter of the program. */
  readonly params: ParamValues
  readonly market: MarketInput
  /** How whole the candles of the window are. */
  readonly continuity: Continuity
}

export interface BacktestOutcome {
  readonly row: BacktestRow
  readonly trace: RunTrace
}

/** Runs one strategy and buy and hold over the same bars with the same costs. @throws ConfigError `BACKTEST_PARAMS` */
export function runBacktest(spec: BacktestSpec, kernel: TracingKernel): BacktestOutcome {
  const point = pointOf(spec)
  kernel.setMarket(spec.market)
  const benchmark = kernel.trace(BENCHMARK, new Float64Array(0)).metrics
  const trace = kernel.trace(spec.program, point)
  const { window } = spec.market
  invariant(trace.equity.length === window.end - window.first, 'a trace has one equity per bar')
  const row: BacktestRow = {
    backtest: spec.backtest,
    strategy: spec.strategy,
    type: spec.type,
    symbol: spec.symbol,
    interval: spec.interval,
    params: Object.fromEntries(spec.program.params.map((name, i) => [name, point[i] as number])),
    bars: window.end - window.first,
    holes: spec.continuity.missing,
    continuity: spec.continuity,
    ...windowTimes(spec.market),
    metrics: metricsOfRow(trace.metrics),
    benchmark: metricsOfRow(benchmark),
    curve: thin(trace.equity, CURVE_POINTS_MAX),
    openPosition: hasOpenPosition(trace),
  }
  return { row, trace }
}

/** One run and the market it ran on. */
export interface TracedRun {
  readonly market: MarketInput
  readonly trace: RunTrace
}

/** Writes the trades of runs, one run after the other, to a file. */
export function writeTrades(
  path: string,
  runs: readonly TracedRun[],
  writeTable: WriteTable,
): Promise<unknown> {
  const chunks = Iterator.from(runs).flatMap(({ market, trace }) =>
    tradeChunks(market, trace.trades),
  )
  return writeTable({ path, columns: TRADE_COLUMNS, chunks })
}

/** Writes the equity curve of a run to a file, one row per judged bar. */
export function writeEquity(
  path: string,
  { market, trace }: TracedRun,
  writeTable: WriteTable,
): Promise<unknown> {
  return writeTable({ path, columns: EQUITY_COLUMNS, chunks: equityChunks(market, trace) })
}

function pointOf({ backtest, strategy, program, params }: BacktestSpec): Float64Array {
  const unknown = Object.keys(params).find((name) => !program.params.includes(name))
  if (unknown !== undefined) {
    throw new ConfigError(
      'BACKTEST_PARAMS',
      `backtests.${backtest}: strategy '${strategy}' has no parameter '${unknown}'.${didYouMean(unknown, program.params)}`,
    )
  }
  return Float64Array.from(program.params, (name) => {
    const value = params[name]
    if (value !== undefined && Number.isFinite(value)) return value
    throw new ConfigError(
      'BACKTEST_PARAMS',
      `backtests.${backtest}: parameter '${name}' of strategy '${strategy}' must be a finite number, was ${value}.`,
    )
  })
}

function hasOpenPosition({ trades }: RunTrace): boolean {
  return trades.count > 0 && (trades.exitBar[trades.count - 1] as number) < 0
}
