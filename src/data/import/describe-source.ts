import type { DuckDb } from '../duckdb.ts'
import { FIELDS, type Field } from './column-names.ts'
import { emptyFile } from './import-error.ts'
import {
  type ColumnMap,
  type FileColumn,
  type MatchedColumns,
  matchColumns,
  type ValueColumns,
} from './match-columns.ts'
import { findNumberFormat, type NumberFormat } from './numbers.ts'
import { findPositions } from './positions.ts'
import { checkSymbols } from './symbols.ts'
import { isClock } from './time-formats.ts'
import { type ChosenTime, chooseTime, settleDayMonth } from './times.ts'
import { unknownLayout } from './unknown-layout.ts'

/** What the user says of a file. */
export interface SourceRequest {
  readonly symbol: string
  readonly columns?: ColumnMap | undefined
}

/** A file to import, described for SQL. */
export interface ImportSource {
  readonly file: string
  /** SQL of the rows of the file, as a FROM clause reads them. */
  readonly from: string
  /** A SELECT with the columns `time_raw`, `open_raw`, … as the file has them; `volume_raw` is NULL where it has none. */
  readonly sql: string
  /** SQL that turns `time_raw` into epoch milliseconds (DOUBLE), NULL where it is no time. */
  readonly timeSql: string
  readonly time: ChosenTime
  readonly numbers: NumberFormat
  /** How the rows of the file are named, with the number of lines before row 1. */
  readonly position: { readonly word: 'line' | 'row'; readonly offset: number }
  /** Rows that the lines of a text are. */
  readonly rows?: number
  /** What was read in a way that the user should know of. */
  readonly notes: readonly string[]
}

/** The rows of a file before anybody knows which column is which. */
export interface RowsOfFile {
  readonly file: string
  readonly from: string
  readonly columns: readonly FileColumn[]
  /** Whether the columns have names, or are only numbered. */
  readonly isNamed: boolean
  readonly position: ImportSource['position']
  /** The first lines of a text, and what separates them. */
  readonly lines?: readonly string[]
  readonly delimiter?: string
  readonly notes?: readonly string[]
}

const SAMPLE_ROWS = 50

/**
 * Says which column is which.
 * @throws DataError `IMPORT_EMPTY`, `IMPORT_COLUMNS`, `IMPORT_TIME`, `IMPORT_NUMBERS` or `IMPORT_SYMBOL`
 */
export async function describeSource(
  db: DuckDb,
  rows: RowsOfFile,
  { symbol, columns: map }: SourceRequest,
): Promise<ImportSource> {
  const { file, from, columns, position, notes = [] } = rows
  const texts = columns.map(({ sql }) => `CAST(${sql} AS VARCHAR)`).join(', ')
  const sample = (await db.rows(
    `SELECT ${texts} FROM ${from} LIMIT ${SAMPLE_ROWS}`,
  )) as readonly (readonly (string | null)[])[]
  if (sample.length === 0) throw emptyFile(file)
  const byPlace = rows.isNamed || map !== undefined ? undefined : matchPlaces(columns, sample)
  const matched = byPlace ?? matchColumns(file, columns, { symbol, map })
  const samplesOf = (used: readonly FileColumn[]) =>
    used.map((column) => sample.map((row) => row[columns.indexOf(column)] ?? null))
  const chosen =
    matched.times.length === 0
      ? undefined
      : chooseTime({
          columns: matched.times,
          samples: samplesOf(matched.times),
          isGiven: matched.isTimeGiven,
        })
  const missing = FIELDS.filter(
    (field) => matched.missing.includes(field) || (field === 'time' && chosen === undefined),
  )
  if (missing.length > 0 || chosen === undefined) {
    const { lines = rowLines(columns, sample), delimiter } = rows
    const { values: found, times } = matched
    throw unknownLayout({ file, lines, delimiter, columns, rows: sample, found, times, missing })
  }
  const values = Object.values(matched.values)
  if (matched.symbol !== undefined) {
    await checkSymbols(db, { file, from, symbol, column: matched.symbol })
  }
  const numbers = findNumberFormat(file, values, samplesOf(values))
  const time = await settleDayMonth(db, { file, from, chosen })
  return {
    ...{ file, from, time, numbers, position, notes },
    sql: selectSql(from, time, matched.values),
    timeSql: time.time.msSql('time_raw'),
  }
}

function selectSql(from: string, { time }: ChosenTime, values: ValueColumns): string {
  const columns = FIELDS.map((field) => {
    const sql = field === 'time' ? time.rawSql : (values[field]?.sql ?? 'NULL')
    return `${sql} AS ${field}_raw`
  })
  return `SELECT ${columns.join(', ')} FROM ${from}`
}

/** Tells columns without names by what they hold. */
function matchPlaces(
  columns: readonly FileColumn[],
  sample: readonly (readonly (string | null)[])[],
): MatchedColumns | undefined {
  const rows = sample.map((row) => row.map((text) => text ?? ''))
  const places = findPositions(rows, isClock)
  if (places === undefined) return undefined
  const at = (field: Field | 'date') => {
    const place = places[field]
    return place === undefined ? [] : [columns[place] as FileColumn]
  }
  const values = FIELDS.slice(1).flatMap((field) => at(field).map((column) => [field, column]))
  return {
    times: [...at('date'), ...at('time')],
    isTimeGiven: true,
    values: Object.fromEntries(values),
    symbol: undefined,
    missing: [],
  }
}

/** The names and the first rows as lines, for a file that is no text. */
function rowLines(
  columns: readonly FileColumn[],
  sample: readonly (readonly (string | null)[])[],
): readonly string[] {
  const names = columns.map(({ name }) => name)
  return [names, ...sample].map((cells) => cells.map((cell) => cell ?? '').join(', '))
}
