import type * as Bindings from '@duckdb/node-bindings'

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

/** How far DuckDB's threads may read ahead of a stream's consumer; with the default of 1 MB they mostly stand still. */
const STREAM_BUFFER = '32MB'

/**
 * One DuckDB database with one connection, closed by its owner.
 *
 * It speaks to the C bindings and not to the `node-api` layer above them: that saves 40 ms and 15 MB at start,
 * and only the bindings give whole vectors. The library is loaded by the first `open`, never by an import.
 */
export class DuckDb {
  readonly #api: typeof Bindings
  readonly #database: Bindings.Database
  readonly #connection: Bindings.Connection

  private constructor(
    api: typeof Bindings,
    database: Bindings.Database,
    connection: Bindings.Connection,
  ) {
    this.#api = api
    this.#database = database
    this.#connection = connection
  }

  /** Opens a database that never downloads extensions. */
  static async open(options: DuckDbOptions = {}): Promise<DuckDb> {
    const api = await loadBindings()
    const config = api.create_config()
    for (const [name, value] of settings(options)) api.set_config(config, name, value)
    const database = await api.open(options.path ?? ':memory:', config)
    const connection = await api.connect(database)
    const db = new DuckDb(api, database, connection)
    await db.run("SET GLOBAL TimeZone = 'UTC'")
    return db
  }

  async run(sql: string): Promise<void> {
    await this.#api.query(this.#connection, sql)
  }

  /** Returns a small result whose columns are all DOUBLE or VARCHAR. */
  async rows(sql: string): Promise<readonly (readonly Cell[])[]> {
    const result = await this.#api.query(this.#connection, sql)
    const rows: Cell[][] = []
    for (;;) {
      const chunk = await this.#api.fetch_chunk(result)
      if (chunk === null || this.#api.data_chunk_get_size(chunk) === 0) return rows
      rows.push(...this.#cells(result, chunk))
    }
  }

  /**
   * Streams a query whose columns are all DOUBLE. Each chunk is one array per column, with NaN for NULL.
   * Rows keep the order of the query; the arrays belong to the receiver. Several streams may be open at once.
   */
  async *doubles(sql: string, columnCount: number): AsyncGenerator<readonly Float64Array[]> {
    const api = this.#api
    // Another query on the same connection would end a stream, so each has its own.
    const connection = await api.connect(this.#database)
    let pending: Promise<Bindings.DataChunk | null> = Promise.resolve(null)
    let statement: Bindings.PreparedStatement | undefined
    try {
      await api.query(connection, `SET streaming_buffer_size = '${STREAM_BUFFER}'`)
      statement = await api.prepare(connection, sql)
      const result = await api.execute_prepared_streaming(statement)
      pending = api.fetch_chunk(result)
      for (;;) {
        const chunk = await pending
        if (chunk === null || api.data_chunk_get_size(chunk) === 0) return
        // The next chunk is decoded on DuckDB's threads while the caller works on this one.
        pending = api.fetch_chunk(result)
        yield this.#vectors(chunk, columnCount)
      }
    } finally {
      // A caller that stops early may close the connection, which must not happen under a running fetch.
      await pending.catch(() => null)
      // The plan keeps the files open, and without this it would until the next garbage collection.
      if (statement !== undefined) api.destroy_prepare_sync(statement)
      api.disconnect_sync(connection)
    }
  }

  /** Starts appending whole chunks to a table. */
  appender(table: string): ChunkAppender {
    return new ChunkAppender(this.#api, this.#api.appender_create(this.#connection, null, table))
  }

  close(): void {
    this.#api.disconnect_sync(this.#connection)
    this.#api.close_sync(this.#database)
  }

  #vectors(chunk: Bindings.DataChunk, columnCount: number): Float64Array[] {
    const rows = this.#api.data_chunk_get_size(chunk)
    return Array.from({ length: columnCount }, (_, column) => {
      const vector = this.#api.data_chunk_get_vector(chunk, column)
      const bytes = this.#api.vector_get_data(vector, rows * 8)
      const values = new Float64Array(bytes.buffer, bytes.byteOffset, rows)
      markNulls(values, this.#validity(vector, rows))
      return values
    })
  }

  #cells(result: Bindings.Result, chunk: Bindings.DataChunk): Cell[][] {
    const rows = this.#api.data_chunk_get_size(chunk)
    const columns = Array.from({ length: this.#api.data_chunk_get_column_count(chunk) }, (_, i) => {
      const vector = this.#api.data_chunk_get_vector(chunk, i)
      const isText = this.#api.column_type(result, i) === (17 satisfies Bindings.Type.VARCHAR)
      const values = isText ? this.#texts(vector, rows) : this.#numbers(vector, rows)
      const validity = this.#validity(vector, rows)
      return values.map((value, row) => (isValid(validity, row) ? value : null))
    })
    return Array.from({ length: rows }, (_, row) => columns.map((column) => column[row] as Cell))
  }

  #numbers(vector: Bindings.Vector, rows: number): Cell[] {
    const bytes = this.#api.vector_get_data(vector, rows * 8)
    return [...new Float64Array(bytes.buffer, bytes.byteOffset, rows)]
  }

  /** Reads `duckdb_string_t`: a length and either 12 bytes of text or a prefix and a pointer to all of it. */
  #texts(vector: Bindings.Vector, rows: number): Cell[] {
    const bytes = this.#api.vector_get_data(vector, rows * 16)
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const validity = this.#validity(vector, rows)
    return Array.from({ length: rows }, (_, row) => {
      if (!isValid(validity, row)) return null
      const length = view.getUint32(row * 16, true)
      const text =
        length <= 12
          ? bytes.subarray(row * 16 + 4, row * 16 + 4 + length)
          : this.#api.get_data_from_pointer(
              bytes.buffer as ArrayBuffer,
              bytes.byteOffset + row * 16 + 8,
              length,
            )
      return Buffer.from(text).toString('utf8')
    })
  }

