import type { Execution } from '../src/core/execution.ts'
import type { StrategyDefinition } from '../src/kernel/strategy.ts'
import definition from '../src/strategies/technical/sma-crossover.ts'
import { FREE } from '../tests/support/execution.ts'

/** Values first, first + step, ... of one parameter. */
export interface Steps {
  readonly first: number
  readonly step: number
  readonly count: number
}

/** A grid of average lengths; every fast one is shorter than every slow one. */
export interface SmaGrid {
  readonly fast: Steps
  readonly slow: Steps
}

/** The built-in strategy whose grids are swept. */
export const smaCrossover: StrategyDefinition = definition

/** Grids of 10,000 pairs by the bars a trade they have, about, on the series they are meant for. */
export const GRIDS = {
  20: { fast: { first: 1, step: 1, count: 50 }, slow: { first: 51, step: 1, count: 200 } },
  160: { fast: { first: 2, step: 1, count: 50 }, slow: { first: 60, step: 1, count: 200 } },
  500: { fast: { first: 20, step: 1, count: 100 }, slow: { first: 125, step: 10, count: 100 } },
} as const satisfies Record<number, SmaGrid>

/** Costs of a large account: with retail ones ten thousand trades leave nothing that could be compared. */
export const EXECUTION: Execution = { ...FREE, commission: 0.0001, slippage: 0.00005 }

/** The same range of lengths with about `combinations` pairs, spread evenly. */
export function thinned(grid: SmaGrid, combinations: number): SmaGrid {
  const share = Math.sqrt(combinations / sizeOf(grid))
  const thin = ({ first, step, count }: Steps): Steps => {
    const fewer = Math.max(1, Math.round(count * share))
    return { first, step: Math.max(step, Math.floor((step * count) / fewer)), count: fewer }
  }
  return { fast: thin(grid.fast), slow: thin(grid.slow) }
}

export function sizeOf({ fast, slow }: SmaGrid): number {
  return fast.count * slow.count
}

export function valuesOf({ first, step, count }: Steps): number[] {
  return Array.from({ length: count }, (_, i) => first + i * step)
}

/** All pairs, fast-major, as rows of a table of points. */
export function pointsOf(grid: SmaGrid): Float64Array {
  const slow = valuesOf(grid.slow)
  return Float64Array.from(valuesOf(grid.fast).flatMap((f) => slow.flatMap((s) => [f, s])))
}

/** Bars before the slowest average of the grid can cross: the same warm-up for every pair. */
export function warmupOf({ slow }: SmaGrid): number {
  return slow.first + slow.step * (slow.count - 1)
}
