import { ConfigError } from '../../core/errors.ts'
import { ceilToGrid, floorToGrid, type IntervalGrid } from '../../core/intervals.ts'
import { DAY_MS, formatInstant } from '../../core/units.ts'
import type { TimeRange } from '../store.ts'

/** What a user asks for: the last days, or from an instant to another one; without an end, up to now. */
export type Period =
  | { readonly days: number }
  | { readonly fromMs: number; readonly toMs?: number | undefined }

/**
 * A candle counts as closed this long after its end by the venue's clock: the answer that tells the time and the one that
 * holds the candle may come from different machines.
 */
const CLOSE_GRACE_MS = 1_000

/**
 * Returns the open times of the closed candles of a period, which may be none.
 * @param venueMs the venue's time
 * @throws ConfigError `INGEST_PERIOD` when the period is reversed or lies in the future
 */
export function closedRange(period: Period, grid: IntervalGrid, venueMs: number): TimeRange {
  const { fromMs, toMs } = instantsOf(period, venueMs)
  if (fromMs >= toMs) {
    throw badPeriod(
      `--from ${formatInstant(fromMs)} must be before --to ${formatInstant(toMs)}, which is exclusive.`,
    )
  }
  if (toMs > venueMs) {
    throw badPeriod(
      `--to ${formatInstant(toMs)} lies in the future: the exchange's clock says ${formatInstant(venueMs)}. Leave --to out for everything up to now.`,
    )
  }
  const from = ceilToGrid(fromMs, grid)
  const closed = floorToGrid(venueMs - CLOSE_GRACE_MS, grid)
  return { fromMs: from, toMs: Math.max(from, Math.min(ceilToGrid(toMs, grid), closed)) }
}

function instantsOf(period: Period, venueMs: number): TimeRange {
  if ('days' in period) return { fromMs: venueMs - period.days * DAY_MS, toMs: venueMs }
  if (period.fromMs >= venueMs) {
    throw badPeriod(
      `--from ${formatInstant(period.fromMs)} lies in the future: the exchange's clock says ${formatInstant(venueMs)}.`,
    )
  }
  return { fromMs: period.fromMs, toMs: period.toMs ?? venueMs }
}

function badPeriod(message: string): ConfigError {
  return new ConfigError('INGEST_PERIOD', message)
}
