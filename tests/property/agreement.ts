import { expect } from 'bun:test'
import type { ReferenceResult } from '../../bench/reference/engine.ts'
import { equityPoints, worstDrawdown } from '../../bench/reference/metrics.ts'
import { METRICS, type MetricName } from '../../src/core/metrics.ts'
import type { MarketInput, TradeColumns } from '../../src/kernel/types.ts'

/** Agreement that the two engines owe each other, relative to the greater of a figure and its scale. */
export const TOLERANCE = 1e-12
const DAY_MS = 86_400_000

/** True when both are NaN, or both are within `TOLERANCE` of `scale` or of themselves, whichever is greater. */
export function agrees(actual: number, expected: number, scale = 1): boolean {
  if (Number.isNaN(expected) || Number.isNaN(actual)) return Object.is(actual, expected)
  if (actual === expected) return true
  const size = Math.max(Math.abs(expected), Math.abs(actual), scale)
  return Math.abs(actual - expected) <= TOLERANCE * size
}

/** Fails with every metric that differs, by name and with both values. */
export function expectMetrics(
  row: Float64Array,
  reference: ReferenceResult,
  market: MarketInput,
): void {
  const wrong = METRICS.flatMap((name, i) => {
    const [actual, expected] = [row[i]!, reference.metrics[name]]
    return metricAgrees(name, actual, reference, market) ? [] : [{ name, actual, expected }]
  })
  expect(wrong).toEqual([])
}

function metricAgrees(
  name: MetricName,
  actual: number,
  reference: ReferenceResult,
  market: MarketInput,
): boolean {
  const expected = reference.metrics[name]
  if (agrees(actual, expected, scaleOf(name, market))) return true
  if (name === 'max_drawdown_days' || name === 'calmar') {
    return tiedDrawdowns(reference, market)[name].some((other) => agrees(actual, other))
  }
  return false
}

/** Money is compared against the capital, everything else against 1. */
function scaleOf(name: MetricName, market: MarketInput): number {
  return name === 'fees' || name === 'final_equity' ? market.execution.initialCapital : 1
}

/**
 * Where equity comes back to its peak up to rounding (a round trip at one price without costs), the last bit decides
 * whether that is a new peak, a recovery or a fall of 1e-16. The figures for both readings count as right.
 */
function tiedDrawdowns(
  reference: ReferenceResult,
  market: MarketInput,
): { readonly max_drawdown_days: readonly number[]; readonly calmar: readonly number[] } {
  const { candles, window, execution } = market
  const openTime = [...candles.openTime]
  const { intervalMs } = candles
  const points = equityPoints({ openTime, intervalMs, window, execution, run: reference })
  const readings = [1, -1].map((sign) => worstDrawdown(snapped(points, sign * TOLERANCE)))
  return {
    max_drawdown_days: readings.map(({ durationMs }) => durationMs / DAY_MS),
    calmar: readings.map(({ depth }) => (depth === 0 ? NaN : reference.metrics.cagr / depth)),
  }
}

/** Moves equities that are within |tie| of the peak so far onto it (tie > 0) or just below it (tie < 0). */
function snapped(points: ReturnType<typeof equityPoints>, tie: number) {
  let peak = points[0]!.equity
  return points.map((point) => {
    const near = Math.abs(point.equity / peak - 1) <= Math.abs(tie)
    const equity = near ? (tie > 0 ? peak : peak * (1 + tie)) : point.equity
    peak = Math.max(peak, equity)
    return { ...point, equity }
  })
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
