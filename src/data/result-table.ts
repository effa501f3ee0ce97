/**
 * `TIMESTAMP` takes epoch milliseconds (UTC) as doubles. What is not finite in a DOUBLE or TIMESTAMP column becomes NULL: no
 * file holds an infinity. `LABEL` is a text column of few different texts, given as numbers of `labels`; −1 is NULL.
 */
export type ColumnType = 'DOUBLE' | 'INTEGER' | 'VARCHAR' | 'TIMESTAMP' | 'LABEL'

export interface ResultColumn {
  readonly name: string
  readonly type: ColumnType
  readonly labels?: readonly string[]
}

/** Values of one column: Float64Array for DOUBLE and TIMESTAMP, Int32Array for INTEGER and LABEL, strings for VARCHAR. */
export type Cells = Float64Array | Int32Array | readonly string[]

export interface ResultTable {
  /** `.parquet` (zstd), `.arrow` (Arrow IPC file, uncompressed) or `.csv`. */
  readonly path: string
  readonly columns: readonly ResultColumn[]
  /** Parts of the table in order of rows: one array per column, equally long within a part. */
  readonly chunks: AsyncIterable<readonly Cells[]> | Iterable<readonly Cells[]>
}

/** Tables are written in parts of about this many values (4 MB). */
export const PART_CELLS = 524_288

/** Returns rows [start, end) of a column, without a copy where there is no need. */
export function part(cells: Cells, start: number, end: number): Cells {
  return ArrayBuffer.isView(cells) ? cells.subarray(start, end) : cells.slice(start, end)
}
