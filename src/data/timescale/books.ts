import { ConnectivityError } from '../../core/errors.ts'
import { candlesOpeningIn, type IntervalGrid, parseInterval } from '../../core/intervals.ts'
import { intersectSpans, mergeSpans, spansWithin, subtractSpans } from '../../core/ranges.ts'
import { holesWithin } from '../holes.ts'
import { monthOf, monthRange, monthsIn } from '../lake/lake.ts'
import type { Hole, HoleCause, QuarantinedCandle, SeriesBooks } from '../repository.ts'
import type { SeriesKey, TimeRange } from '../store.ts'
import { timeText } from './copy.ts'
import type { Tier } from './features.ts'
import { findMonthsWithLosses } from './lost-candles.ts'
import type { Session } from './session.ts'

/**
 * What the database knows of a series besides its candles: versions of months, coverage, holes, quarantine.
 * See migrations/0001_candles.sql.
 */

/** TimescaleDB unpacks at most this many rows of compressed chunks in one transaction; a repair may need more. */
const UNPACKING_LIMIT = 'timescaledb.max_tuples_decompressed_per_dml_transaction'

/** Returns the number of a series, or undefined when it was never opened. */
export async function findSeriesId(
  session: Session,
  { exchange, symbol, interval }: SeriesKey,
): Promise<number | undefined> {
  const [series] = await session.query<{ id: number }>(
    'SELECT id FROM series WHERE exchange = $1 AND symbol = $2 AND interval = $3',
    [exchange, symbol, interval],
  )
  return series?.id
}

/** Months and their versions, read before candles are written: `2024-01-01 6701…`. */
export type Versions = readonly string[]

/**
 * Begins a transaction that keeps the versions of its months itself.
 * @returns the versions that `settleMonths` compares with
 */
export async function beginKeeping(
  session: Session,
  seriesId: number,
  months: readonly string[],
  tier: Tier,
): Promise<Versions> {
  const unlimited = tier === 'tsl' ? `, set_config('${UNPACKING_LIMIT}', '0', true)` : ''
  const [row] = await session.query<{ versions: string[] }>(
    `SELECT set_config('crypto.writer', 'keeps partitions', true)${unlimited}, array(
       SELECT month || ' ' || version FROM partitions WHERE series_id = $1 AND month = ANY ($2::date[])
     ) AS versions`,
    [seriesId, months.map(firstDay)],
  )
  return row?.versions ?? []
}

export interface SettledMonths {
  /** All months that the transaction says something about. */
  readonly months: readonly string[]
  /** Those whose candles it changed. */
  readonly changed: readonly string[]
  readonly versions: Versions
}

/**
 * Locks the months of a transaction until its end and gives those that it changed a new version. Called after the candles are
 * written: whoever changes candles with plain SQL locks in the same order.
 * @throws ConnectivityError `DATABASE_CONFLICT` when somebody else changed one of the months since `beginKeeping`
 */
export async function settleMonths(
  session: Session,
  seriesId: number,
  { months, changed, versions }: SettledMonths,
): Promise<void> {
  const settled = await session.run(
    `INSERT INTO partitions AS p (series_id, month)
       SELECT $1, month FROM unnest($2::date[]) AS month ORDER BY month
     ON CONFLICT (series_id, month) DO UPDATE SET
       version = CASE WHEN p.month = ANY ($3::date[]) THEN excluded.version ELSE p.version END,
       changed_at = CASE WHEN p.month = ANY ($3::date[]) THEN excluded.changed_at ELSE p.changed_at END
     WHERE p.month || ' ' || p.version = ANY ($4::text[])`,
    [seriesId, months.map(firstDay), changed.map(firstDay), versions],
  )
  if (settled === months.length) return
  throw new ConnectivityError(
    'DATABASE_CONFLICT',
    `Somebody else changed candles of the same months at the same time. Nothing was stored; run the command again.`,
    { context: { months } },
  )
}

