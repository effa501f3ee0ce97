import { mkdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import {
  type ChunkAppender,
  type DuckDb,
  sqlName,
  sqlPath,
  sqlText,
  VECTOR_ROWS,
  withDuckDb,
} from './duckdb.ts'
import { makeFolder, remove, storageError, writeAtomically } from './files.ts'
import {
  type Cells,
  type ColumnType,
  PART_CELLS,
  part,
  type ResultColumn,
  type ResultTable,
} from './result-table.ts'

/** What DuckDB may hold in memory. It needs far less; beyond it a write fails instead of swallowing the machine. */
const MEMORY_LIMIT_MB = 96

const ROW_GROUP_ROWS = 24_576

let tables = 0

/** Writes a table with DuckDB, in parts that are staged as files beside the result. Returns the number of rows. */
export async function writeStagedTable(table: ResultTable, format: Format): Promise<number> {
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
    return await this.#db.appender('part')
  }
}

const STAGED = {
  DOUBLE: 'DOUBLE',
  INTEGER: 'INTEGER',
  VARCHAR: 'VARCHAR',
  TIMESTAMP: 'DOUBLE',
  LABEL: 'INTEGER',
} as const satisfies Record<ColumnType, string>

function selectSql({ columns }: ResultTable, format: Format, files: readonly string[]): string {
  const values = columns.map(({ name, type, labels = [] }) => {
    const column = sqlName(name)
    if (type === 'DOUBLE') return `CASE WHEN isfinite(${column}) THEN ${column} END AS ${column}`
    if (type === 'TIMESTAMP') return `${timeSql(column, format)} AS ${column}`
    if (type === 'LABEL') return `${labelSql(column, labels)} AS ${column}`
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
  return `CASE WHEN isfinite(${column}) THEN ${time} END`
}

function labelSql(column: string, labels: readonly string[]): string {
  const cases = labels.map((label, i) => `WHEN ${i} THEN ${sqlText(label)}`)
  return cases.length === 0 ? 'CAST(NULL AS VARCHAR)' : `CASE ${column} ${cases.join(' ')} END`
}
