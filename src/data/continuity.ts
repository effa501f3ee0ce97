import { type CauseCount, countCauses, type FindHoles } from './causes.ts'
import type { TimeRange, WarmCandles } from './store.ts'

/** A range of missing candles. */
export interface Gap extends TimeRange {
  readonly candles: number
}

/** How whole the judged candles are. */
export interface Continuity {
  /** Candles between the first judged one and the last, both included, if none were missing; those that exist; the rest. */
  readonly expected: number
  readonly present: number
  readonly missing: number
  /** Ranges of missing candles, and the longest of them (the first, when several are as long). */
  readonly gaps: number
  readonly longestGap: Gap | null
  /** Missing candles by cause, most first. */
  readonly causes: readonly CauseCount[]
  /** The finer interval that the candles were built from, and how many of the missing lack only a part of theirs. */
  readonly resampledFrom: string | null
  /** Whether they were built from what exists of the finer ones: the exchange is configured as sparse. */
  readonly sparse: boolean
  readonly incomplete: number
}

/** Measures the judged candles. @param findHoles knows why candles are missing; it is asked only when some are */
export async function continuityOf(
  { candles, window, covered, holes }: WarmCandles,
  findHoles: FindHoles,
): Promise<Continuity> {
  const { exchange, symbol, interval, intervalMs, resampledFrom, incompleteTimes, isSparse } =
    candles
  const present = window.end - window.first
  const gaps =
    holes === 0 ? [] : gapsIn(candles.openTime.subarray(window.first, window.end), intervalMs)
  const key = { exchange, symbol, interval: resampledFrom ?? interval }
  const known = gaps.length === 0 ? [] : await findHoles(key, covered)
  return {
    expected: present + holes,
    present,
    missing: holes,
    gaps: gaps.length,
    longestGap: gaps.reduce<Gap | null>(longer, null),
    causes: countCauses(gaps, known, intervalMs),
    resampledFrom,
    sparse: isSparse,
    incomplete: incompleteTimes.filter((time) => time >= covered.fromMs && time < covered.toMs)
      .length,
  }
}

function gapsIn(openTime: Float64Array, intervalMs: number): Gap[] {
  const gaps: Gap[] = []
  for (let row = 1; row < openTime.length; row++) {
    const fromMs = (openTime[row - 1] as number) + intervalMs
    const toMs = openTime[row] as number
    if (toMs > fromMs) gaps.push({ fromMs, toMs, candles: (toMs - fromMs) / intervalMs })
  }
  return gaps
}

function longer(longest: Gap | null, gap: Gap): Gap {
  return longest === null || gap.candles > longest.candles ? gap : longest
}
