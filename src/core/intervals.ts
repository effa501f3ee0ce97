import { ConfigError } from './errors.ts'
import type { Span } from './ranges.ts'
import { DAY_MS, type DurationMs, findIntervalMs } from './units.ts'

const MONDAY_MS = 4 * DAY_MS

/** Where the candles of an interval lie on the time axis: every open time is `anchorMs` plus a multiple of `ms`. */
export interface IntervalGrid {
  readonly name: string
  readonly ms: DurationMs
  /** 0, or for weeks the first Monday of 1970. */
  readonly anchorMs: number
}

/** @throws ConfigError `UNKNOWN_INTERVAL` */
export function parseInterval(interval: string): IntervalGrid {
  const ms = findIntervalMs(interval)
  if (ms === undefined) {
    throw new ConfigError(
      'UNKNOWN_INTERVAL',
      `interval '${interval}' is not one: expected a count and m, h, d or w, such as 1m, 15m, 4h, 1d or 1w.`,
      { context: { interval } },
    )
  }
  return { name: interval, ms, anchorMs: interval.endsWith('w') ? MONDAY_MS : 0 }
}

export function isAligned(timeMs: number, grid: IntervalGrid): boolean {
  return (timeMs - grid.anchorMs) % grid.ms === 0
}

/** Returns the start of the candle that contains `timeMs`. */
export function floorToGrid(timeMs: number, grid: IntervalGrid): number {
  return Math.floor((timeMs - grid.anchorMs) / grid.ms) * grid.ms + grid.anchorMs
}

/** Returns the first grid time at or after `timeMs`. */
export function ceilToGrid(timeMs: number, grid: IntervalGrid): number {
  return -floorToGridNegated(timeMs, grid)
}

/** Returns the time of the candles that open in a span: the last one may end behind it. */
export function candlesOpeningIn({ fromMs, toMs }: Span, grid: IntervalGrid): Span {
  return { fromMs: ceilToGrid(fromMs, grid), toMs: ceilToGrid(toMs, grid) }
}

/** Returns the number of candles that fill spans of whole candles. */
export function countCandles(spans: readonly Span[], grid: IntervalGrid): number {
  return spans.reduce((total, { fromMs, toMs }) => total + (toMs - fromMs) / grid.ms, 0)
}

/** Whether every candle of `coarse` is made of whole candles of `fine`. */
export function divides(fine: IntervalGrid, coarse: IntervalGrid): boolean {
  return fine.ms < coarse.ms && coarse.ms % fine.ms === 0 && isAligned(coarse.anchorMs, fine)
}

function floorToGridNegated(timeMs: number, grid: IntervalGrid): number {
  return Math.floor((grid.anchorMs - timeMs) / grid.ms) * grid.ms - grid.anchorMs
}
