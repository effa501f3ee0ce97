import { mkdirSync } from 'node:fs'
import { basename, dirname, extname, join } from 'node:path'
import { ConfigError, invariant } from '../core/errors.ts'
import {
  type ChunkAppender,
  type DuckDb,
  sqlName,
  sqlPath,
  sqlText,
  VECTOR_ROWS,
  withDuckDb,
} from './duckdb.ts'
import { isStorageFailure, makeFolder, remove, storageError, writeAtomically } from './files.ts'

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

/** What DuckDB may hold in memory. It needs far less; beyond it a write fails instead of swallowing the machine. */
const MEMORY_LIMIT_MB = 96

/** Rows are staged in parts of about this many values (4 MB), each a file beside the result. */
const PART_CELLS = 524_288

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
  const stage = join(
    dirname(table.path),
    `.${basename(table.path)}.${process.pid}-${tables++}.parts`,
  )
  try {
    makeFolder(dirname(table.path))
    makeStage(stage, table.path)
    return await withDuckDb({ memoryLimitMb: MEMORY_LIMIT_MB, threads: 1 }, async (db) => {
      const parts = new PartWriter(db, stage, table.columns)
      for await (const chunk of table.chunks) await parts.append(chunk)
      await parts.flush()
      await writeAtomically(table.path, (temporary) =>
        db.run(
          `COPY (${selectSql(table, format, parts.files)}) TO ${sqlText(temporary)} (${COPY_OPTIONS[format]})`,
        ),
      )
      return parts.rows
    })
  } catch (error) {
    throw isStorageFailure(error) ? storageError(error, table.path) : error
  } finally {
    remove(stage)
  }
}

/** Blames the result's path and not that of the hidden folder, of which the user knows nothing. */
function makeStage(stage: string, path: string): void {
  try {
    mkdirSync(stage)
  } catch (error) {
    throw storageError(error, path)
  }
}

const COPY_OPTIONS = {
  parquet: `FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE ${ROW_GROUP_ROWS}`,
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

/** Stages rows as small Parquet files: neither JavaScript nor DuckDB ever holds more than one part. */
class PartWriter {
  readonly #db: DuckDb
  readonly #folder: string
  readonly #columns: readonly ResultColumn[]
  readonly #rowsMax: number
  readonly #files: string[] = []
  #appender: ChunkAppender | undefined
  #pending = 0
  #rows = 0

  constructor(db: DuckDb, folder: string, columns: readonly ResultColumn[]) {
    this.#db = db
    this.#folder = folder
    this.#columns = columns
    this.#rowsMax = Math.max(VECTOR_ROWS, Math.floor(PART_CELLS / columns.length))
  }

  get rows(): number {
    return this.#rows
  }

  /** The parts so far; there is at least one after `flush`. */
  get files(): readonly string[] {
    return this.#files
  }

  async append(chunk: readonly Cells[]): Promise<void> {
    checkChunk(this.#columns, chunk)
    const rows = chunk[0]?.length ?? 0
    for (let start = 0; start < rows; ) {
      const end = Math.min(rows, start + this.#rowsMax - this.#pending)
      this.#appender ??= await this.#begin()
      this.#appender.append(chunk.map((cells) => part(cells, start, end)))
      this.#pending += end - start
      this.#rows += end - start
      start = end
      if (this.#pending === this.#rowsMax) await this.flush()
    }
  }

  /** Writes what is pending. A table without rows still gets a part, for its columns. */
  async flush(): Promise<void> {
    if (this.#pending === 0 && this.#files.length > 0) return
    const appender = this.#appender ?? (await this.#begin())
    appender.close()
    const file = join(this.#folder, `${this.#files.length}.parquet`)
    await this.#db.run(`COPY part TO ${sqlText(file)} (FORMAT parquet, COMPRESSION lz4_raw)`)
    await this.#db.run('DROP TABLE part')
    this.#files.push(file)
    this.#appender = undefined
    this.#pending = 0
  }

  async #begin(): Promise<ChunkAppender> {
    const types = this.#columns.map(({ name, type }) => `${sqlName(name)} ${STAGED[type]}`)
    await this.#db.run(`CREATE TABLE part (${types.join(', ')})`)
    return this.#db.appender('part')
  }
}

function part(cells: Cells, start: number, end: number): Cells {
  return ArrayBuffer.isView(cells) ? cells.subarray(start, end) : cells.slice(start, end)
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

function selectSql({ columns }: ResultTable, format: Format, files: readonly string[]): string {
  const values = columns.map(({ name, type }) => {
    const column = sqlName(name)
    if (type === 'DOUBLE') return `CASE WHEN NOT isnan(${column}) THEN ${column} END AS ${column}`
    if (type === 'TIMESTAMP') return `${timeSql(column, format)} AS ${column}`
    return column
  })
  return `SELECT ${values.join(', ')} FROM read_parquet([${files.map(sqlPath).join(', ')}], hive_partitioning = false)`
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
