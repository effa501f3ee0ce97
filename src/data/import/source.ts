import { closeSync, openSync, readSync } from 'node:fs'
import { DataError } from '../../core/errors.ts'
import { excerpt } from '../../core/foreign-text.ts'
import { type DuckDb, sqlName, sqlPath, sqlText } from '../duckdb.ts'
import { firstLine } from '../files.ts'
import { emptyFile, unreadable } from './import-error.ts'
import type { InputFile } from './input.ts'
import { type FileColumn, type MatchedColumns, matchColumns, VALUE_NAMES } from './match-columns.ts'
import { countLines } from './text-lines.ts'
import { type ChosenTime, chooseTime } from './times.ts'

/** A file to import, described for SQL. */
export interface ImportSource {
  readonly file: string
  /** SQL of the rows of the file, as a FROM clause reads them. */
  readonly from: string
  /** A SELECT with the columns `time_raw`, `open_raw`, … as the file has them. */
  readonly sql: string
  /** SQL that turns `time_raw` into epoch milliseconds (DOUBLE), NULL where it is no time. */
  readonly timeSql: string
  readonly time: ChosenTime
  /** How the rows of the file are named, with the number of lines before row 1. */
  readonly position: { readonly word: 'line' | 'row'; readonly offset: number }
  /** Rows that the lines of a text are. */
  readonly rows?: number
}

export const SOURCE_COLUMNS = ['time', ...VALUE_NAMES] as const

/**
 * Says how to read a file. Text without a header has 6 columns (time, open, high, low, close, volume) or the 12 of the Binance
 * archive, which begin with the same six; so do the arrays of JSON.
 * @param symbol whose volume `volume_btc` may be
 * @throws DataError `IMPORT_EMPTY`, `IMPORT_UNREADABLE` or `IMPORT_COLUMNS`
 */
export async function openSource(
  db: DuckDb,
  input: InputFile,
  symbol: string,
): Promise<ImportSource> {
  const open = { parquet: parquetSource, json: jsonSource, text: textSource }[input.format]
  try {
    return await open(db, input, symbol)
  } catch (error) {
    throw sourceError(input.name, error)
  }
}

/** Turns a failure while reading the file into an error that says so. */
export function sourceError(file: string, error: unknown): DataError {
  if (error instanceof DataError) return error
  const text = error instanceof Error ? error.message : String(error)
  const reason = /No magic bytes found at end|Footer|too small|prematurely|out of range/i.test(text)
    ? `it is truncated (${firstLine(text)})`
    : readerReason(text)
  return unreadable(file, reason, undefined, error)
}

const LINE_SHOWN = 200

/** DuckDB spreads what is wrong with a line over several lines of its message. */
function readerReason(text: string): string {
  const lines = text.split('\n')
  const found = lines.filter((line) =>
    /Original Line|Expected Number|^Value with|^Error when/.test(line),
  )
  return [firstLine(text), ...found].map((line) => excerpt(line, LINE_SHOWN)).join(', ')
}

async function parquetSource(
  db: DuckDb,
  { name: file, path }: InputFile,
  symbol: string,
): Promise<ImportSource> {
  const from = `read_parquet(${sqlPath(path)}, hive_partitioning = false)`
  const described = (await db.rows(
    `SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM ${from})`,
  )) as readonly (readonly [string, string])[]
  const schema = await parquetSchema(db, path)
  const columns = described.map(([name, type], i) => ({
    // DuckDB renames a column that is called like another one but for its case.
    name: schema.isFlat ? (schema.columns[i]?.name ?? name) : name,
    sql: valueSql(sqlName(name), type),
    type: type.startsWith('DECIMAL') ? 'DOUBLE' : type,
  }))
  const matched = matchColumns(file, symbol, columns)
  refuseLongDecimals(file, schema.columns, matched)
  return await sourceOf(db, file, from, matched, { word: 'row', offset: 0 })
}

/** DuckDB takes the bytes of a decimal with more digits for those of a shorter one, without a word. */
const DECIMAL_DIGITS_MAX = 38

