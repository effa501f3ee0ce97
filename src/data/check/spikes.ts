import type { CandleColumns } from '../../core/candles.ts'
import { LISTED_MAX, type Spike } from './findings.ts'
import { Largest } from './largest.ts'

/** A spike reaches this many median true ranges beyond both neighbours, */
export const SPIKE_RANGES = 15
/** and at least this part of the price: in a quiet hour fifteen ranges are nothing. */
export const SPIKE_RATIO = 0.02
/** The median is that of this many candles before. */
export const SPIKE_WINDOW = 48

/** What is remembered of a candle. */
interface Bar {
  readonly openTime: number
  readonly high: number
  readonly low: number
  readonly close: number
}

/**
 * Finds candles whose high or low lies far beyond those of both neighbours: the price went there and came back at once.
 * The measure is the median true range of the candles before, which neither a spike nor a trend moves. A bad tick looks like
 * that, and so does a real flash crash: somebody has to look. Candles beside a gap have no neighbour and are not judged.
 */
export class SpikeFinder {
  readonly #intervalMs: number
  readonly #ranges = new RollingMedian(SPIKE_WINDOW)
  readonly #largest = new Largest<Spike>(LISTED_MAX, ({ ratio }) => ratio)
  #before: Bar | undefined
  #bar: Bar | undefined
  /** The median before `#bar`. */
  #median = Number.NaN
  #count = 0

  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs
  }

  get count(): number {
    return this.#count
  }

  get largest(): readonly Spike[] {
    return this.#largest.list()
  }

  /** Takes the next sound candles. */
  push({ openTime, high, low, close }: CandleColumns): void {
    for (let row = 0; row < openTime.length; row++) {
      this.#next({
        openTime: openTime[row] as number,
        high: high[row] as number,
        low: low[row] as number,
        close: close[row] as number,
      })
    }
  }

  #next(bar: Bar): void {
    const last = this.#bar
    const follows = last !== undefined && bar.openTime - last.openTime === this.#intervalMs
    if (follows && this.#before !== undefined) this.#judge(this.#before, last, bar)
    this.#before = follows ? last : undefined
    this.#bar = bar
    this.#median = this.#ranges.median
    const reference = follows ? last.close : bar.close
    this.#ranges.push(Math.max(bar.high, reference) - Math.min(bar.low, reference))
  }

  #judge(before: Bar, bar: Bar, after: Bar): void {
    // Without a full window there is no measure.
    if (Number.isNaN(this.#median)) return
    const limit = Math.max(SPIKE_RANGES * this.#median, SPIKE_RATIO * before.close)
    const above = bar.high - Math.max(before.high, after.high)
    const below = Math.min(before.low, after.low) - bar.low
    const reach = Math.max(above, below)
    if (reach <= limit) return
    this.#count++
    this.#largest.add({
      openTime: bar.openTime,
      side: above >= below ? 'high' : 'low',
      price: above >= below ? bar.high : bar.low,
      ratio: reach / before.close,
      ranges: reach / this.#median,
    })
  }
}

/** The median of the last values: a ring of them, and the same ones sorted. */
export class RollingMedian {
  readonly #ring: Float64Array
  readonly #sorted: Float64Array
  #size = 0
  #next = 0

  /** @param window an even number of values */
  constructor(window: number) {
    this.#ring = new Float64Array(window)
    this.#sorted = new Float64Array(window)
  }

  /** NaN until the window is full. */
  get median(): number {
    const middle = this.#sorted.length / 2
    if (this.#size < this.#sorted.length) return Number.NaN
    return ((this.#sorted[middle - 1] as number) + (this.#sorted[middle] as number)) / 2
  }

  push(value: number): void {
    const isFull = this.#size === this.#ring.length
    // The value that leaves gives its place to the new one, or the end does.
    this.#move(isFull ? this.#indexOf(this.#ring[this.#next] as number) : this.#size++, value)
    this.#ring[this.#next] = value
    this.#next = (this.#next + 1) % this.#ring.length
  }

  /** Puts a value in a free place and moves it to where it belongs. */
  #move(free: number, value: number): void {
    const sorted = this.#sorted
    let at = free
    for (; at > 0 && (sorted[at - 1] as number) > value; at--) {
      sorted[at] = sorted[at - 1] as number
    }
    for (; at < this.#size - 1 && (sorted[at + 1] as number) < value; at++) {
      sorted[at] = sorted[at + 1] as number
    }
    sorted[at] = value
  }

  /** The first position whose value is not smaller. */
  #indexOf(value: number): number {
    let low = 0
    let high = this.#size
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#sorted[middle] as number) < value) low = middle + 1
      else high = middle
    }
    return low
  }
}
