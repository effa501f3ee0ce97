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
  const counter = new CauseCounter(holes, candleMs)
  for (const gap of gaps) counter.add(gap)
  return counter.list()
}

/** The same for gaps that come one by one, each later than those before. */
export class CauseCounter {
  readonly #holes: readonly Hole[]
  readonly #candleMs: number
  readonly #counts = new Map<HoleCause | null, number>()
  /** Holes before this one end before the gap at hand. */
  #first = 0

  constructor(holes: readonly Hole[], candleMs: number) {
    this.#holes = holes
    this.#candleMs = candleMs
  }

  add({ fromMs, toMs }: TimeRange): void {
    const total = (toMs - fromMs) / this.#candleMs
    while ((this.#holes[this.#first]?.toMs ?? Infinity) <= fromMs) this.#first++
    let done = 0
    for (let i = this.#first; (this.#holes[i]?.fromMs ?? Infinity) < toMs; i++) {
      const hole = this.#holes[i] as Hole
      const start = Math.max(done, Math.floor((hole.fromMs - fromMs) / this.#candleMs))
      const end = Math.min(total, Math.ceil((hole.toMs - fromMs) / this.#candleMs))
      this.#count(null, start - done)
      this.#count(hole.cause, end - start)
      done = Math.max(done, end)
    }
    this.#count(null, total - done)
  }

  list(): readonly CauseCount[] {
    return [...this.#counts]
      .map(([cause, candles]) => ({ cause, candles }))
      .sort((a, b) => b.candles - a.candles)
  }

  #count(cause: HoleCause | null, candles: number): void {
    if (candles > 0) this.#counts.set(cause, (this.#counts.get(cause) ?? 0) + candles)
  }
}
