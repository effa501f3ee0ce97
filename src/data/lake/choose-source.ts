import {
  candlesOpeningIn,
  ceilToGrid,
  floorToGrid,
  type IntervalGrid,
} from '../../core/intervals.ts'
import type { TimeRange } from '../store.ts'
import type { PartitionFacts } from './manifest.ts'

/** A stored series that a request can be answered from, as far as its manifest describes it. */
export interface Candidate {
  readonly grid: IntervalGrid
  /** In order of time. */
  readonly facts: readonly Pick<PartitionFacts, 'rows' | 'first' | 'last' | 'holes'>[]
}

/** How many candles of a range a candidate yields for certain, and how many at the best. */
export interface Yield {
  readonly least: number
  readonly most: number
}

/**
 * Chooses what answers a request: the stored interval itself, unless a finer one is certain to yield more candles of the
 * range. Among finer ones the one that yields most for certain, then at the best, and among equals the coarsest.
 *
 * A manifest knows how many candles a month lacks, and not which. Of a finer series each missing candle may spoil another
 * one of the result, so a finer series is certain of few candles when it has many holes: in doubt the exchange's own
 * candles answer. Returns undefined when no candidate holds anything of the range.
 *
 * @param exact the series of the asked interval, if it is stored
 * @param range open times asked for
 */
export function chooseSource<T extends Candidate>(
  exact: T | undefined,
  finer: readonly T[],
  coarse: IntervalGrid,
  range: TimeRange,
): T | undefined {
  const wanted = candlesOpeningIn(range, coarse)
  const ranked = finer
    .map((source) => ({ source, ...yieldOf(source, coarse, wanted) }))
    .filter(({ most }) => most > 0)
    .sort((a, b) => b.least - a.least || b.most - a.most || b.source.grid.ms - a.source.grid.ms)
  const best = ranked[0]
  if (exact === undefined) return best?.source
  const own = yieldOf(exact, coarse, wanted).most
  return best !== undefined && best.least > own ? best.source : own > 0 ? exact : best?.source
}

/** Whether a series holds every candle of a range, so that no other one can yield more. */
export function isComplete({ grid, facts }: Candidate, range: TimeRange): boolean {
  const { fromMs, toMs } = candlesOpeningIn(range, grid)
  return yieldOf({ grid, facts }, grid, { fromMs, toMs }).least === (toMs - fromMs) / grid.ms
}

/** Bounds what a series yields of a range. @param wanted whole candles of `coarse` */
export function yieldOf(
  { grid, facts }: Candidate,
  coarse: IntervalGrid,
  wanted: TimeRange,
): Yield {
  let [slots, spoiled, spoiledAtLeast] = [0, 0, 0]
  for (const { fromMs, toMs, holes } of stretchesOf({ grid, facts }, wanted)) {
    const [first, end] = [ceilToGrid(fromMs, coarse), floorToGrid(toMs, coarse)]
    const stretch = Math.max(0, (end - first) / coarse.ms)
    // A hole may lie in what is left over at the ends, where it spoils nothing.
    const atEnds = (first - fromMs + toMs - end) / grid.ms
    const certain = Math.max(0, holes.certain - atEnds)
    slots += stretch
    spoiled += Math.min(stretch, holes.possible)
    spoiledAtLeast += Math.min(stretch, Math.ceil((certain * grid.ms) / coarse.ms))
  }
  return { least: slots - spoiled, most: slots - spoiledAtLeast }
}

/** Candles without a hole between two months. */
interface Stretch extends TimeRange {
  /** Missing candles inside: those that lie in the wanted range for certain, and those that may. */
  readonly holes: { readonly certain: number; readonly possible: number }
}

/** Joins months that follow each other without a hole, cut to the wanted range. */
function stretchesOf({ grid, facts }: Candidate, wanted: TimeRange): readonly Stretch[] {
  const stretches: Stretch[] = []
  for (const { first, last, holes } of facts) {
    const fromMs = Math.max(first, wanted.fromMs)
    const toMs = Math.min(last + grid.ms, wanted.toMs)
    if (fromMs >= toMs) continue
    const isWhole = fromMs === first && toMs === last + grid.ms
    const added = { certain: isWhole ? holes : 0, possible: holes }
    const before = stretches.at(-1)
    if (before?.toMs === fromMs) {
      const { certain, possible } = before.holes
      const sum = { certain: certain + added.certain, possible: possible + added.possible }
      stretches[stretches.length - 1] = { fromMs: before.fromMs, toMs, holes: sum }
    } else {
      stretches.push({ fromMs, toMs, holes: added })
    }
  }
  return stretches
}
