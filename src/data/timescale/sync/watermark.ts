import { invariant } from '../../../core/errors.ts'
import type { SeriesKey } from '../../store.ts'
import type { Tier } from '../features.ts'
import type { Session } from '../session.ts'
import type { SourceMonth } from './plan.ts'

/** What the database has of a series. */
export interface Watermark {
  /** Identity of the database. */
  readonly database: string
  /** 0 when it does not know the series. */
  readonly seriesId: number
  /** Months with at least one candle, in order. */
  readonly months: readonly SourceMonth[]
}

const MONTH_START = `month::timestamp AT TIME ZONE 'UTC'`
const MONTH_END = `(month + interval '1 month') AT TIME ZONE 'UTC'`

/** Dropping a chunk of a hypertable fires no trigger. So there the names of a month's chunks, which are never used again, count too. */
const CHUNKS = `(
  SELECT ' ' || md5(string_agg(chunk_name, ' ' ORDER BY range_start)) FROM timescaledb_information.chunks
  WHERE hypertable_schema = current_schema() AND hypertable_name = 'candles'
    AND range_start < ${MONTH_END} AND range_end > ${MONTH_START}
)`

/**
 * Reads versions of months. A month keeps its version when its last candle is deleted, and has one when the venue has no candle
 * in it, so those of another version than known are probed for a candle.
 * @param known versions that the lake has copies of
 */
export async function readWatermark(
  session: Session,
  { exchange, symbol, interval }: SeriesKey,
  known: readonly SourceMonth[],
  tier: Tier,
): Promise<Watermark> {
  const version = tier === 'plain' ? 'version::text' : `version || coalesce(${CHUNKS}, '')`
  const rows = await session.query<{
    database: string
    series_id: number | null
    month: string | null
    version: string | null
  }>(
    `SELECT d.id AS database, s.id AS series_id, p.month, p.version
     FROM database_identity d
     LEFT JOIN series s ON s.exchange = $1 AND s.symbol = $2 AND s.interval = $3
     LEFT JOIN LATERAL (
       SELECT to_char(month, 'YYYY-MM') AS month, v.version FROM partitions
       CROSS JOIN LATERAL (SELECT ${version} AS version) v
       WHERE series_id = s.id AND (
         to_char(month, 'YYYY-MM') || ' ' || v.version = ANY ($4::text[])
         OR EXISTS (
           SELECT FROM candles c WHERE c.series_id = s.id
             AND c.open_time >= ${MONTH_START} AND c.open_time < ${MONTH_END}
         )
       )
     ) p ON true
     ORDER BY p.month`,
    [exchange, symbol, interval, known.map(({ month, version }) => `${month} ${version}`)],
  )
  const [first] = rows
  invariant(first !== undefined, 'a migrated database has an identity')
  return {
    database: first.database,
    seriesId: first.series_id ?? 0,
    months: rows.flatMap(({ month, version }) =>
      month === null || version === null ? [] : [{ month, version }],
    ),
  }
}

/** Returns every series that holds a candle or has a month on record. */
export async function readSeriesKeys(session: Session): Promise<readonly SeriesKey[]> {
  return await session.query<SeriesKey>(
    `SELECT exchange, symbol, interval FROM series s
     WHERE EXISTS (SELECT FROM partitions p WHERE p.series_id = s.id)
     ORDER BY exchange, symbol, interval_ms`,
  )
}
