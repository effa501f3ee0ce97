import type { CandleSeries } from '../../src/core/candles.ts'
import { CANDLE_COLUMNS } from '../../src/core/candles.ts'
import type { Signals } from '../../src/kernel/expression.ts'
import type { MarketInput } from '../../src/kernel/types.ts'
import {
  type CandleArrays,
  evaluateCondition,
  type Operands,
  operandsOf,
  type Point,
} from './evaluate.ts'
import type { Values } from './indicators.ts'
import { computeMetrics, drawdowns, type ReferenceMetrics } from './metrics.ts'
import { type ReferenceRun, simulate } from './simulate.ts'

/** A whole backtest of one parameter point. */
export interface ReferenceResult extends ReferenceRun {
  readonly metrics: ReferenceMetrics
  readonly drawdown: Values
}

export interface SignalBits {
  readonly enterLong: readonly boolean[]
  readonly exitLong: readonly boolean[]
}

/** Runs one backtest the plain way: indicators, signals, one bar after the other, metrics. */
export function runReference(market: MarketInput, signals: Signals, point: Point): ReferenceResult {
  const operands = operandsOf(arraysOf(market.candles), point)
  return runSignals(market, evaluateSignals(signals, operands))
}

/** Returns both signals as one truth value per candle. */
export function evaluateSignals(signals: Signals, operands: Operands): SignalBits {
  return {
    enterLong: evaluateCondition(signals.enterLong, operands),
    exitLong: evaluateCondition(signals.exitLong, operands),
  }
}

/** Simulates signals that are already known and measures the run. */
export function runSignals(market: MarketInput, bits: SignalBits): ReferenceResult {
  const { candles, window, execution } = market
  const { open, close } = candles
  const run = simulate({ open: [...open], close: [...close], ...bits, window, execution })
  const { intervalMs } = candles
  return {
    ...run,
    drawdown: drawdowns(run.equity, execution.initial_capital),
    metrics: computeMetrics({
      openTime: [...candles.openTime],
      intervalMs,
      window,
      execution,
      run,
    }),
  }
}

/** Copies the candle columns into plain arrays. */
export function arraysOf(candles: CandleSeries): CandleArrays {
  const entries = CANDLE_COLUMNS.map((name) => [name, [...candles[name]]] as const)
  return Object.fromEntries(entries) as CandleArrays
}
