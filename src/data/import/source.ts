import { DataError } from '../../core/errors.ts'
import { excerpt } from '../../core/foreign-text.ts'
import { type DuckDb, sqlName, sqlPath } from '../duckdb.ts'
import { firstLine } from '../files.ts'
import { arrowSource } from './arrow-source.ts'
import { describeSource, type ImportSource, type SourceRequest } from './describe-source.ts'
import { unreadable } from './import-error.ts'
import type { InputFile } from './input.ts'
import { jsonSource } from './json-source.ts'
import type { FileColumn } from './match-columns.ts'
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
  const from = `read_parquet(${sqlPath(path)}, hive_partitioning = false, binary_as_string = true)`
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
  const check = (used: readonly FileColumn[]) => refuseLongDecimals(file, schema.columns, used)
  const position = { word: 'row', offset: 0 } as const
  return await describeSource(db, { file, from, columns, isNamed: true, position, check }, request)
}

/** DuckDB takes the bytes of a decimal with more digits for those of a shorter one, without a word. */
const DECIMAL_DIGITS_MAX = 38

function refuseLongDecimals(
  file: string,
  columns: readonly SchemaColumn[],
  used: readonly FileColumn[],
): void {
  const names = used.map(({ name }) => name)
  const long = columns.find(
    ({ name, precision }) => precision > DECIMAL_DIGITS_MAX && names.includes(name),
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