function refuseLongDecimals(
  file: string,
  columns: readonly SchemaColumn[],
  { times, values }: MatchedColumns,
): void {
  const used = [...times, ...values].map(({ name }) => name)
  const long = columns.find(
    ({ name, precision }) => precision > DECIMAL_DIGITS_MAX && used.includes(name),
  )
  if (long === undefined) return
  const remedy = `Nothing was imported. Export it as DECIMAL(${DECIMAL_DIGITS_MAX}), DOUBLE or text.`
  const reason = `'${long.name}' is a DECIMAL of ${long.precision} digits, more than ${DECIMAL_DIGITS_MAX}`
  throw unreadable(file, reason, remedy)
}

interface SchemaColumn {
  readonly name: string
  /** Digits of a decimal; 0 for other types. */
  readonly precision: number
}

/** The columns as the file names them, those inside of others among them. */
async function parquetSchema(
  db: DuckDb,
  path: string,
): Promise<{ readonly columns: readonly SchemaColumn[]; readonly isFlat: boolean }> {
  const nodes = (await db.rows(
    `SELECT name, CAST(coalesce(num_children, 0) AS DOUBLE), CAST(coalesce(precision, 0) AS DOUBLE)
     FROM parquet_schema(${sqlPath(path)})`,
  )) as readonly (readonly [string, number, number])[]
  const columns = nodes.slice(1).map(([name, , precision]) => ({ name, precision }))
  return { columns, isFlat: nodes.slice(1).every(([, children]) => children === 0) }
}

/** DuckDB divides a decimal by its power of ten in doubles, which rounds twice; from its text it is the nearest double. */
function valueSql(name: string, type: string): string {
  return /^(DECIMAL|U?HUGEINT)/.test(type) ? `CAST(${name} AS VARCHAR)` : name
}

