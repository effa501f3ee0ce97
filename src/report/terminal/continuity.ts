import type { CauseCount } from '../../data/causes.ts'
import type { Continuity } from '../../data/continuity.ts'
import { factLines } from './blocks.ts'
import { count, instant, plural } from './format.ts'
import type { Style } from './style.ts'

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
