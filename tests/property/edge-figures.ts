import type { ReferenceResult } from '../../bench/reference/engine.ts'
import { beyondRounding, countedPnls, dailyReturns } from '../../bench/reference/metrics.ts'
import type { MarketInput } from '../../src/kernel/types.ts'
import type { EdgeCase } from './edges.ts'

const TOLERANCE = 1e-12

/** A fall of equity below its peak: as deep as it counts, as it is, and whether it ended a rounding below the peak. */
export interface EdgeFall {
  readonly depth: number
  readonly raw: number
  readonly shortOfPeak: boolean
}

/** All falls of a run that ended, and the last. */
export function falls({ equity }: ReferenceResult, made: EdgeCase): EdgeFall[] {
  const found: EdgeFall[] = []
  let peak = made.execution.initial_capital
  let raw = 0
  const end = (shortOfPeak: boolean) => {
    if (raw > 0) found.push({ depth: raw < TOLERANCE ? 0 : raw, raw, shortOfPeak })
    raw = 0
  }
  for (const value of equity) {
    const isRecovered = value >= peak * (1 - TOLERANCE) && raw >= TOLERANCE
    if (isRecovered || value >= peak) end(isRecovered && value < peak)
    peak = Math.max(peak, value)
    raw = Math.max(raw, 1 - value / peak)
  }
  end(false)
  return found
}

/**
 * True when a spread is so near to the tolerance that rounding decides whether it counts. Steps of prices keep depths,
 * days and trades away from it, but not the deviations of several.
 */
export function isNearTolerance(market: MarketInput, run: ReferenceResult): boolean {
  const { candles, window, execution } = market
  const closed = run.trades.filter(({ exitBar }) => exitBar !== -1)
  const openTime = [...candles.openTime]
  const { intervalMs } = candles
  const returns = beyondRounding(dailyReturns({ openTime, intervalMs, window, execution, run }))
  const received = closed.map(
    ({ size, exitPrice }) => size * exitPrice * (1 - execution.commission),
  )
  return (
    isNear(deviation(returns) / (1 + mean(returns))) ||
    isNear(deviation(countedPnls(closed, execution.commission)) / mean(received))
  )
}

function isNear(spread: number): boolean {
  return Math.abs(spread / TOLERANCE - 1) < 0.02
}

function deviation(values: readonly number[]): number {
  const center = mean(values)
  return Math.sqrt(mean(values.map((value) => (value - center) ** 2)) / (1 - 1 / values.length))
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
