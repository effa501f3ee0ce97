import type {
  DuckDBAppender,
  DuckDBConnection,
  DuckDBDataChunk,
  DuckDBInstance,
  DuckDBPreparedStatement,
} from '@duckdb/node-api'
import type { DuckDBTableFunction } from '@duckdb/node-api/lib/DuckDBTableFunction.js'
import type { DuckDBType } from '@duckdb/node-api/lib/DuckDBType.js'
import { Vectors, type VectorValues } from './vectors.ts'

/** Rows in one DuckDB vector, and so the most rows of one chunk. */
export const VECTOR_ROWS = 2048

export interface DuckDbOptions {
  /** Database file; in memory when absent. */
  readonly path?: string
  /** What DuckDB may hold in memory; it spills or fails beyond that. */
  readonly memoryLimitMb?: number
  readonly threads?: number
  /** Where it spills to. Without one it does not spill. */
  readonly tempDirectory?: string
}

/** A value of a small result: queries for `rows` cast every column to DOUBLE or VARCHAR. */
export type Cell = number | string | null

/**
 * How far DuckDB's threads may read ahead of a stream's consumer. From 1 to 64 MB the processor time is the same (measured);
 * 4 MB keep the threads busy, and 32 MB took 60 MB more of the process's memory.
 */
const STREAM_BUFFER = '4MB'

/** One DuckDB database with one connection, closed by its owner. The library is loaded by the first `open`, never by an import. */
export class DuckDb {
  readonly #library: Library
  readonly #instance: DuckDBInstance
  readonly #connection: DuckDBConnection
  readonly #tables = new Map<string, ColumnsTable>()

  private constructor(library: Library, instance: DuckDBInstance, connection: DuckDBConnection) {
    this.#library = library
    this.#instance = instance
    this.#connection = connection
  }

  /** Opens a database that never downloads extensions. */
  static async open(options: DuckDbOptions = {}): Promise<DuckDb> {
    const library = await loadLibrary()
    const { DuckDBInstance } = library
    const instance = await DuckDBInstance.create(options.path ?? ':memory:', settings(options))
    const connection = await instance.connect()
    await connection.run("SET GLOBAL TimeZone = 'UTC'")
    return new DuckDb(library, instance, connection)
  }

  async run(sql: string): Promise<void> {
    await this.#connection.run(sql)
  }

  /** Returns a small result whose columns are all DOUBLE or VARCHAR. */
  async rows(sql: string): Promise<readonly (readonly Cell[])[]> {
    const result = await this.#connection.run(sql)
    return (await result.getRows()) as readonly (readonly Cell[])[]
  }

  /**
   * Streams a query whose columns are all DOUBLE. Each chunk is one array per column, with NaN for NULL.
   * Rows keep the order of the query; the arrays belong to the receiver. Several streams may be open at once.
   */
  async *doubles(sql: string, columnCount: number): AsyncGenerator<readonly Float64Array[]> {
    // Another query on the same connection would end a stream, so each has its own.
    const connection = await this.#instance.connect()
    const { vectors } = this.#library
    let pending: Promise<DuckDBDataChunk | null> = Promise.resolve(null)
    let statement: DuckDBPreparedStatement | undefined
    try {
      await connection.run(`SET streaming_buffer_size = '${STREAM_BUFFER}'`)
      statement = await connection.prepare(sql)
      const result = await statement.stream()
      pending = result.fetchChunk()
      for (;;) {
        const chunk = await pending
        if (chunk === null || chunk.rowCount === 0) return
        // The next chunk is decoded on DuckDB's threads while the caller works on this one.
        pending = result.fetchChunk()
        yield Array.from({ length: columnCount }, (_, i) => vectors.readDoubles(chunk, i))
      }
    } finally {
      // A caller that stops early may close the connection, which must not happen under a running fetch.
      await pending.catch(() => null)
      // The plan keeps the files open, and without this it would until the next garbage collection.
      statement?.destroySync()
      connection.closeSync()
    }
  }

  /** Makes the query that runs now, if there is one, fail soon. Streams go on. */
  interrupt(): void {
    this.#connection.interrupt()
  }

  /**
   * Runs `work` while its queries can read columns as a table of DOUBLEs, where they lie. Against appending them to a real table this
   * saves half of the time, which DuckDB spends on the statistics of every value (measured).
   *
   * The queries ask for rows on the JavaScript thread: it must not wait for them, as an appender of the same connection would.
   * @param names of the columns; the same ones whenever the table has the same name
   */
  async withColumns<T>(
    table: string,
    names: readonly string[],
    columns: readonly Float64Array[],
    work: () => Promise<T>,
  ): Promise<T> {
    const known = this.#tables.get(table) ?? (await this.#register(table, names))
    known.columns = columns
    try {
      return await work()
    } finally {
      known.columns = []
    }
  }

  async #register(table: string, names: readonly string[]): Promise<ColumnsTable> {
    const columns = new ColumnsTable(this.#library, `${table}_columns`, names)
    this.#tables.set(table, columns)
    this.#connection.registerTableFunction(columns.scan)
    await this.run(
      `CREATE VIEW ${sqlName(table)} AS SELECT * FROM ${sqlName(`${table}_columns`)}()`,
    )
    return columns
  }

