import type { IntervalGrid } from '../core/intervals.ts'
import { intersectSpans, subtractSpans } from '../core/ranges.ts'
import type { Hole } from './repository.ts'
import type { TimeRange } from './store.ts'

/**
 * Returns the known holes after a range has been verified: what was known of the range gives way to what was found, but a
 * hole that persists keeps the time at which it was first seen. Neighbours of one cause and check become one.
 */
export function replaceHoles(
  known: readonly Hole[],
  range: TimeRange,
  found: readonly Hole[],
): readonly Hole[] {
  const outside = known.flatMap((hole) =>
    subtractSpans(hole, [range]).map((left) => ({ ...hole, ...left })),
  )
  const inside = found.map((hole) => ({ ...hole, firstSeenMs: firstSeen(hole, known) }))
  return joinNeighbours([...outside, ...inside].toSorted((a, b) => a.fromMs - b.fromMs))
}

/** Returns holes without the slots that hold a stored candle; a candle that the venue no longer sends is kept. */
export function withoutStored(
  holes: readonly Hole[],
  storedTimes: ArrayLike<number>,
  grid: IntervalGrid,
): readonly Hole[] {
  if (storedTimes.length === 0) return holes
  const slots = Array.from(storedTimes, (fromMs) => ({ fromMs, toMs: fromMs + grid.ms }))
  return holes.flatMap((hole) => {
    const taken = slots.filter((slot) => intersectSpans(slot, hole) !== undefined)
    return subtractSpans(hole, taken).map((left) => ({ ...hole, ...left }))
  })
}

function firstSeen(hole: Hole, known: readonly Hole[]): number {
  const before = known.filter((other) => intersectSpans(other, hole) !== undefined)
  return Math.min(hole.firstSeenMs, ...before.map(({ firstSeenMs }) => firstSeenMs))
}

function joinNeighbours(holes: readonly Hole[]): readonly Hole[] {
  const joined: Hole[] = []
  for (const hole of holes) {
    const last = joined.at(-1)
    const isSame =
      last?.toMs === hole.fromMs &&
      last.cause === hole.cause &&
      last.firstSeenMs === hole.firstSeenMs &&
      last.lastCheckMs === hole.lastCheckMs
    if (isSame) joined[joined.length - 1] = { ...last, toMs: hole.toMs }
    else joined.push(hole)
  }
  return joined
}