  /** One bit per row, or null when no row is NULL. */
  #validity(vector: Bindings.Vector, rows: number): Uint8Array | null {
    const words = Math.ceil(rows / 64)
    return (this.#api.vector_get_validity(vector, words * 8) as Uint8Array | null) ?? null
  }
}

/** Writes columns into a table chunk by chunk, without a JavaScript value per cell. */
export class ChunkAppender {
  readonly #api: typeof Bindings
  readonly #appender: Bindings.Appender
  readonly #chunk: Bindings.DataChunk
  readonly #columnCount: number
  /** The bindings take an ArrayBuffer, and a column may lie in shared memory: every vector goes through here. */
  readonly #scratch = new Uint8Array(VECTOR_ROWS * 8)

  constructor(api: typeof Bindings, appender: Bindings.Appender) {
    this.#api = api
    this.#appender = appender
    this.#columnCount = api.appender_column_count(appender)
    const types = Array.from({ length: this.#columnCount }, (_, i) =>
      api.appender_column_type(appender, i),
    )
    this.#chunk = api.create_data_chunk(types)
  }

  /** Appends equally long columns of any length. The arrays are as wide as the table's types. */
  append(
    columns: readonly (Float64Array | Int32Array | BigInt64Array | readonly string[])[],
  ): void {
    const rows = columns[0]?.length ?? 0
    for (let start = 0; start < rows; start += VECTOR_ROWS) {
      this.#appendRows(columns, start, Math.min(VECTOR_ROWS, rows - start))
    }
  }

  close(): void {
    this.#api.appender_close_sync(this.#appender)
  }

  #appendRows(
    columns: readonly (Float64Array | Int32Array | BigInt64Array | readonly string[])[],
    start: number,
    rows: number,
  ): void {
    const api = this.#api
    api.data_chunk_reset(this.#chunk)
    for (let i = 0; i < this.#columnCount; i++) {
      const vector = api.data_chunk_get_vector(this.#chunk, i)
      this.#fill(vector, columns[i] as Float64Array | readonly string[], start, rows)
    }
    api.data_chunk_set_size(this.#chunk, rows)
    api.append_data_chunk(this.#appender, this.#chunk)
  }

  #fill(
    vector: Bindings.Vector,
    column: Float64Array | Int32Array | BigInt64Array | readonly string[],
    start: number,
    rows: number,
  ): void {
    if (!ArrayBuffer.isView(column)) {
      for (let row = 0; row < rows; row++) {
        this.#api.vector_assign_string_element(vector, row, column[start + row] as string)
      }
      return
    }
    const width = column.BYTES_PER_ELEMENT
    const bytes = new Uint8Array(column.buffer, column.byteOffset + start * width, rows * width)
    this.#scratch.set(bytes)
    this.#api.copy_data_to_vector(vector, 0, this.#scratch.buffer, 0, bytes.byteLength)
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

async function loadBindings(): Promise<typeof Bindings> {
  const loaded: typeof Bindings & { default?: typeof Bindings } = await import(
    '@duckdb/node-bindings'
  )
  return loaded.default ?? loaded
}

function settings(options: DuckDbOptions): readonly (readonly [string, string])[] {
  return [
    ['threads', String(options.threads ?? 2)],
    ['memory_limit', `${options.memoryLimitMb ?? 256}MB`],
    ['temp_directory', options.tempDirectory ?? ''],
    ['autoinstall_known_extensions', 'false'],
    ['autoload_known_extensions', 'false'],
  ]
}

function isValid(validity: Uint8Array | null, row: number): boolean {
  return validity === null || ((validity[row >> 3] as number) >> (row & 7)) % 2 === 1
}

function markNulls(values: Float64Array, validity: Uint8Array | null): void {
  if (validity === null) return
  for (let row = 0; row < values.length; row++)
    if (!isValid(validity, row)) values[row] = Number.NaN
}
