import { DataError } from '../../core/errors.ts'
import { formatInstant } from '../../core/units.ts'
import type { DuckDb } from '../duckdb.ts'
import type { FileColumn } from './match-columns.ts'

/** A reading of a time: SQL for what the file has there, and for its epoch milliseconds (DOUBLE), NULL where it is no time. */
export interface TimeReading {
  readonly name: string
  readonly rawSql: string
  /** @param raw SQL of the value as `rawSql` gives it */
  readonly msSql: (raw: string) => string
  /** It names days, and nothing finer. */
  readonly isDay: boolean
}

export interface ChosenTime {
  readonly time: TimeReading
  /** Other columns that hold a time: they must agree. */
  readonly others: readonly TimeReading[]
}

/** What the first row has in a column tells what the column is. */
type Kind = 'epoch' | 'instant' | 'day' | 'clock' | 'other'

/** Fewer are no seconds since 1970 of any candle: a date such as 20240102, or a count. */
const EPOCH_MIN = 300_000_000

/**
 * Chooses the time of a candle among the columns that are called like one. An epoch counts more than a text, whose zone nobody
 * knows; a date and a time of day make one time.
 * @param samples what the first row has in each of them
 */
export function chooseTime(
  columns: readonly FileColumn[],
  samples: readonly (string | null)[],
): ChosenTime {
  const kinds = columns.map(({ type }, i) => kindOf(type, samples[i] ?? ''))
  const of = (kind: Kind) => columns.filter((_, i) => kinds[i] === kind)
  const [day, clock] = [of('day')[0], of('clock')[0]]
  const isSplit = day !== undefined && clock !== undefined
  const whole = [...of('epoch'), ...of('instant')].map(readingOf)
  const days = isSplit ? [joined(day, clock)] : of('day').map(dayOf)
  const [time = readingOf(columns[0] as FileColumn), ...others] = [...whole, ...days]
  return { time, others }
}

function kindOf(type: string, sample: string): Kind {
  if (type === 'DATE') return 'day'
  if (type.startsWith('TIMESTAMP')) return 'epoch'
  const text = sample.trim()
  if (/^-?\d+(\.\d*)?(e\+?\d+)?$/i.test(text)) return Number(text) >= EPOCH_MIN ? 'epoch' : 'other'
  if (/^\d{4}-\d{1,2}-\d{1,2}$/.test(text)) return 'day'
  if (/^\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$/.test(text)) return 'clock'
  return /^\d{4}-\d{1,2}-\d{1,2}[ T]/.test(text) ? 'instant' : 'other'
}

function readingOf({ name, sql, type }: FileColumn): TimeReading {
  return { name, rawSql: sql, msSql: (raw) => msSql(type, raw), isDay: false }
}

function dayOf(column: FileColumn): TimeReading {
  return { ...readingOf(column), isDay: true }
}

function joined(day: FileColumn, clock: FileColumn): TimeReading {
  return {
    name: `${day.name} ${clock.name}`,
    rawSql: `CAST(${day.sql} AS VARCHAR) || ' ' || CAST(${clock.sql} AS VARCHAR)`,
    msSql: (raw) => msSql('VARCHAR', raw),
    isDay: false,
  }
}

/** Numbers tell their unit by their size: seconds, milli-, micro- or nanoseconds since 1970. */
function msSql(type: string, raw: string): string {
  const instant = `epoch_us(TRY_CAST(${raw} AS TIMESTAMPTZ)) / 1000.0`
  if (/^(TIMESTAMP|DATE)/.test(type)) return instant
  const number = `TRY_CAST(${raw} AS DOUBLE)`
  const epoch = `CASE WHEN ${number} < 1e11 THEN ${number} * 1e3 WHEN ${number} < 1e14 THEN ${number}
    WHEN ${number} < 1e17 THEN ${number} / 1e3 ELSE ${number} / 1e6 END`
  return type === 'VARCHAR'
    ? `CASE WHEN ${number} IS NULL THEN ${instant} ELSE ${epoch} END`
    : epoch
}

const DAY_MS_SQL = '86400000'

/**
 * Compares the chosen time with the others, row by row.
 * @param position names a row for people
 * @throws DataError `IMPORT_TIMES`
 */
export async function checkTimesAgree(
  db: DuckDb,
  {
    file,
    from,
    chosen,
    position,
  }: {
    readonly file: string
    /** SQL of the rows of the file. */
    readonly from: string
    readonly chosen: ChosenTime
    readonly position: { readonly word: string; readonly offset: number }
  },
): Promise<void> {
  const { time } = chosen
  for (const other of chosen.others) {
    const differ = other.isDay ? `a - b >= ${DAY_MS_SQL} OR a < b` : 'a <> b'
    const [found] = (await db.rows(
      `SELECT CAST(line AS DOUBLE), a, b, ra, rb FROM (
         SELECT row_number() OVER () AS line, ${time.msSql('ra')} AS a, ${other.msSql('rb')} AS b,
           CAST(ra AS VARCHAR) AS ra, CAST(rb AS VARCHAR) AS rb
         FROM (SELECT ${time.rawSql} AS ra, ${other.rawSql} AS rb FROM ${from}))
       WHERE ${differ} ORDER BY line LIMIT 1`,
    )) as readonly (readonly [number, number, number, string, string])[]
    if (found === undefined) continue
    const [line, a, b, rawA, rawB] = found
    const where = `${position.word} ${line + position.offset}`
    const [first, second] = [a, b].map((ms) => formatInstant(Math.round(ms)))
    throw new DataError(
      'IMPORT_TIMES',
      `${file}: nothing was imported. The columns '${time.name}' and '${other.name}' disagree: ${where} has ${rawA} (${first}) and ${rawB} (${second}), ${distance(b - a)}. Times are UTC: remove the column that is local time, or of something else than the open of the candle.`,
      { context: { file, columns: [time.name, other.name], row: line, differenceMs: b - a } },
    )
  }
}

function distance(ms: number): string {
  const size = Math.abs(ms)
  const [unit, name] =
    size % 3_600_000 === 0 ? [3_600_000, 'h'] : size % 60_000 === 0 ? [60_000, 'min'] : [1, 'ms']
  return `${size / unit} ${name} ${ms > 0 ? 'later' : 'earlier'}`
}
