import { createHash } from 'node:crypto'
import { METRICS, NULL_REASONS, UNBOUNDED_METRICS } from '../../core/metrics.ts'
import type { TableCells, TableColumn } from '../tables.ts'
import type { Axis } from './axis.ts'
import { type Grid, writePoint } from './grid.ts'
import type { Spool } from './spool.ts'
import { type Survivors, survives } from './survivors.ts'

const CHUNK_ROWS = 8_192

/**
 * Returns the columns of a sweep's rows file: the parameters, the metrics, and per metric that can be unbounded why it is null
 * (`no_loss`, or nothing when it is not computable).
 */
export function rowColumns(grid: Grid): readonly TableColumn[] {
  return [
    ...grid.axes.map((axis) => ({ name: axis.name, type: axisType(axis) })),
    ...METRICS.map((name) => ({ name, type: 'DOUBLE' }) as const),
    ...UNBOUNDED_METRICS.map(
      (name) => ({ name: `${name}_reason`, type: 'LABEL', labels: NULL_REASONS }) as const,
    ),
  ]
}

/** The digest covers the numbers of a row, of which the reasons are a consequence. */
function digestNames(grid: Grid): readonly string[] {
  return [...grid.axes.map(({ name }) => name), ...METRICS]
}

function axisType({ integer, values }: Axis): 'INTEGER' | 'DOUBLE' {
  return integer && values.every((value) => value === (value | 0)) ? 'INTEGER' : 'DOUBLE'
}

/**
 * The completed rows of a sweep in canonical order, and the digest over them. The digest is the sha-256 of the column
 * names of parameters and metrics as JSON followed by the bits of every row (little-endian doubles, one NaN; +Infinity where
 * nothing was lost, which is null in the file).
 */
export class RowStream {
  readonly #grid: Grid
  readonly #survivors: Survivors
  readonly #spool: Spool
  readonly #hash = createHash('sha256')
  #rows = 0

  constructor(grid: Grid, survivors: Survivors, spool: Spool) {
    this.#grid = grid
    this.#survivors = survivors
    this.#spool = spool
    this.#hash.update(JSON.stringify(digestNames(grid)))
  }

  /** How many rows have been handed out. */
  get rows(): number {
    return this.#rows
  }

  /** Yields the rows once, one array per column of `rowColumns`. */
  *chunks(): Generator<readonly TableCells[]> {
    const params = this.#grid.axes.length
    const width = params + METRICS.length
    const table = new Float64Array(CHUNK_ROWS * width)
    const numbers = rowColumns(this.#grid).slice(0, width)
    for (const count of this.#fill(table, width)) {
      this.#hash.update(new Uint8Array(table.buffer, 0, count * width * 8))
      this.#rows += count
      const reasons = UNBOUNDED_METRICS.map((name) =>
        reasonsIn(table, width, params + METRICS.indexOf(name), count),
      )
      const cells = numbers.map(({ type }, column) => {
        const empty = type === 'INTEGER' ? new Int32Array(count) : new Float64Array(count)
        return gather(table, width, column, empty)
      })
      yield [...cells, ...reasons]
    }
  }

  /** Returns the digest, as hex, of all rows handed out. Call once, after the last chunk. */
  digest(): string {
    return this.#hash.digest('hex')
  }

  /** Fills `table` with rows again and again; yields the number of rows in it each time. */
  *#fill(table: Float64Array, width: number): Generator<number> {
    const params = this.#grid.axes.length
    const reader = new SpoolReader(this.#spool)
    let count = 0
    for (const [index, number] of this.#completed()) {
      const offset = count * width
      writePoint(this.#grid, index, table, offset)
      reader.copyRow(number, table, offset + params)
      if (++count < CHUNK_ROWS) continue
      yield count
      count = 0
    }
    if (count > 0) yield count
  }

  *#completed(): Generator<readonly [index: number, number: number]> {
    const { bits } = this.#survivors
    let number = 0
    for (let index = 0; index < this.#grid.size; index++) {
      if (!survives(bits, index)) continue
      if (this.#spool.has(number)) yield [index, number]
      number++
    }
  }
}

/** Reads a spool forwards, a block of rows at a time. */
class SpoolReader {
  readonly #spool: Spool
  readonly #block = new Float64Array(CHUNK_ROWS * METRICS.length)
  #first = -1

  constructor(spool: Spool) {
    this.#spool = spool
  }

  copyRow(number: number, out: Float64Array, offset: number): void {
    const first = number - (number % CHUNK_ROWS)
    if (first !== this.#first) {
      this.#spool.read(first, Math.min(CHUNK_ROWS, this.#spool.rows - first), this.#block)
      this.#first = first
    }
    const start = (number - first) * METRICS.length
    out.set(this.#block.subarray(start, start + METRICS.length), offset)
  }
}

function gather<Cells extends Float64Array | Int32Array>(
  table: Float64Array,
  width: number,
  column: number,
  cells: Cells,
): Cells {
  for (let row = 0; row < cells.length; row++) cells[row] = table[row * width + column] as number
  return cells
}

const NO_REASON = -1
const NO_LOSS = NULL_REASONS.indexOf('no_loss')

/** Says of a column's values why they are null in the file: the file takes no infinity. */
function reasonsIn(table: Float64Array, width: number, column: number, count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, row) =>
    table[row * width + column] === Number.POSITIVE_INFINITY ? NO_LOSS : NO_REASON,
  )
}
