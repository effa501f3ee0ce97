import { floorTo, roundTo } from '../decimal.ts'
import type { Candle, Series } from './series.ts'

/** Decimals that prices and sizes of a symbol have. */
export interface Precision {
  readonly price: number
  readonly size: number
}

/** What an unfinished candle is built from. */
export interface FormingSource {
  /** Length of the candle, milliseconds. */
  readonly ms: number
  /** Recorded candles of finer intervals, finest first. */
  readonly finer: readonly Series[]
  readonly precision: Precision
}

/**
 * Returns what a candle shows at a time within it: the finer candles that have traded by then, the last of them in
 * part; without finer ones, the beginning of a path from open over both extremes to close.
 */
export function formingCandle(whole: Candle, nowMs: number, source: FormingSource): Candle {
  for (const fine of source.finer) {
    const candle = fromFiner(whole.openTime, nowMs, fine, source.precision)
    if (candle !== undefined) return candle
  }
  return beginningOf(whole, (nowMs - whole.openTime) / source.ms, source.precision)
}

/** Undefined when a finer candle is missing. */
function fromFiner(
  openTime: number,
  nowMs: number,
  fine: Series,
  precision: Precision,
): Candle | undefined {
  const { ms } = fine.grid
  const closed = Math.floor((nowMs - openTime) / ms)
  const first = fine.firstAtOrAfter(openTime)
  const last = first + closed
  const isComplete =
    last < fine.count &&
    fine.openTime(first) === openTime &&
    fine.openTime(last) === openTime + closed * ms
  if (!isComplete) return undefined
  const passed = (nowMs - fine.openTime(last)) / ms
  let candle = last === first ? undefined : fine.at(first)
  for (let index = first + 1; index < last; index++) candle = joined(candle, fine.at(index))
  return joined(candle, beginningOf(fine.at(last), passed, precision))
}

function joined(before: Candle | undefined, next: Candle): Candle {
  if (before === undefined) return next
  return {
    openTime: before.openTime,
    open: before.open,
    high: Math.max(before.high, next.high),
    low: Math.min(before.low, next.low),
    close: next.close,
    volume: before.volume + next.volume,
  }
}

/**
 * The candle after a fraction of its time. The price goes in three straight legs: open, the extreme against the
 * candle's direction, the other extreme, close. High and volume never fall, low never rises.
 */
function beginningOf(whole: Candle, fraction: number, precision: Precision): Candle {
  const { openTime, open, high, low, close } = whole
  const path = close >= open ? [open, low, high, close] : [open, high, low, close]
  const way = fraction * 3
  const leg = Math.min(2, Math.floor(way))
  const [from, to] = path.slice(leg, leg + 2) as [number, number]
  const price = roundTo(from + (to - from) * (way - leg), precision.price)
  const passed = [...path.slice(0, leg + 1), price]
  return {
    openTime,
    open,
    high: Math.max(...passed),
    low: Math.min(...passed),
    close: price,
    volume: floorTo(whole.volume * fraction, precision.size),
  }
}