  /** Starts appending whole chunks to a table. */
  async appender(table: string): Promise<ChunkAppender> {
    return new ChunkAppender(this.#library, await this.#connection.createAppender(table))
  }

  close(): void {
    this.#connection.closeSync()
    this.#instance.closeSync()
  }
}

/** Writes columns into a table chunk by chunk. */
export class ChunkAppender {
  readonly #vectors: Vectors
  readonly #appender: DuckDBAppender
  readonly #chunk: DuckDBDataChunk

  constructor({ DuckDBDataChunk, vectors }: Library, appender: DuckDBAppender) {
    this.#vectors = vectors
    this.#appender = appender
    const types = Array.from({ length: appender.columnCount }, (_, i) => appender.columnType(i))
    this.#chunk = DuckDBDataChunk.create(types)
  }

  /** Appends equally long columns of any length. The arrays are as wide as the table's types. */
  append(columns: readonly (VectorValues | readonly string[])[]): void {
    const rows = columns[0]?.length ?? 0
    for (let start = 0; start < rows; start += VECTOR_ROWS) {
      this.#appendRows(columns, start, Math.min(rows, start + VECTOR_ROWS))
    }
  }

  close(): void {
    this.#appender.closeSync()
  }

  #appendRows(
    columns: readonly (VectorValues | readonly string[])[],
    start: number,
    end: number,
  ): void {
    this.#chunk.reset()
    this.#chunk.rowCount = end - start
    columns.forEach((column, i) => {
      if (ArrayBuffer.isView(column)) {
        this.#vectors.write(this.#chunk, i, column.subarray(start, end))
      } else {
        this.#chunk.setColumnValues(i, column.slice(start, end))
      }
    })
    this.#appender.appendDataChunk(this.#chunk)
  }
}

/** Columns of doubles that queries scan where they lie. */
class ColumnsTable {
  readonly scan: DuckDBTableFunction
  /** Equally long. */
  columns: readonly Float64Array[] = []

  constructor(
    { DuckDBTableFunction, DOUBLE, vectors }: Library,
    name: string,
    names: readonly string[],
  ) {
    this.scan = DuckDBTableFunction.create({
      name,
      bindFunction: (info) => {
        for (const column of names) info.addResultColumn(column, DOUBLE)
        info.setCardinality(this.#rows, true)
      },
      // A query may scan the table more than once, at the same time.
      initFunction: (info) => info.setInitData({ next: 0 }),
      mainFunction: (info, chunk) => {
        const position = info.initData as { next: number }
        const { next } = position
        const end = Math.min(this.#rows, next + VECTOR_ROWS)
        chunk.rowCount = end - next
        this.columns.forEach((values, i) => {
          vectors.write(chunk, i, values.subarray(next, end))
        })
        position.next = end
      },
    })
  }

  get #rows(): number {
    return this.columns[0]?.length ?? 0
  }
}

/** Opens a database, hands it to `use` and closes it whatever happens. */
export async function withDuckDb<T>(
  options: DuckDbOptions,
  use: (db: DuckDb) => Promise<T>,
): Promise<T> {
  const db = await DuckDb.open(options)
  try {
    return await use(db)
  } finally {
    db.close()
  }
}

/** Quotes a text for SQL. */
export function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** Quotes an identifier for SQL. */
export function sqlName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** Quotes a file path for a DuckDB reader, which would otherwise expand `*`, `?` and `[`. */
export function sqlPath(path: string): string {
  return sqlText(path.replace(/[*?[]/g, '[$&]'))
}

/** What this file uses of the library, as values. */
interface Library {
  readonly DuckDBInstance: typeof DuckDBInstance
  readonly DuckDBDataChunk: typeof DuckDBDataChunk
  readonly DuckDBTableFunction: typeof DuckDBTableFunction
  readonly DOUBLE: DuckDBType
  readonly vectors: Vectors
}

/** Loads the modules that are used: the package's index pulls in the rest of it, 30 ms more of a command's start. */
async function loadLibrary(): Promise<Library> {
  const { DuckDBInstance } = await import('@duckdb/node-api/lib/DuckDBInstance.js')
  const { DuckDBDataChunk } = await import('@duckdb/node-api/lib/DuckDBDataChunk.js')
  const { DuckDBTableFunction } = await import('@duckdb/node-api/lib/DuckDBTableFunction.js')
  const { DOUBLE } = await import('@duckdb/node-api/lib/DuckDBType.js')
  const { default: bindings } = await import('@duckdb/node-bindings')
  const vectors = new Vectors(bindings)
  return { DuckDBInstance, DuckDBDataChunk, DuckDBTableFunction, DOUBLE, vectors }
}

function settings(options: DuckDbOptions): Record<string, string> {
  return {
    threads: String(options.threads ?? 2),
    memory_limit: `${options.memoryLimitMb ?? 256}MB`,
    temp_directory: options.tempDirectory ?? '',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  }
}
