import { DataError } from '../../core/errors.ts'
import { excerpt } from '../../core/foreign-text.ts'
import { type DuckDb, sqlName, sqlPath } from '../duckdb.ts'
import { firstLine } from '../files.ts'
import { arrowSource } from './arrow-source.ts'
import { describeSource, type ImportSource, type SourceRequest } from './describe-source.ts'
import { unreadable } from './import-error.ts'
import type { InputFile } from './input.ts'
import { jsonSource } from './json-source.ts'
import { DUCKDB_DIGITS_MAX, readLongDecimals } from './long-decimals.ts'
import { textSource } from './text-source.ts'

/**
 * Says how to read a file: which column is which, and how its times and numbers are written.
 * @throws DataError `IMPORT_EMPTY`, `IMPORT_UNREADABLE`, or what `describeSource` throws
 */
export async function openSource(
  db: DuckDb,
  input: InputFile,
  request: SourceRequest,
): Promise<ImportSource> {
  const open = { parquet: parquetSource, arrow: arrowSource, json: jsonSource, text: textSource }
  return await open[input.format](db, input, request)
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
  request: SourceRequest,
): Promise<ImportSource> {
  const rows = `read_parquet(${sqlPath(path)}, hive_partitioning = false, binary_as_string = true)`
  const described = (await db.rows(
    `SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM ${rows})`,
  )) as readonly (readonly [string, string])[]
  const schema = await parquetSchema(db, path)
  const long = [...schema.keys()].filter((i) => isLong(schema[i] as SchemaColumn))
  const table = `long decimals of ${path}`
  if (long.length > 0) await readLongDecimals(db, path, long, table)
  const columns = described.map(([name, type], i) => {
    // DuckDB renames a column that is called like another one but for its case.
    const own = schema[i] as SchemaColumn
    const sql = isLong(own) ? `nullif(long_decimals.c${i}, 'NaN')` : valueSql(sqlName(name), type)
    return { name: own.name, sql, type: type.startsWith('DECIMAL') ? 'DOUBLE' : type }
  })
  const joined = `${rows} POSITIONAL JOIN ${sqlName(table)} AS long_decimals`
  const from = long.length > 0 ? joined : rows
  const position = { word: 'row', offset: 0 } as const
  return await describeSource(db, { file, from, columns, isNamed: true, position }, request)
}

interface SchemaColumn {
  readonly name: string
  /** Digits of a decimal; 0 for other types. */
  readonly precision: number
}

function isLong({ precision }: SchemaColumn): boolean {
  return precision > DUCKDB_DIGITS_MAX
}

/** The columns as the file names them, without those inside of others. */
async function parquetSchema(db: DuckDb, path: string): Promise<readonly SchemaColumn[]> {
  const [, ...nodes] = (await db.rows(
    `SELECT name, CAST(coalesce(num_children, 0) AS DOUBLE), CAST(coalesce(precision, 0) AS DOUBLE)
     FROM parquet_schema(${sqlPath(path)})`,
  )) as readonly (readonly [string, number, number])[]
  let inside = 0
  return nodes.flatMap(([name, children, precision]) => {
    const isTop = inside === 0
    inside += children - (isTop ? 0 : 1)
    return isTop ? [{ name, precision }] : []
  })
}

/** DuckDB divides a decimal by its power of ten in doubles, which rounds twice; from its text it is the nearest double. */
function valueSql(name: string, type: string): string {
  return /^(DECIMAL|U?HUGEINT)/.test(type) ? `CAST(${name} AS VARCHAR)` : name
}
