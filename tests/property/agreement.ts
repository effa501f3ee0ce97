import { expect } from 'bun:test'
import type { ReferenceResult } from '../../bench/reference/engine.ts'
import { beyondRounding, countedPnls, dailyReturns } from '../../bench/reference/metrics.ts'
import { METRICS, type MetricName } from '../../src/core/metrics.ts'
import type { MarketInput, TradeColumns } from '../../src/kernel/types.ts'

/** Agreement that the two engines owe each other, relative to the greater of a figure and its scale. */
export const TOLERANCE = 1e-12
/** Four units in the last place: what the two orders of operations may differ by in one return. */
const ROUNDING = 4 * Number.EPSILON
const YEAR_MS = 365 * 86_400_000

/** True when both are NaN, or both are within `TOLERANCE` of `scale` or of themselves, whichever is greater. */
export function agrees(actual: number, expected: number, scale = 1): boolean {
  if (Number.isNaN(expected) || Number.isNaN(actual)) return Object.is(actual, expected)
  if (actual === expected) return true
  const size = Math.max(Math.abs(expected), Math.abs(actual), scale)
  return Math.abs(actual - expected) <= TOLERANCE * size
}

/** A run of the kernel with what it needs to be judged. */
export interface JudgedRun {
  readonly market: MarketInput
  readonly row: Float64Array
  readonly reference: ReferenceResult
}

/** Fails with every metric that differs, by name and with both values. */
export function expectMetrics(run: JudgedRun): void {
  const wrong = METRICS.flatMap((name, i) => {
    const [actual, expected] = [run.row[i]!, run.reference.metrics[name]]
    return metricAgrees(name, actual, run) ? [] : [{ name, actual, expected }]
  })
  expect(wrong).toEqual([])
}

/** True when `actual` is what the reference says, or as far from it as rounding takes a ratio of two small figures. */
export function metricAgrees(name: MetricName, actual: number, run: JudgedRun): boolean {
  const expected = run.reference.metrics[name]
  if (agrees(actual, expected, scaleOf(name, run.market))) return true
  switch (name) {
    case 'calmar':
      return Math.abs(actual - expected) <= calmarNoise(run)
    case 'sharpe':
    case 'sortino':
      return Math.abs(actual - expected) <= dailyNoise(run, name)
    case 'profit_factor':
      return Math.abs(actual - expected) <= profitNoise(run)
    case 'sqn':
      return Math.abs(actual - expected) <= pnlNoise(run)
    default:
      return false
  }
}

/** Money is compared against the capital, everything else against 1. */
function scaleOf(name: MetricName, market: MarketInput): number {
  return name === 'fees' || name === 'final_equity' ? market.execution.initial_capital : 1
}

/** Growth, rounded by every trade, is raised to 1 / years and divided by the drawdown, and its rounding with it. */
function calmarNoise({ market, reference }: JudgedRun): number {
  const { cagr, calmar, max_drawdown } = reference.metrics
  const { candles, window } = market
  const spanMs =
    candles.openTime[window.end - 1]! + candles.intervalMs - candles.openTime[window.first]!
  const power = YEAR_MS / spanMs
  const growthNoise = ROUNDING * (1 + reference.trades.length)
  const noise = (growthNoise * (1 + power) * (1 + Math.abs(cagr))) / max_drawdown
  return noise * (1 + Math.abs(calmar))
}

/** What rounding each daily return changes in its mean over its deviation, where the deviation is small. */
function dailyNoise({ market, reference }: JudgedRun, name: 'sharpe' | 'sortino'): number {
  const { candles, window, execution } = market
  const { intervalMs } = candles
  const openTime = [...candles.openTime]
  const returns = beyondRounding(
    dailyReturns({ openTime, intervalMs, window, execution, run: reference }),
  )
  const mean = average(returns)
  const squares =
    name === 'sharpe'
      ? returns.map((value) => (value - mean) ** 2)
      : returns.map((value) => Math.min(value, 0) ** 2)
  const spread = Math.sqrt(average(squares))
  return ratioNoise({ mean, spread, noise: ROUNDING }) * Math.sqrt(365)
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** The same for trades, whose pnl is a difference of amounts of the size of the position. */
function pnlNoise({ market, reference }: JudgedRun): number {
  const closed = reference.trades.filter(({ exitBar }) => exitBar !== -1)
  const pnls = countedPnls(closed, market.execution.commission)
  const mean = average(pnls)
  const spread = Math.sqrt(average(pnls.map((pnl) => (pnl - mean) ** 2)))
  const notional = Math.max(...closed.map(({ size, entryPrice }) => size * entryPrice))
  return ratioNoise({ mean, spread, noise: ROUNDING * notional }) * Math.sqrt(closed.length)
}

/** What rounding each pnl changes in gains over losses, where the losses are small. */
function profitNoise({ reference }: JudgedRun): number {
  const closed = reference.trades.filter(({ exitBar }) => exitBar !== -1)
  const lost = closed.reduce((sum, { pnl }) => sum + Math.max(-pnl, 0), 0)
  const noise = closed.reduce((sum, { size, entryPrice }) => sum + ROUNDING * size * entryPrice, 0)
  return (noise / lost) * (1 + reference.metrics.profit_factor)
}

/** How far mean / spread moves when every value moves by `noise`. */
function ratioNoise(of: { mean: number; spread: number; noise: number }): number {
  return (of.noise / of.spread) * (1 + Math.abs(of.mean) / of.spread)
}

/** Fails with the first trade that differs: bars exactly, figures to `TOLERANCE` of what was traded. */
export function expectTrades(trades: TradeColumns, reference: ReferenceResult): void {
  expect(trades.count).toBe(reference.trades.length)
  for (const [i, trade] of reference.trades.entries()) {
    const notional = trade.size * trade.entryPrice
    const actual = {
      entryBar: trades.entryBar[i],
      exitBar: trades.exitBar[i],
      entryPrice: trades.entryPrice[i],
      exitPrice: trades.exitPrice[i],
      size: trades.size[i],
      pnl: trades.pnl[i],
      return: trades.return[i],
      fees: trades.fees[i],
    }
    const far = Object.entries(actual).filter(
      ([name, value]) =>
        !agrees(value!, trade[name as keyof typeof trade], tradeScale(name, notional)),
    )
    expect({ i, far, trade }).toEqual({ i, far: [], trade })
  }
}

function tradeScale(name: string, notional: number): number {
  if (name === 'pnl' || name === 'fees') return notional
  return name === 'return' ? 1 : 0
}

/** Fails with the first bar of a per-bar series that differs. */
export function expectSeries(actual: Float64Array, expected: readonly number[], scale = 0): void {
  expect(actual.length).toBe(expected.length)
  const bar = expected.findIndex((value, i) => !agrees(actual[i]!, value, scale))
  expect({ bar, actual: actual[bar], expected: expected[bar] }).toEqual({
    bar: -1,
    actual: undefined,
    expected: undefined,
  })
}
