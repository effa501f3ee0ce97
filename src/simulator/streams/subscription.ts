import type { VenueSeries } from '../venue/venue-series.ts'
import type { KlineUpdate } from './kline-event.ts'
import type { KlineStream } from './stream-name.ts'

/** Updates that a candle gets however fast time goes, the closing one included. */
const UPDATES_PER_CANDLE = 4
/** Simulated time between the updates of a candle when time goes slowly: what Binance says of its own. */
const UPDATE_MS = 2000

/**
 * What one stream has told so far. Every candle of the exchange gets its closing update exactly once, and three before it
 * at quarters of its time; as long as time goes slowly enough there is another every two seconds.
 */
export class Subscription {
  readonly stream: KlineStream
  readonly #series: VenueSeries
  /** Everything up to this simulated time has been told. */
  #toldMs: number
  #due: KlineUpdate | undefined

  /** @param sinceMs simulated time of the subscription */
  constructor(stream: KlineStream, series: VenueSeries, sinceMs: number) {
    this.stream = stream
    this.#series = series
    this.#toldMs = sinceMs
  }

  /** Returns the next update that is due at `nowMs`, the same one until it has been told. */
  next(nowMs: number): KlineUpdate | undefined {
    this.#due ??= this.#find(nowMs)
    return this.#due
  }

  /** Counts the update that is due as told. */
  told({ eventMs }: KlineUpdate): void {
    this.#toldMs = eventMs
    this.#due = undefined
  }

  #find(nowMs: number): KlineUpdate | undefined {
    const { ms } = this.#series.grid
    const openTime = this.#series.nextOpenTime(this.#toldMs - ms + 1)
    if (openTime === undefined) return undefined
    const step = ms / UPDATES_PER_CANDLE
    const passed = Math.max(0, Math.floor((this.#toldMs - openTime) / step))
    const planned = openTime + (passed + 1) * step
    const isDue = nowMs >= openTime && nowMs - this.#toldMs >= UPDATE_MS
    if (planned > nowMs && !isDue) return undefined
    const eventMs = Math.min(planned, nowMs)
    const candle = this.#series.candle(openTime, eventMs)
    const isClosed = eventMs === openTime + ms
    return candle && { stream: this.stream, candle, ms, isClosed, eventMs }
  }
}