/** An element of an array is `[time, open, high, low, close, volume, …]` or an object; a file of lines has one each. */
async function jsonSource(
  db: DuckDb,
  { name: file, path }: InputFile,
  symbol: string,
): Promise<ImportSource> {
  const isLines = /^\s*(?:\{|\[\s*[^[{\s\]])/.test(headText(path).replace('\ufeff', ''))
  const format = isLines ? 'newline_delimited' : 'array'
  const from = `read_json_objects(${sqlPath(path)}, format = '${format}')`
  const [first] = (await db.rows(
    `SELECT json_type(json), to_json(json_keys(json))::VARCHAR, CAST(json_array_length(json) AS DOUBLE) FROM ${from} LIMIT 1`,
  )) as readonly (readonly [string, string, number])[]
  if (first === undefined) throw emptyFile(file)
  const [type, keys, length] = first
  if (type !== 'ARRAY' && type !== 'OBJECT') {
    throw unreadable(
      file,
      `its JSON holds ${type.toLowerCase()} values, where candles are expected`,
    )
  }
  const column = (name: string, place: string): FileColumn => ({
    name,
    sql: `(json ->> ${sqlText(place)})`,
    type: 'VARCHAR',
  })
  const matched =
    type === 'OBJECT'
      ? matchColumns(
          file,
          symbol,
          (JSON.parse(keys) as string[]).map((name) => column(name, `$."${name}"`)),
        )
      : ordered(
          Array.from({ length: checkedWidth(file, length) }, (_, i) =>
            column(SOURCE_COLUMNS[i] as string, `$[${i}]`),
          ),
        )
  return await sourceOf(db, file, from, matched, { word: 'row', offset: 0 })
}

/**
 * Names every detail of the text instead of letting DuckDB guess: a guess from the first rows may skip a bad line, and its
 * failure does not say which line it was.
 */
async function textSource(
  db: DuckDb,
  { name: file, path }: InputFile,
  symbol: string,
): Promise<ImportSource> {
  const lines = await countLines(file, path)
  const layout = findLayout(file, path)
  const [first] = await db.rows(`SELECT * FROM ${readText(path, layout, 0)} LIMIT 1`)
  if (first === undefined) throw emptyFile(file)
  const cells = first.map((cell) => String(cell ?? ''))
  const hasHeader = !looksLikeTime(cells[0] ?? '')
  const column = (name: string, i: number) => ({ name, sql: columnName(i), type: 'VARCHAR' })
  const matched = hasHeader
    ? matchColumns(file, symbol, cells.map(column))
    : ordered(cells.slice(0, checkedWidth(file, cells.length)).map(column))
  const offset = hasHeader ? 1 : 0
  const from = readText(path, layout, offset)
  const source = await sourceOf(db, file, from, matched, { word: 'line', offset })
  return { ...source, rows: lines - offset }
}

/** Columns that have no names stand in the order of a candle. */
function ordered([time, ...values]: readonly FileColumn[]): MatchedColumns {
  return { times: [time as FileColumn], values }
}

async function sourceOf(
  db: DuckDb,
  file: string,
  from: string,
  { times, values }: MatchedColumns,
  position: ImportSource['position'],
): Promise<ImportSource> {
  const samples = times.map(({ sql }) => `CAST(${sql} AS VARCHAR)`).join(', ')
  const [first] = await db.rows(`SELECT ${samples} FROM ${from} LIMIT 1`)
  if (first === undefined) throw emptyFile(file)
  const time = chooseTime(times, first as readonly (string | null)[])
  const raw = [time.time.rawSql, ...values.map(({ sql }) => sql)]
  const columns = raw.map((sql, i) => `${sql} AS ${SOURCE_COLUMNS[i]}_raw`)
  return {
    ...{ file, from, time, position },
    sql: `SELECT ${columns.join(', ')} FROM ${from}`,
    timeSql: time.time.msSql('time_raw'),
  }
}

interface TextLayout {
  readonly delimiter: string
  readonly width: number
}

function columnName(index: number): string {
  return `c${index}`
}

/** The content decides what is compressed, and by now nothing is. */
function readText(path: string, { delimiter, width }: TextLayout, skip: number): string {
  const columns = Array.from({ length: width }, (_, i) => `${columnName(i)}: 'VARCHAR'`).join(', ')
  return `read_csv(${sqlPath(path)}, columns = {${columns}}, auto_detect = false, header = false, skip = ${skip},
    delim = ${sqlText(delimiter)}, quote = '"', escape = '"', comment = '', compression = 'none')`
}

const DELIMITERS = [',', ';', '\t', '|']

/** Takes the separator that the first line holds most of, and the columns that it makes of that line. */
function findLayout(file: string, path: string): TextLayout {
  const head = headText(path)
  const [line = '', second = ''] = head.split(/\r\n|\n|\r/, 2)
  if (line.length === head.length && line.length >= HEAD_BYTES) {
    throw unreadable(file, `its first line is longer than ${HEAD_BYTES} bytes: it is no table`)
  }
  const layout = layoutOf(line)
  if (layout.width > 1 || layoutOf(second).width === 1) return layout
  throw unreadable(
    file,
    `line 1 (${excerpt(line, LINE_SHOWN)}) holds no separator, and line 2 does`,
    'Nothing was imported. Remove what stands before the header.',
  )
}

function layoutOf(line: string): TextLayout {
  const width = (delimiter: string) => line.split(delimiter).length
  const delimiter = DELIMITERS.reduce((a, b) => (width(b) > width(a) ? b : a))
  return { delimiter, width: width(delimiter) }
}

/** A first line that is longer is no row and no header. */
const HEAD_BYTES = 65_536

function headText(path: string): string {
  const bytes = Buffer.alloc(HEAD_BYTES)
  const handle = openSync(path, 'r')
  try {
    return bytes.toString('utf8', 0, readSync(handle, bytes, 0, HEAD_BYTES, 0))
  } finally {
    closeSync(handle)
  }
}

function checkedWidth(file: string, width: number): number {
  if (width === 6 || width === 12) return SOURCE_COLUMNS.length
  throw new DataError(
    'IMPORT_COLUMNS',
    `${file}: without names a file needs 6 columns (time, open, high, low, close, volume) or the 12 of the Binance archive, found ${width}. Add a header line that names the columns.`,
    { context: { file, width } },
  )
}

function looksLikeTime(text: string): boolean {
  return /^\s*-?\d+(\.\d+)?(e\d+)?\s*$/i.test(text) || /^\s*\d{4}-\d{2}-\d{2}/.test(text)
}
