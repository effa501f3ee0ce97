import { candlesOpeningIn, countCandles, type IntervalGrid } from '../../core/intervals.ts'
import { spansWithin } from '../../core/ranges.ts'
import { holesWithin } from '../holes.ts'
import { monthRange } from '../lake/lake.ts'
import type { Hole } from '../repository.ts'
import type { TimeRange } from '../store.ts'
import { timeText } from './copy.ts'
import type { Session } from './session.ts'

/**
 * Returns those of some months in which a covered candle is neither stored nor a known hole. A trigger notices every other change, but dropping a
 * chunk of a hypertable, as retention policies do, fires none.
 */
export async function findMonthsWithLosses(
  session: Session,
  seriesId: number,
  months: readonly string[],
  { covered, holes, grid }: KnownCandles,
): Promise<readonly string[]> {
  const parts = months.flatMap((month) =>
    spansWithin(covered, candlesOpeningIn(monthRange(month), grid)).map((range) => ({
      month,
      range,
    })),
  )
  const counts = await session.query<{ candles: number }>(
    `SELECT counted.candles FROM unnest($2::timestamptz[], $3::timestamptz[]) WITH ORDINALITY AS part (from_time, to_time, place)
     CROSS JOIN LATERAL (
       SELECT count(*)::int AS candles FROM candles
       WHERE series_id = $1 AND open_time >= part.from_time AND open_time < part.to_time
     ) AS counted
     ORDER BY part.place`,
    [
      seriesId,
      parts.map(({ range }) => timeText(range.fromMs)),
      parts.map(({ range }) => timeText(range.toMs)),
    ],
  )
  const lossy = parts.filter(({ range }, i) => {
    const missing = countCandles(holesWithin(holes, [range]), grid)
    return (counts[i]?.candles ?? 0) + missing < countCandles([range], grid)
  })
  return [...new Set(lossy.map(({ month }) => month))]
}

/** What is known of a series besides its candles. */
export interface KnownCandles {
  /** Sorted ranges of whole candles. */
  readonly covered: readonly TimeRange[]
  readonly holes: readonly Hole[]
  readonly grid: IntervalGrid
}
