import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { DataError } from '../../core/errors.ts'
import { excerpt } from '../../core/foreign-text.ts'
import { didYouMean } from '../../core/suggest.ts'
import { type DuckDb, sqlName, sqlPath, sqlText } from '../duckdb.ts'
import { firstLine } from '../files.ts'

/** A file to import, described for SQL. */
export interface ImportSource {
  readonly file: string
  /** A SELECT with the columns `time_raw`, `open_raw`, … as the file has them. */
  readonly sql: string
  /** SQL that turns `time_raw` into epoch milliseconds (DOUBLE), NULL where it is no time. */
  readonly timeSql: string
  /** `line` with the number of lines before row 1 for text, `row` for Parquet. */
  readonly position: { readonly word: 'line' | 'row'; readonly offset: number }
}

/** The six columns and the names that exchanges and tools give them, best first. */
const ALIASES = {
  time: ['open_time', 'opentime', 'timestamp', 'time', 'datetime', 'date', 'ts', 'unix', 't'],
  open: ['open', 'o', 'open_price'],
  high: ['high', 'h', 'high_price', 'max'],
  low: ['low', 'l', 'low_price', 'min'],
  close: ['close', 'c', 'close_price'],
  volume: ['volume', 'v', 'vol', 'base_volume', 'volume_base'],
} as const

export const SOURCE_COLUMNS = Object.keys(ALIASES) as readonly (keyof typeof ALIASES)[]

/**
 * Looks at a file and says how to read it. Text without a header has 6 columns (time, open, high, low, close, volume) or
 * the 12 of the Binance archive, which begin with the same six.
 * @throws DataError `IMPORT_FILE`, `IMPORT_EMPTY`, `IMPORT_UNREADABLE` or `IMPORT_COLUMNS`
 */
export async function openSource(db: DuckDb, file: string): Promise<ImportSource> {
  const magic = readMagic(file)
  if (magic.startsWith('PK\x03\x04')) {
    throw unreadable(file, 'it is a zip archive', 'Unpack it and import the file inside.')
  }
  const isParquet = magic === 'PAR1'
  if (!isParquet && /\.parquet$/i.test(file)) {
    throw unreadable(file, 'it does not begin like a Parquet file', 'Fetch it again.')
  }
  try {
    return isParquet ? await parquetSource(db, file) : await textSource(db, file)
  } catch (error) {
    throw sourceError(file, error)
  }
}

/** Turns a failure while reading the file into an error that says so. */
export function sourceError(file: string, error: unknown): DataError {
  if (error instanceof DataError) return error
  const text = error instanceof Error ? error.message : String(error)
  const reason = /No magic bytes found at end|Footer|too small|prematurely|out of range/i.test(text)
    ? `it is truncated (${firstLine(text)})`
    : csvReason(text)
  return unreadable(file, reason, 'Nothing was imported. Fetch or export the file again.', error)
}

/** DuckDB spreads what is wrong with a line over several lines of its message. */
function csvReason(text: string): string {
  const lines = text.split('\n')
  const found = lines.filter((line) =>
    /Original Line|Expected Number|^Value with|^Error when/.test(line),
  )
  return [firstLine(text), ...found].join(', ')
}

async function parquetSource(db: DuckDb, file: string): Promise<ImportSource> {
  const read = `read_parquet(${sqlPath(file)}, hive_partitioning = false)`
  const described = (await db.rows(
    `SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM ${read})`,
  )) as readonly (readonly [string, string])[]
  const names = matchColumns(
    file,
    described.map(([name]) => name),
  )
  const timeType = described.find(([name]) => name === names[0])?.[1] ?? ''
  return {
    file,
    sql: sourceSql(names, read),
    timeSql: timeSql(timeType),
    position: { word: 'row', offset: 0 },
  }
}

/**
 * Names every detail of the text instead of letting DuckDB guess: a guess from the first rows may skip a bad line, and its
 * failure does not say which line it was.
 */
async function textSource(db: DuckDb, file: string): Promise<ImportSource> {
  const layout = await findLayout(db, file)
  const [first] = await db.rows(`SELECT * FROM ${readText(file, layout, 0)} LIMIT 1`)
  const cells = (first ?? []).map((cell) => String(cell ?? ''))
  const hasHeader = !looksLikeTime(cells[0] ?? '')
  const wanted = hasHeader
    ? matchColumns(file, cells)
    : cells.slice(0, checkedWidth(file, cells.length))
  const names = wanted.map((name, i) => columnName(hasHeader ? cells.indexOf(name) : i))
  const offset = hasHeader ? 1 : 0
  return {
    file,
    sql: sourceSql(names, readText(file, layout, offset)),
    timeSql: timeSql('VARCHAR'),
    position: { word: 'line', offset },
  }
}

interface TextLayout {
  readonly delimiter: string
  readonly width: number
}

function columnName(index: number): string {
  return `c${index}`
}

