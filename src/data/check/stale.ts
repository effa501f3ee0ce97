import type { CandleColumns } from '../../core/candles.ts'
import type { Gap } from '../continuity.ts'
import { LISTED_MAX } from './findings.ts'
import { Largest } from './largest.ts'

/** Fewer candles than this that repeat a price are an idle market; as many look like filled-in ones. */
export const STALE_CANDLES_MIN = 5

/** Counts candles of volume 0 and those whose volume is not known, and finds runs of them that repeat the close before in all four prices. */
export class StaleFinder {
  readonly #intervalMs: number
  readonly #longest = new Largest<Gap>(LISTED_MAX, ({ candles }) => candles)
  #zeroVolume = 0
  #missingVolume = 0
  #runs = 0
  #lastTime = Number.NaN
  #lastClose = Number.NaN
  #start = 0
  #length = 0

  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs
  }

  /** Takes the next sound candles. */
  push({ openTime, open, high, low, close, volume }: CandleColumns): void {
    for (let row = 0; row < openTime.length; row++) {
      const time = openTime[row] as number
      const price = close[row] as number
      const isIdle = volume[row] === 0
      if (isIdle) this.#zeroVolume++
      else if (Number.isNaN(volume[row])) this.#missingVolume++
      const repeats =
        isIdle &&
        price === this.#lastClose &&
        time - this.#lastTime === this.#intervalMs &&
        open[row] === price &&
        high[row] === price &&
        low[row] === price
      if (!repeats) this.#end()
      else if (this.#length++ === 0) this.#start = time
      this.#lastTime = time
      this.#lastClose = price
    }
  }

  finish() {
    this.#end()
    return {
      zeroVolume: this.#zeroVolume,
      missingVolume: this.#missingVolume,
      stale: this.#runs,
      longestStale: this.#longest.list(),
    }
  }

  #end(): void {
    const candles = this.#length
    this.#length = 0
    if (candles < STALE_CANDLES_MIN) return
    const fromMs = this.#start
    this.#runs++
    this.#longest.add({ fromMs, toMs: fromMs + candles * this.#intervalMs, candles })
  }
}
