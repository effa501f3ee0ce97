import { longestWarmUp, type WarmUp } from '../../kernel/warm-up.ts'
import type { Axis } from './axis.ts'
import { createGrid, type GridRequest } from './grid.ts'

/**
 * Returns the warm-up that every point of a grid can live with: all of them are then judged over the same bars.
 *
 * Only the corners of the grid are asked, because a warm-up rises or falls with each period. A strategy whose periods
 * are neither (such as `a × (10 − a)`) may need more inside the grid; its signals are then false until they are defined.
 * @param warmUpOf what one point wants before its first judged bar, as `Kernel.warmUp` tells
 * @throws ConfigError as `createGrid`, before anything is read or computed
 */
export function sweepWarmUp(
  request: GridRequest,
  warmUpOf: (point: Float64Array) => WarmUp,
): WarmUp {
  return longestWarmUp(corners(createGrid(request).axes).map(warmUpOf))
}

function corners(axes: readonly Axis[]): readonly Float64Array[] {
  return axes.reduce<readonly Float64Array[]>(
    (points, { values }) => {
      const ends = new Set([extreme(values, -1), extreme(values, 1)])
      return points.flatMap((point) => [...ends].map((end) => Float64Array.of(...point, end)))
    },
    [new Float64Array(0)],
  )
}

/** The largest value for sign 1, the smallest for −1. A list may have any order. */
function extreme(values: Float64Array, sign: 1 | -1): number {
  return values.reduce((best, value) => (sign * value > sign * best ? value : best))
}