export async function addCoverage(
  session: Session,
  seriesId: number,
  range: TimeRange,
): Promise<void> {
  const parts = monthsIn([range]).flatMap((month) => intersectSpans(range, monthRange(month)) ?? [])
  const [first, last] = [parts[0], parts.at(-1)]
  if (first === undefined || last === undefined) return
  await session.query(
    `WITH joined AS (
       DELETE FROM coverage WHERE series_id = $1 AND from_time >= $2 AND from_time < $3
       RETURNING from_time, to_time
     ), parts AS (
       SELECT from_time, to_time FROM joined
       UNION ALL SELECT * FROM unnest($4::timestamptz[], $5::timestamptz[])
     ), spans AS (
       SELECT unnest(range_agg(tstzrange(from_time, to_time))) AS span FROM parts
       GROUP BY date_trunc('month', from_time AT TIME ZONE 'UTC')
     )
     INSERT INTO coverage SELECT $1, lower(span), upper(span) FROM spans`,
    [
      seriesId,
      timeText(monthRange(monthOf(first.fromMs)).fromMs),
      timeText(monthRange(monthOf(last.fromMs)).toMs),
      parts.map(({ fromMs }) => timeText(fromMs)),
      parts.map(({ toMs }) => timeText(toMs)),
    ],
  )
}

/** Candles of these months came from elsewhere than the venue: what it answered has to be asked again. */
export async function dropCoverage(
  session: Session,
  seriesId: number,
  months: readonly string[],
): Promise<void> {
  await session.query(
    `DELETE FROM coverage WHERE series_id = $1
       AND date_trunc('month', from_time AT TIME ZONE 'UTC') = ANY ($2::timestamp[])`,
    [seriesId, months.map(firstDay)],
  )
}

/**
 * Returns the ranges of whole candles that are covered. The table has them cut at the ends of months, which a week or three days
 * may cross: a candle belongs to the month in which it opens.
 */
export async function readCoverage(
  session: Session,
  seriesId: number,
  grid: IntervalGrid,
): Promise<readonly TimeRange[]> {
  const rows = await session.query<{ from_ms: number; to_ms: number }>(
    `SELECT ${msSql('from_time')} AS from_ms, ${msSql('to_time')} AS to_ms FROM coverage WHERE series_id = $1`,
    [seriesId],
  )
  return mergeSpans(
    rows.map((row) => candlesOpeningIn({ fromMs: row.from_ms, toMs: row.to_ms }, grid)),
  )
}

/** Rewrites the holes that are not as before. */
export async function updateHoles(
  session: Session,
  seriesId: number,
  before: readonly Hole[],
  after: readonly Hole[],
): Promise<void> {
  const [old, now] = [new Set(before.map(nameOf)), new Set(after.map(nameOf))]
  const gone = before.filter((hole) => !now.has(nameOf(hole)))
  const fresh = after.filter((hole) => !old.has(nameOf(hole)))
  if (gone.length > 0) {
    await session.query(
      'DELETE FROM holes WHERE series_id = $1 AND from_time = ANY ($2::timestamptz[])',
      [seriesId, gone.map(({ fromMs }) => timeText(fromMs))],
    )
  }
  if (fresh.length === 0) return
  const times = (pick: (hole: Hole) => number) => fresh.map((hole) => timeText(pick(hole)))
  await session.query(
    `INSERT INTO holes SELECT $1, * FROM
       unnest($2::timestamptz[], $3::timestamptz[], $4::text[], $5::timestamptz[], $6::timestamptz[])`,
    [
      seriesId,
      times((hole) => hole.fromMs),
      times((hole) => hole.toMs),
      fresh.map(({ cause }) => cause),
      times((hole) => hole.firstSeenMs),
      times((hole) => hole.lastCheckMs),
    ],
  )
}

/** The same for holes that are the same in everything. */
function nameOf({ fromMs, toMs, cause, firstSeenMs, lastCheckMs }: Hole): string {
  return `${fromMs} ${toMs} ${cause} ${firstSeenMs} ${lastCheckMs}`
}

export async function readHoles(session: Session, seriesId: number): Promise<readonly Hole[]> {
  const times = ['from_time', 'to_time', 'first_seen', 'last_check'].map(msSql)
  const rows = await session.query<{ cause: HoleCause; times: number[] }>(
    `SELECT cause, ARRAY[${times.join(', ')}] AS times FROM holes WHERE series_id = $1 ORDER BY from_time`,
    [seriesId],
  )
  return rows.map(({ cause, times }) => {
    const [fromMs, toMs, firstSeenMs, lastCheckMs] = times as [number, number, number, number]
    return { fromMs, toMs, cause, firstSeenMs, lastCheckMs }
  })
}