function readText(file: string, { delimiter, width }: TextLayout, skip: number): string {
  const columns = Array.from({ length: width }, (_, i) => `${columnName(i)}: 'VARCHAR'`).join(', ')
  return `read_csv(${sqlPath(file)}, columns = {${columns}}, auto_detect = false, header = false, skip = ${skip},
    delim = ${sqlText(delimiter)}, quote = '"', escape = '"', comment = '')`
}

/** Takes the separator that the first line holds most of, and the columns that it makes of that line. */
async function findLayout(db: DuckDb, file: string): Promise<TextLayout> {
  const [first] = await db.rows(
    `SELECT line FROM read_csv(${sqlPath(file)}, columns = {line: 'VARCHAR'}, auto_detect = false, header = false, delim = '\x1f', quote = '', escape = '') LIMIT 1`,
  )
  if (first === undefined) throw emptyFile(file)
  const line = String(first[0] ?? '')
  const width = (delimiter: string) => line.split(delimiter).length
  const delimiter = [',', ';', '\t', '|'].reduce((a, b) => (width(b) > width(a) ? b : a))
  return { delimiter, width: width(delimiter) }
}

function sourceSql(names: readonly string[], read: string): string {
  const columns = SOURCE_COLUMNS.map(
    (column, i) => `${sqlName(names[i] as string)} AS ${column}_raw`,
  )
  return `SELECT ${columns.join(', ')} FROM ${read}`
}

/** Finds the file's name of each of the six columns. */
function matchColumns(file: string, names: readonly string[]): readonly string[] {
  const byNormal = new Map(names.map((name) => [normalize(name), name]))
  return SOURCE_COLUMNS.map((column) => {
    const alias = ALIASES[column].find((candidate) => byNormal.has(candidate))
    if (alias !== undefined) return byNormal.get(alias) as string
    throw new DataError(
      'IMPORT_COLUMNS',
      `${file}: there is no column for ${column}.${didYouMean(column, names)} Known names: ${ALIASES[column].join(', ')}. Found: ${excerpt(names.join(', '), 500)}. Rename the column in the file.`,
      { context: { file, column, found: names } },
    )
  })
}

function normalize(name: string): string {
  return name
    .replace('\ufeff', '')
    .trim()
    .toLowerCase()
    .replace(/[\s-]+/g, '_')
}

function checkedWidth(file: string, width: number): number {
  if (width === 6 || width === 12) return SOURCE_COLUMNS.length
  throw new DataError(
    'IMPORT_COLUMNS',
    `${file}: without a header line a file needs 6 columns (time, open, high, low, close, volume) or the 12 of the Binance archive, found ${width}. Add a header line that names the columns.`,
    { context: { file, width } },
  )
}

function looksLikeTime(text: string): boolean {
  return /^\s*-?\d+(\.\d+)?(e\d+)?\s*$/i.test(text) || /^\s*\d{4}-\d{2}-\d{2}/.test(text)
}

/** Numbers tell their unit by their size: seconds, milli-, micro- or nanoseconds since 1970. */
function timeSql(type: string): string {
  const instant = 'epoch_us(TRY_CAST(time_raw AS TIMESTAMPTZ)) / 1000.0'
  const number = 'TRY_CAST(time_raw AS DOUBLE)'
  if (/^(TIMESTAMP|DATE)/.test(type)) return instant
  const epoch = `CASE WHEN ${number} < 1e11 THEN ${number} * 1e3 WHEN ${number} < 1e14 THEN ${number}
    WHEN ${number} < 1e17 THEN ${number} / 1e3 ELSE ${number} / 1e6 END`
  return type === 'VARCHAR'
    ? `CASE WHEN ${number} IS NULL THEN ${instant} ELSE ${epoch} END`
    : epoch
}

function readMagic(file: string): string {
  const bytes = Buffer.alloc(4)
  try {
    const handle = openSync(file, 'r')
    try {
      if (statSync(file).isDirectory()) throw new Error('it is a folder')
      const count = readSync(handle, bytes, 0, 4, 0)
      if (count === 0) throw emptyFile(file)
      return bytes.toString('latin1', 0, count)
    } finally {
      closeSync(handle)
    }
  } catch (error) {
    if (error instanceof DataError) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new DataError(
      'IMPORT_FILE',
      `${file}: cannot be opened: ${reason}. Give the path of a CSV or Parquet file.`,
      { context: { file }, cause: error },
    )
  }
}

export function emptyFile(file: string): DataError {
  return new DataError('IMPORT_EMPTY', `${file}: it holds no candle. Nothing was imported.`, {
    context: { file },
  })
}

function unreadable(file: string, reason: string, remedy: string, cause?: unknown): DataError {
  return new DataError('IMPORT_UNREADABLE', `${file}: cannot be read: ${reason}. ${remedy}`, {
    context: { file },
    cause,
  })
}
