import type { CandleColumns } from '../core/candles.ts'
import { invariant } from '../core/errors.ts'
import { type IntervalGrid, isAligned } from '../core/intervals.ts'
import { findViolation } from './columns.ts'
import type { Hole, VerifiedPage } from './repository.ts'
import type { TimeRange } from './store.ts'

/** Stops at candles that are not valid ones of a range. What a caller hands in has been verified; anything else is a bug of the caller. */
export function checkCandles(candles: CandleColumns, range: TimeRange, grid: IntervalGrid): void {
  const { openTime } = candles
  invariant(isSpanOf(range, grid), 'a page is a range of whole candles')
  const violation = findViolation(candles, grid, -Infinity)
  invariant(violation === undefined, `the candles of a page are valid (${violation?.rule})`)
  invariant(
    openTime.length === 0 || (isIn(openTime[0] as number, range) && isIn(openTime.at(-1), range)),
    'the candles of a page lie in its range',
  )
}

/** Stops at a page that breaks its contract. */
export function checkPage(page: VerifiedPage, grid: IntervalGrid): void {
  const { range, candles, holes, quarantined } = page
  checkCandles(candles, range, grid)
  for (const [i, hole] of holes.entries()) {
    const from = holes[i - 1]?.toMs ?? range.fromMs
    invariant(
      isSpanOf(hole, grid) && hole.fromMs >= from && hole.toMs <= range.toMs,
      'the holes of a page are whole candles of its range, sorted and apart',
    )
  }
  invariant(
    quarantined.every(({ openTime }) => isIn(openTime, range)),
    'the quarantined candles of a page lie in its range',
  )
}

/**
 * Stops at a page that hides a hole: each slot of its range is a candle, fresh or stored, or lies in a hole, and only one of them.
 * @param candles how many slots of the range hold a candle once the page is stored
 * @param holes those of the page, without the slots of stored candles
 */
export function checkComplete(
  range: TimeRange,
  candles: number,
  holes: readonly Hole[],
  grid: IntervalGrid,
): void {
  const missing = holes.reduce((total, { fromMs, toMs }) => total + toMs - fromMs, 0)
  invariant(
    candles * grid.ms + missing === range.toMs - range.fromMs,
    'every slot of a page is a candle or lies in a hole',
  )
}

function isSpanOf({ fromMs, toMs }: TimeRange, grid: IntervalGrid): boolean {
  return fromMs < toMs && isAligned(fromMs, grid) && isAligned(toMs, grid)
}

function isIn(time: number | undefined, { fromMs, toMs }: TimeRange): boolean {
  return time !== undefined && time >= fromMs && time < toMs
}
