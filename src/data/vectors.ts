import type { DuckDBDataChunk } from '@duckdb/node-api'
import type * as Bindings from '@duckdb/node-bindings'

/** A typed array whose elements are as wide as the values of a vector. */
export type VectorValues = Float64Array | Int32Array | BigInt64Array

/**
 * Moves whole vectors between DuckDB's data chunks and typed arrays.
 *
 * The one place below `@duckdb/node-api`: its vectors keep their arrays private and give one value per call, which costs
 * 30 to 90 ns per row of six columns (warm and cold) where decoding the row costs 85. But it publishes the bindings'
 * chunk (`DuckDBDataChunk.chunk`), so this takes its chunks and calls the C functions that its own vectors call.
 */
export class Vectors {
  readonly #api: typeof Bindings
  /** The bindings take an ArrayBuffer, and a column may lie in shared memory: what is written goes through here. */
  readonly #scratch: Uint8Array<ArrayBuffer>

  /** @param api the module `@duckdb/node-bindings`, loaded by the caller */
  constructor(api: typeof Bindings) {
    this.#api = api
    this.#scratch = new Uint8Array(api.vector_size() * 8)
  }

  /** Returns a DOUBLE column with NaN for NULL. The array belongs to the receiver. */
  readDoubles({ chunk, rowCount }: DuckDBDataChunk, column: number): Float64Array {
    const vector = this.#api.data_chunk_get_vector(chunk, column)
    const bytes = this.#api.vector_get_data(vector, rowCount * 8)
    const values = new Float64Array(bytes.buffer, bytes.byteOffset, rowCount)
    const validity: Uint8Array | null = this.#api.vector_get_validity(
      vector,
      Math.ceil(rowCount / 64) * 8,
    )
    if (validity !== null) markNulls(values, validity)
    return values
  }

  /** Fills the first rows of a column, at most a chunk's, without a NULL. */
  write({ chunk }: DuckDBDataChunk, column: number, values: VectorValues): void {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
    this.#scratch.set(bytes)
    const vector = this.#api.data_chunk_get_vector(chunk, column)
    this.#api.copy_data_to_vector(vector, 0, this.#scratch.buffer, 0, bytes.byteLength)
  }
}

/** @param validity one bit per row, the lowest first */
function markNulls(values: Float64Array, validity: Uint8Array): void {
  for (let row = 0; row < values.length; row++) {
    if ((((validity[row >> 3] as number) >> (row & 7)) & 1) === 0) values[row] = Number.NaN
  }
}
