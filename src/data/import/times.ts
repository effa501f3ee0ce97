import { DataError } from '../../core/errors.ts'
import { formatInstant } from '../../core/units.ts'
import type { DuckDb } from '../duckdb.ts'
import type { FileColumn } from './match-columns.ts'
import { findTimeFormat, hasZone, isClock, swapSql, type TimeFormat } from './time-formats.ts'

/** A reading of a time: SQL for what the file has there, and for its epoch milliseconds (DOUBLE), NULL where it is no time. */
export interface TimeReading {
  readonly name: string
  readonly rawSql: string
  /** @param raw SQL of the value as `rawSql` gives it */
  readonly msSql: (raw: string) => string
  /** It names days, and nothing finer. */
  readonly isDay: boolean
  /** Whether the day may stand before the month or behind it. */
  readonly isDayMonthOpen: boolean
}

export interface ChosenTime {
  readonly time: TimeReading
  /** Other columns that hold a time: they must agree. */
  readonly others: readonly TimeReading[]
}

/** What a column holds, by the first of its values that is known. */
type Kind = TimeFormat['kind'] | 'clock' | 'other'

interface Candidate {
  readonly column: FileColumn
  readonly kind: Kind
  readonly format: TimeFormat | undefined
  /** The first rows of the file, as texts. */
  readonly samples: readonly string[]
}

/** What the times are chosen from. */
export interface TimeColumns {
  readonly columns: readonly FileColumn[]
  /** What the first rows have in each of them. */
  readonly samples: readonly (readonly (string | null)[])[]
  /** Whether the user named them: one, or a day and a time of day. */
  readonly isGiven: boolean
}

/**
 * Chooses the time of a candle among the columns that are called like one. An epoch counts more than a text, whose zone nobody
 * knows; a date and a time of day make one time. Returns undefined when none of them holds a time.
 */
export function chooseTime({ columns, samples, isGiven }: TimeColumns): ChosenTime | undefined {
  const candidates = columns.map((column, i) => candidateOf(column, samples[i] ?? []))
  const [first, second] = candidates
  if (isGiven && first !== undefined) {
    const time = second === undefined ? readingOf(first) : joined(first, second)
    return time && { time, others: [] }
  }
  const of = (kind: Kind) => candidates.filter((one) => one.kind === kind && !isLocal(one))
  const [day, clock] = [of('day')[0], of('clock')[0]]
  const both = day && clock && joined(day, clock)
  const whole = [...of('epoch'), ...of('instant')].map(readingOf)
  const days = both === undefined ? of('day').map(readingOf) : [both]
  const [time, ...others] = [...whole, ...days].filter((one) => one !== undefined)
  return time && { time, others }
}

function candidateOf(column: FileColumn, samples: readonly (string | null)[]): Candidate {
  const texts = samples.map((sample) => sample ?? '')
  const format = texts.map(findTimeFormat).find((found) => found !== undefined)
  return { column, kind: kindOf(column.type, format, texts), format, samples: texts }
}

function kindOf(type: string, format: TimeFormat | undefined, texts: readonly string[]): Kind {
  if (type === 'DATE') return 'day'
  if (type.startsWith('TIMESTAMP')) return 'epoch'
  return format?.kind ?? (texts.some(isClock) ? 'clock' : 'other')
}

/** A local time without its zone is no time that can be known. */
function isLocal({ column, samples }: Candidate): boolean {
  return /^local/i.test(column.name.trim()) && !samples.some(hasZone)
}

function readingOf({ column, kind, format }: Candidate): TimeReading | undefined {
  const { name, sql, type } = column
  if (kind === 'other' || kind === 'clock') return undefined
  const isDay = kind === 'day'
  const reading = { name, rawSql: sql, isDay, isDayMonthOpen: format?.isDayMonthOpen === true }
  if (/^(TIMESTAMP|DATE)/.test(type)) return { ...reading, msSql: instantSql }
  if (format === undefined || kind === 'epoch') return { ...reading, msSql: epochSql(type) }
  return { ...reading, msSql: (raw) => textSql(format, raw) }
}

