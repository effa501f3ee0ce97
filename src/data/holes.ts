import type { Hole, HoleCause } from './repository.ts'
import type { SeriesKey, TimeRange } from './store.ts'

/** Tells what is known of missing candles of a series: sorted ranges that overlap `range`; nothing where nobody keeps a ledger. */
export type FindHoles = (key: SeriesKey, range: TimeRange) => Promise<readonly Hole[]>

/** Nobody keeps a ledger: imported candles have none. */
export const noLedger: FindHoles = async () => []

/** How many candles are missing for a cause; null: it is not known. */
export interface CauseCount {
  readonly cause: HoleCause | null
  readonly candles: number
}

/**
 * Counts missing candles by cause, most first.
 * @param gaps ranges of missing candles, sorted, whole candles of `candleMs`
 * @param holes what is known of them, sorted; a candle that a hole touches is missing because of it
 */
export function countCauses(
  gaps: readonly TimeRange[],
  holes: readonly Hole[],
  candleMs: number,
): readonly CauseCount[] {
  const counts = new Map<HoleCause | null, number>()
  const add = (cause: HoleCause | null, candles: number) => {
    if (candles > 0) counts.set(cause, (counts.get(cause) ?? 0) + candles)
  }
  let first = 0
  for (const { fromMs, toMs } of gaps) {
    while (first < holes.length && (holes[first] as Hole).toMs <= fromMs) first++
    const total = (toMs - fromMs) / candleMs
    let done = 0
    for (let i = first; i < holes.length && (holes[i] as Hole).fromMs < toMs; i++) {
      const hole = holes[i] as Hole
      const start = Math.max(done, Math.floor((hole.fromMs - fromMs) / candleMs))
      const end = Math.min(total, Math.ceil((hole.toMs - fromMs) / candleMs))
      add(null, start - done)
      add(hole.cause, end - start)
      done = Math.max(done, end)
    }
    add(null, total - done)
  }
  return [...counts]
    .map(([cause, candles]) => ({ cause, candles }))
    .sort((a, b) => b.candles - a.candles)
}
