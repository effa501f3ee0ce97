import { expect } from 'bun:test'
import type { ReferenceResult } from '../../bench/reference/engine.ts'
import { dailyReturns, equityPoints, worstDrawdown } from '../../bench/reference/metrics.ts'
import { METRICS, type MetricName } from '../../src/core/metrics.ts'
import type { MarketInput, TradeColumns } from '../../src/kernel/types.ts'

/** Agreement that the two engines owe each other, relative to the greater of a figure and its scale. */
export const TOLERANCE = 1e-12
/** Four units in the last place: what the two orders of operations may differ by in one return. */
const ROUNDING = 4 * Number.EPSILON
const DAY_MS = 86_400_000

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
  /** The kernel's own equity curve, which is compared with the reference's by itself. */
  readonly equity: Float64Array
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

/** True when `actual` is what the reference says, or what it would say after rounding equity the other way. */
export function metricAgrees(name: MetricName, actual: number, run: JudgedRun): boolean {
  const expected = run.reference.metrics[name]
  if (agrees(actual, expected, scaleOf(name, run.market))) return true
  switch (name) {
    case 'max_drawdown_days':
      return deepestDays(run).some((days) => agrees(actual, days))
    case 'calmar':
      return calmarAgrees(actual, run)
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
  return name === 'fees' || name === 'final_equity' ? market.execution.initialCapital : 1
}

/**
 * Days of the deepest drawdowns of the kernel's own equity curve. There is more than one where depths differ by rounding
 * (two entries that cost the same fee); and where equity comes back to its peak up to rounding (a fill at the peak's
 * price without costs), the last bit decides whether that is a new peak, a recovery or a fall of 1e-16.
 */
function deepestDays(run: JudgedRun): readonly number[] {
  const points = ownPoints(run)
  const worst = worstDrawdown(points)
  const days: number[] = []
  let peak = points[0]!
  let depth = 0
  const end = (time: number) => {
    if (depth >= worst.depth - TOLERANCE) days.push(depth === 0 ? 0 : (time - peak.time) / DAY_MS)
  }
  for (const point of points) {
    if (point.equity >= peak.equity) {
      end(point.time)
      peak = point
      depth = 0
    }
    depth = Math.max(depth, 1 - point.equity / peak.equity)
  }
  end(points.at(-1)!.time)
  return days
}

/** The points of the kernel's own equity curve. */
function ownPoints({ market, equity, reference }: JudgedRun) {
  const { candles, window, execution } = market
  const run = { ...reference, equity: [...equity] }
  const openTime = [...candles.openTime]
  return equityPoints({ openTime, intervalMs: candles.intervalMs, window, execution, run })
}

/**
 * Over a drawdown that is rounding itself (a fee-free trade at one price), only the row can be held to be consistent.
 * Else the growth is raised to 1 / years and divided by the drawdown, and its rounding with it.
 */
function calmarAgrees(actual: number, run: JudgedRun): boolean {
  const { depth } = worstDrawdown(ownPoints(run))
  const { cagr, calmar, total_return } = run.reference.metrics
  if (depth <= TOLERANCE) return agrees(actual, depth === 0 ? NaN : rowRatio(run))
  const power = Math.log1p(cagr) / Math.log1p(total_return)
  const noise = (ROUNDING * (1 + Math.abs(power)) * (1 + Math.abs(cagr))) / depth
  return Math.abs(actual - calmar) <= noise * (1 + Math.abs(calmar))
}

function rowRatio({ row }: JudgedRun): number {
  return row[METRICS.indexOf('cagr')]! / row[METRICS.indexOf('max_drawdown')]!
}

/** What rounding each daily return changes in its mean over its deviation, where the deviation is small. */
function dailyNoise({ market, reference }: JudgedRun, name: 'sharpe' | 'sortino'): number {
  const { candles, window, execution } = market
  const { intervalMs } = candles
  const openTime = [...candles.openTime]
  const returns = dailyReturns({ openTime, intervalMs, window, execution, run: reference })
  const mean = returns.reduce((sum, value) => sum + value, 0) / returns.length
  const spread = Math.abs((Math.sqrt(365) * mean) / reference.metrics[name])
  return ratioNoise({ mean, spread, noise: ROUNDING }) * Math.sqrt(365)
}

/** The same for trades, whose pnl is a difference of amounts of the size of the position. */
function pnlNoise({ reference }: JudgedRun): number {
  const closed = reference.trades.filter(({ exitBar }) => exitBar !== -1)
  const mean = closed.reduce((sum, { pnl }) => sum + pnl, 0) / closed.length
  const spread = Math.abs((Math.sqrt(closed.length) * mean) / reference.metrics.sqn)
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
