import type { CandleColumns } from '../../core/candles.ts'
import { CauseCounter, countCauses } from '../causes.ts'
import type { Gap } from '../continuity.ts'
import type { Hole } from '../repository.ts'
import { LISTED_MAX, type ListedGap } from './findings.ts'
import { Largest } from './largest.ts'

/** Finds missing candles between existing ones. */
export class GapFinder {
  readonly #intervalMs: number
  readonly #holes: readonly Hole[]
  readonly #causes: CauseCounter
  readonly #longest = new Largest<Gap>(LISTED_MAX, ({ candles }) => candles)
  #expected = Number.NaN
  #missing = 0
  #count = 0

  /** @param holes what is known of missing candles, sorted */
  constructor(intervalMs: number, holes: readonly Hole[]) {
    this.#intervalMs = intervalMs
    this.#holes = holes
    this.#causes = new CauseCounter(holes, intervalMs)
  }

  /** Takes the next sound candles. */
  push({ openTime }: CandleColumns): void {
    for (let row = 0; row < openTime.length; row++) {
      const time = openTime[row] as number
      if (time > this.#expected) this.#add({ fromMs: this.#expected, toMs: time })
      this.#expected = time + this.#intervalMs
    }
  }

  #add({ fromMs, toMs }: Omit<Gap, 'candles'>): void {
    const gap = { fromMs, toMs, candles: (toMs - fromMs) / this.#intervalMs }
    this.#count++
    this.#missing += gap.candles
    this.#causes.add(gap)
    this.#longest.add(gap)
  }

  finish() {
    const causesOf = (gap: Gap) => countCauses([gap], this.#holes, this.#intervalMs)
    const longestGaps: readonly ListedGap[] = this.#longest
      .list()
      .map((gap) => ({ ...gap, causes: causesOf(gap) }))
    return {
      missing: this.#missing,
      gaps: this.#count,
      longestGaps,
      causes: this.#causes.list(),
    }
  }
}