/** Returns the known holes of a series that overlap a range, sorted. Where somebody else changed candles since, there are none. */
export async function findHoles(
  session: Session,
  key: SeriesKey,
  range: TimeRange,
): Promise<readonly Hole[]> {
  const seriesId = await findSeriesId(session, key)
  if (seriesId === undefined) return []
  const covered = await readCoverage(session, seriesId, parseInterval(key.interval))
  const holes = await readHoles(session, seriesId)
  return holesWithin(
    holes,
    covered.flatMap((one) => intersectSpans(one, range) ?? []),
  )
}

/**
 * Returns what the writer of a series would know of a range, and changes nothing: months that lost candles with a chunk are left out,
 * and stay in the table for the next writer.
 */
export async function readBooks(
  session: Session,
  key: SeriesKey,
  range: TimeRange,
  tier: Tier,
): Promise<SeriesBooks> {
  const seriesId = await findSeriesId(session, key)
  if (seriesId === undefined) return { coverage: [], holes: [] }
  const grid = parseInterval(key.interval)
  const covered = spansWithin(await readCoverage(session, seriesId, grid), range)
  const holes = await readHoles(session, seriesId)
  const months = tier === 'plain' ? [] : monthsIn(covered)
  const lossy = await findMonthsWithLosses(session, seriesId, months, { covered, holes, grid })
  const lost = lossy.map((month) => candlesOpeningIn(monthRange(month), grid))
  const coverage = covered.flatMap((one) => subtractSpans(one, lost))
  return { coverage, holes: holesWithin(holes, coverage) }
}

/** Replaces the candles in quarantine that lie in a range. */
export async function replaceQuarantine(
  session: Session,
  seriesId: number,
  { fromMs, toMs }: TimeRange,
  candles: readonly QuarantinedCandle[],
): Promise<void> {
  await session.query(
    'DELETE FROM quarantine WHERE series_id = $1 AND open_time >= $2 AND open_time < $3',
    [seriesId, timeText(fromMs), timeText(toMs)],
  )
  if (candles.length === 0) return
  const values = [0, 1, 2, 3, 4].map((i) => candles.map((candle) => candle.values[i] as number))
  await session.query(
    `INSERT INTO quarantine SELECT $1, to_timestamp(open_ms / 1000), reason, o, h, l, c, v, to_timestamp(seen_ms / 1000)
     FROM unnest($2::float8[], $3::text[], $4::float8[], $5::float8[], $6::float8[], $7::float8[], $8::float8[],
       $9::float8[]) AS candle (open_ms, reason, o, h, l, c, v, seen_ms)`,
    [
      seriesId,
      candles.map(({ openTime }) => openTime),
      candles.map(({ reason }) => reason),
      ...values,
      candles.map(({ seenMs }) => seenMs),
    ],
  )
}

export async function readQuarantine(
  session: Session,
  seriesId: number,
): Promise<readonly QuarantinedCandle[]> {
  const rows = await session.query<{ reason: string; numbers: number[] }>(
    `SELECT reason, ARRAY[${msSql('open_time')}, open, high, low, close, volume, ${msSql('seen')}] AS numbers
     FROM quarantine WHERE series_id = $1 ORDER BY open_time, seen`,
    [seriesId],
  )
  return rows.map(({ reason, numbers }) => {
    const [openTime, open, high, low, close, volume, seenMs] = numbers as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ]
    return { openTime, reason, values: [open, high, low, close, volume], seenMs }
  })
}

/** Returns the months of sorted open times. */
export function monthsOf(openTime: Float64Array): readonly string[] {
  const months: string[] = []
  let endMs = -Infinity
  for (const time of openTime) {
    if (time < endMs) continue
    const month = monthOf(time)
    endMs = monthRange(month).toMs
    months.push(month)
  }
  return months
}

function firstDay(month: string): string {
  return `${month}-01`
}

/** Milliseconds since 1970, exact in a double. */
function msSql(column: string): string {
  return `(extract(epoch FROM ${column}) * 1000)::float8`
}
