import type { IntervalGrid } from '../core/intervals.ts'
import { intersectSpans, type Span, subtractSpans } from '../core/ranges.ts'
import { firstFrom } from '../core/sorted-times.ts'
import type { Hole } from './repository.ts'
import type { TimeRange } from './store.ts'

/**
 * Returns the known holes after a range has been verified: what was known of the range gives way to what was found, but a
 * slot that is still missing keeps the time at which it was first seen. Neighbours of one cause and check become one.
 */
export function replaceHoles(
  known: readonly Hole[],
  range: TimeRange,
  found: readonly Hole[],
): readonly Hole[] {
  const outside = known.flatMap((hole) => without(hole, [range]))
  const inside = found.flatMap((hole) => withFirstSight(hole, known))
  return joinNeighbours([...outside, ...inside].toSorted((a, b) => a.fromMs - b.fromMs))
}

/** Returns holes without the slots that hold a stored candle; a candle that the venue no longer sends is kept. */
export function withoutStored(
  holes: readonly Hole[],
  storedTimes: ArrayLike<number>,
  grid: IntervalGrid,
): readonly Hole[] {
  return holes.flatMap((hole) => {
    const slots: Span[] = []
    for (let row = firstFrom(storedTimes, hole.fromMs); row < storedTimes.length; row++) {
      const fromMs = storedTimes[row] as number
      if (fromMs >= hole.toMs) break
      slots.push({ fromMs, toMs: fromMs + grid.ms })
    }
    return slots.length === 0 ? [hole] : without(hole, slots)
  })
}

/** Returns the parts of holes that lie in sorted ranges. */
export function holesWithin(holes: readonly Hole[], ranges: readonly TimeRange[]): readonly Hole[] {
  return holes.flatMap((hole) =>
    ranges.flatMap((range) => {
      const shared = intersectSpans(hole, range)
      return shared === undefined ? [] : [{ ...hole, ...shared }]
    }),
  )
}

function without(hole: Hole, taken: readonly Span[]): readonly Hole[] {
  return subtractSpans(hole, taken).map((left) => ({ ...hole, ...left }))
}

/** Splits a hole into what was missing before, which keeps its first sight, and what is new. */
function withFirstSight(hole: Hole, known: readonly Hole[]): readonly Hole[] {
  const before = known.flatMap((other) => {
    const shared = intersectSpans(other, hole)
    const firstSeenMs = Math.min(hole.firstSeenMs, other.firstSeenMs)
    return shared === undefined ? [] : [{ ...hole, ...shared, firstSeenMs }]
  })
  return before.length === 0 ? [hole] : [...before, ...without(hole, before)]
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