function joined(day: Candidate, clock: Candidate): TimeReading | undefined {
  const format = day.samples
    .map((text, i) => findTimeFormat(`${text} ${clock.samples[i]}`))
    .find((found) => found?.kind === 'instant')
  return (
    format && {
      name: `${day.column.name} ${clock.column.name}`,
      rawSql: `CAST(${day.column.sql} AS VARCHAR) || ' ' || CAST(${clock.column.sql} AS VARCHAR)`,
      msSql: (raw) => textSql(format, raw),
      isDay: false,
      isDayMonthOpen: format.isDayMonthOpen === true,
    }
  )
}

function instantSql(raw: string): string {
  return `epoch_us(TRY_CAST(${raw} AS TIMESTAMPTZ)) / 1000.0`
}

function textSql(format: TimeFormat, raw: string): string {
  return instantSql(format.sql(`CAST(${raw} AS VARCHAR)`))
}

/** Numbers tell their unit by their size: seconds, milli-, micro- or nanoseconds since 1970. A text may be ISO in other rows. */
function epochSql(type: string): (raw: string) => string {
  return (raw) => {
    const number = `TRY_CAST(${raw} AS DOUBLE)`
    const epoch = `CASE WHEN ${number} < 1e11 THEN ${number} * 1e3 WHEN ${number} < 1e14 THEN ${number}
    WHEN ${number} < 1e17 THEN ${number} / 1e3 ELSE ${number} / 1e6 END`
    return type === 'VARCHAR'
      ? `CASE WHEN ${number} IS NULL THEN ${instantSql(raw)} ELSE ${epoch} END`
      : epoch
  }
}

/**
 * Tells day and month apart by all rows of a file: only one of the two can be above 12. Another time that stays open is not compared.
 * @throws DataError `IMPORT_TIME` when the rows leave it open
 */
export async function settleDayMonth(
  db: DuckDb,
  {
    file,
    from,
    chosen,
  }: { readonly file: string; readonly from: string; readonly chosen: ChosenTime },
): Promise<ChosenTime> {
  const settle = async (reading: TimeReading) => {
    if (!reading.isDayMonthOpen) return reading
    const [first, second] = ['1', '2'].map(
      (group) =>
        `CAST(max(TRY_CAST(regexp_extract(trim(${reading.rawSql}), '^(\\d+).(\\d+)', ${group}) AS INTEGER)) AS DOUBLE)`,
    )
    const [most] = (await db.rows(`SELECT ${first}, ${second} FROM ${from}`)) as [[number, number]]
    if (most[0] > 12) return reading
    if (most[1] <= 12) return undefined
    const msSql = (raw: string) => reading.msSql(swapSql(`CAST(${raw} AS VARCHAR)`))
    return { ...reading, msSql }
  }
  const time = await settle(chosen.time)
  const others = await Promise.all(chosen.others.map(settle))
  if (time !== undefined) return { time, others: others.filter((one) => one !== undefined) }
  throw new DataError(
    'IMPORT_TIME',
    `${file}: nothing was imported. No row tells which number of '${chosen.time.name}' is the day and which the month: no one is above 12. Write the dates as YYYY-MM-DD, or import a file whose rows tell it.`,
    { context: { file, column: chosen.time.name } },
  )
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
    const names = [time.name, other.name]
    const named = names.find((name) => /open|start/i.test(name)) ?? time.name
    const [first, second] = [a, b].map((ms) => formatInstant(Math.round(ms)))
    throw new DataError(
      'IMPORT_TIMES',
      `${file}: nothing was imported. The columns '${time.name}' and '${other.name}' disagree: ${where} has ${rawA} (${first}) and ${rawB} (${second}), ${distance(b - a)}. Times are UTC: say which column is the open of the candle, such as --columns time="${named}", or remove the one that is local time or something else.`,
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
