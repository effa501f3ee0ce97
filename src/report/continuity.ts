import { Type } from 'typebox'
import { formatInstant } from '../core/units.ts'
import type { CauseCount } from '../data/causes.ts'
import type { Continuity, Gap } from '../data/continuity.ts'
import { Count, closed, Instant, Nullable } from './leaves.ts'
import { factLines } from './terminal/blocks.ts'
import { count, instant, plural } from './terminal/format.ts'
import type { Style } from './terminal/style.ts'

/** How whole candles are: what is missing among them and why, and what they were built from. */

/** How many candles are missing for a cause. */
export const Causes = Type.Array(
  Type.Object(
    {
      cause: Nullable(
        Type.String({
          description:
            '`venue`: asked again, it has none; `quarantine`: it sent bad ones; null: not known',
        }),
      ),
      candles: Count('missing candles'),
    },
    closed,
  ),
  { description: 'missing candles by cause, most first' },
)

/** A range of missing candles. */
export const gap = {
  start_time: Instant,
  end_time: Instant,
  candles: Count('missing candles'),
}

/** What candles were built from. */
export const origin = {
  resampled_from: Nullable(
    Type.String({ description: 'the finer interval that the candles were built from' }),
  ),
  sparse: Type.Boolean({
    description: 'built from what exists of the finer candles: `sparse: true` of the exchange',
  }),
}

export const ContinuityDocument = Type.Object(
  {
    expected: Count('candles from the first judged one to the last, if none were missing'),
    present: Count('candles judged'),
    missing: Count('the difference; none is invented'),
    gaps: Count('ranges of missing candles'),
    longest_gap: Nullable(Type.Object(gap, closed)),
    causes: Causes,
    ...origin,
    incomplete: Count('missing ones of which finer candles exist, but not all'),
  },
  { ...closed, description: 'how whole the judged candles are' },
)

export function continuityJson(continuity: Continuity) {
  const { longestGap, causes, resampledFrom, expected, present, missing, gaps, incomplete } =
    continuity
  return {
    expected,
    present,
    missing,
    gaps,
    longest_gap: longestGap === null ? null : gapJson(longestGap),
    causes: causes.map(causeJson),
    resampled_from: resampledFrom,
    sparse: continuity.sparse,
    incomplete,
  }
}

/** A range of missing candles. */
export function gapJson({ fromMs, toMs, candles }: Gap) {
  return { start_time: formatInstant(fromMs), end_time: formatInstant(toMs), candles }
}

export function causeJson({ cause, candles }: CauseCount) {
  return { cause, candles }
}

/** The line of a report that says how whole the judged candles are. */
export function continuityLines(continuity: Continuity, style: Style): string[] {
  return factLines([['candles', continuityText(continuity)]], style)
}

/** `13,498 of 13,498, no hole`, or what is missing, where most and why. */
export function continuityText(continuity: Continuity): string {
  const { expected, present, missing, gaps, longestGap, causes, resampledFrom, incomplete } =
    continuity
  const built = builtFrom(resampledFrom, continuity.sparse)
  const judged = `${count(present)} of ${count(expected)}`
  if (longestGap === null) return `${judged}, no hole${built}`
  const longest = `${count(longestGap.candles)} from ${instant(longestGap.fromMs)}`
  const where = gaps === 1 ? longest : `in ${plural(gaps, 'gap')}, the longest ${longest}`
  const parts = incomplete === 0 ? '' : `; ${count(incomplete)} of them incomplete`
  return `${judged}, ${count(missing)} missing: ${where}${causesText(causes)}${built}${parts}`
}

/** `, built from 1m`, and whether missing ones counted as candles in which nothing traded. */
export function builtFrom(finer: string | null, sparse: boolean): string {
  if (finer === null) return ''
  return sparse ? `, built from ${finer} as far as it exists (sparse)` : `, built from ${finer}`
}

/** ` (exchange has none 29, not known 2)`; nothing where no cause is known. */
export function causesText(causes: readonly CauseCount[]): string {
  if (causes.every(({ cause }) => cause === null)) return ''
  const texts = causes.map(({ cause, candles }) => `${causeName(cause)} ${count(candles)}`)
  return ` (${texts.join(', ')})`
}

function causeName(cause: CauseCount['cause']): string {
  if (cause === 'venue') return 'exchange has none'
  return cause === 'quarantine' ? 'exchange sent bad ones' : 'not known'
}
