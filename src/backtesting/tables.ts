/** How a column of a table file is stored. `instant` values are epoch milliseconds, UTC. */
export type TableColumnKind = 'double' | 'integer' | 'text' | 'instant'

export interface TableColumn {
  readonly name: string
  readonly kind: TableColumnKind
}

/** Values of one column of a chunk; NaN, or null among texts, means no value. */
export type TableValues = Float64Array | readonly (string | null)[]

/** Consecutive rows of a table, column by column in the order of the table's columns. */
export interface TableChunk {
  readonly count: number
  readonly values: readonly TableValues[]
}

export interface TableFile {
  /** Where to write; nothing exists there yet. The format follows from the extension: `.parquet` or `.csv`. */
  readonly path: string
  readonly columns: readonly TableColumn[]
  /** Read once, in order. A chunk's arrays are reused by the next one. */
  readonly chunks: Iterable<TableChunk>
}

/** Writes a table file, chunk by chunk. Handed in by the caller; the engine itself knows no file format. */
export type WriteTable = (file: TableFile) => Promise<void>
