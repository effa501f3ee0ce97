/** How a column is stored. `TIMESTAMP` values are epoch milliseconds, UTC. */
export type TableColumnType = 'DOUBLE' | 'INTEGER' | 'VARCHAR' | 'TIMESTAMP' | 'LABEL'

export interface TableColumn {
  readonly name: string
  readonly type: TableColumnType
  /** The texts of a `LABEL` column. */
  readonly labels?: readonly string[]
}

/**
 * Values of one column: Float64Array for DOUBLE and TIMESTAMP (not finite: no value), Int32Array for INTEGER and LABEL (which
 * of the labels; −1: none), else texts.
 */
export type TableCells = Float64Array | Int32Array | readonly string[]

export interface TableFile {
  /** Where to write. The format follows from the extension: `.parquet`, `.arrow` or `.csv`. */
  readonly path: string
  readonly columns: readonly TableColumn[]
  /** Parts of the table in order of rows: one array per column, equally long within a part. */
  readonly chunks: Iterable<readonly TableCells[]>
}

/** Writes a table file, chunk by chunk. Handed in by the caller; the engine itself knows no file format. */
export type WriteTable = (table: TableFile) => Promise<unknown>
