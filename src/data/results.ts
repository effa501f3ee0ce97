import { rmSync } from 'node:fs'
import { basename, dirname, extname, join } from 'node:path'
import { ConfigError, invariant } from '../core/errors.ts'
import { type DuckDb, sqlName, sqlText, withDuckDb } from './duckdb.ts'
import { makeFolder, storageError, writeAtomically } from './files.ts'

/** `TIMESTAMP` takes epoch milliseconds (UTC) as doubles. NaN in a DOUBLE or TIMESTAMP column becomes NULL. */
export type ColumnType = 'DOUBLE' | 'INTEGER' | 'VARCHAR' | 'TIMESTAMP'

export interface ResultColumn {
  readonly name: string
  readonly type: ColumnType
}

/** Values of one column: Float64Array for DOUBLE and TIMESTAMP, Int32Array for INTEGER, strings for VARCHAR. */
export type Cells = Float64Array | Int32Array | readonly string[]

export interface ResultTable {
  /** `.parquet` (zstd) or `.csv`. */
  readonly path: string
  readonly columns: readonly ResultColumn[]
  /** Parts of the table in order of rows: one array per column, equally long within a part. */
  readonly chunks: AsyncIterable<readonly Cells[]> | Iterable<readonly Cells[]>
}

/** What DuckDB may hold in memory; rows beyond it wait in a database file beside the result. */
const MEMORY_LIMIT_MB = 48

/** Keeps the rows and thus the memory of a group small: 25 columns of 8 bytes are 5 MB. */
const ROW_GROUP_ROWS = 24_576

let tables = 0

/**
 * Writes a table of any length with bounded memory. The file appears whole or not at all. Returns the number of rows.
 * @throws PlatformError `DISK_FULL`, `FOLDER_READ_ONLY` or `WRITE_FAILED`
 * @throws ConfigError `RESULT_FORMAT` for another extension
 *
 * @example
 * await writeTable({
 *   path: 'results/trades.csv',
 *   columns: [{ name: 'symbol', type: 'VARCHAR' }, { name: 'pnl', type: 'DOUBLE' }],
 *   chunks: [[['BTCUSDT'], Float64Array.of(12.5)]],
 * })
 */
export async function writeTable(table: ResultTable): Promise<number> {
  const format = formatOf(table.path)
  const folder = dirname(table.path)
  makeFolder(folder)
  const name = `.${basename(table.path)}.${process.pid}-${tables++}`
  const stage = join(folder, `${name}.stage`)
  const options = { path: stage, memoryLimitMb: MEMORY_LIMIT_MB, threads: 1, tempDirectory: folder }
  try {
    return await withDuckDb(options, async (db) => {
      const rows = await collect(db, table)
      await writeAtomically(table.path, (temporary) =>
        db.run(
          `COPY (${selectSql(table, format)}) TO ${sqlText(temporary)} (${COPY_OPTIONS[format]})`,
        ),
      )
      return rows
    })
  } catch (error) {
    throw storageError(error, table.path)
  } finally {
    rmSync(stage, { force: true })
    rmSync(`${stage}.wal`, { force: true })
  }
}

const COPY_OPTIONS = {
  parquet: `FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${ROW_GROUP_ROWS}`,
  csv: 'FORMAT csv, HEADER true',
} as const

type Format = keyof typeof COPY_OPTIONS

function formatOf(path: string): Format {
  const extension = extname(path).toLowerCase()
  if (extension === '.parquet') return 'parquet'
  if (extension === '.csv') return 'csv'
  throw new ConfigError(
    'RESULT_FORMAT',
    `${path}: the extension of a result file must be .parquet or .csv, was '${extension}'.`,
    { context: { path } },
  )
}

/** Appends all chunks to the staging table and returns the number of rows. */
async function collect(db: DuckDb, { columns, chunks }: ResultTable): Promise<number> {
  const types = columns.map(({ name, type }) => `${sqlName(name)} ${STAGED[type]}`)
  await db.run(`CREATE TABLE result (${types.join(', ')})`)
  const appender = db.appender('result')
  let rows = 0
  try {
    for await (const chunk of chunks) {
      checkChunk(columns, chunk)
      rows += chunk[0]?.length ?? 0
      appender.append(chunk)
    }
  } finally {
    appender.close()
  }
  return rows
}

const STAGED = {
  DOUBLE: 'DOUBLE',
  INTEGER: 'INTEGER',
  VARCHAR: 'VARCHAR',
  TIMESTAMP: 'DOUBLE',
} as const satisfies Record<ColumnType, string>

function checkChunk(columns: readonly ResultColumn[], chunk: readonly Cells[]): void {
  invariant(chunk.length === columns.length, 'a chunk has one array per column')
  columns.forEach(({ name, type }, i) => {
    const cells = chunk[i] as Cells
    invariant(cells.length === chunk[0]?.length, `column ${name} is as long as the others`)
    invariant(isOfType(cells, type), `column ${name} holds the array type of ${type}`)
  })
}

function isOfType(cells: Cells, type: ColumnType): boolean {
  if (type === 'VARCHAR') return Array.isArray(cells)
  return type === 'INTEGER' ? cells instanceof Int32Array : cells instanceof Float64Array
}

function selectSql({ columns }: ResultTable, format: Format): string {
  const values = columns.map(({ name, type }) => {
    const column = sqlName(name)
    if (type === 'DOUBLE') return `CASE WHEN NOT isnan(${column}) THEN ${column} END AS ${column}`
    if (type === 'TIMESTAMP') return `${timeSql(column, format)} AS ${column}`
    return column
  })
  return `SELECT ${values.join(', ')} FROM result`
}

/** An instant is UTC: `TIMESTAMP WITH TIME ZONE` in Parquet, ISO 8601 with a Z in CSV. */
function timeSql(column: string, format: Format): string {
  const micros = `CAST(${column} * 1000 AS BIGINT)`
  const time =
    format === 'parquet'
      ? `make_timestamptz(${micros})`
      : `strftime(make_timestamp(${micros}), '%Y-%m-%dT%H:%M:%SZ')`
  return `CASE WHEN NOT isnan(${column}) THEN ${time} END`
}
