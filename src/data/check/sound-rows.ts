import type { CandleColumns } from '../../core/candles.ts'
import type { IntervalGrid } from '../../core/intervals.ts'
import {
  columnsOf,
  FILE_COLUMNS,
  findViolation,
  MAY_LACK_VOLUME,
  type Violation,
  vectorsOf,
} from '../columns.ts'
import type { DuckDb } from '../duckdb.ts'
import { accessText, firstLine, readFailure } from '../files.ts'
import { monthRange, type Partition } from '../lake/lake.ts'
import { MONTH_RULE, selectSql } from '../lake/read-columns.ts'
import type { TimeRange } from '../store.ts'

/** Told of everything in a file that cannot be used. */
export interface FileListener {
  /** All rows of a chunk, sound or not. */
  readonly onRows?: (columns: CandleColumns) => void
  /** @param row from 0, in the file */
  readonly onViolation?: (violation: Violation) => void
  /** The file ends here, whatever came before. */
  readonly onUnreadable?: (reason: string, isInaccessible: boolean) => void
}

/**
 * Streams the rows of one series that break no rule, file after file, and goes on after those that do: what reading refuses as a
 * whole is here told row by row and file by file.
 */
export class SoundRows {
  readonly #db: DuckDb
  readonly #grid: IntervalGrid
  /** Open time of the last sound row. */
  #previous = -Infinity

  constructor(db: DuckDb, grid: IntervalGrid) {
    this.#db = db
    this.#grid = grid
  }

  /** @param range open times to read; everything when absent */
  async *read(
    partition: Partition,
    listener: FileListener = {},
    range?: TimeRange,
  ): AsyncGenerator<CandleColumns> {
    const sql = selectSql({
      partitions: [partition],
      grid: this.#grid,
      ...(range === undefined ? {} : { range }),
    })
    const month = monthRange(partition.month)
    let rows = 0
    try {
      for await (const vectors of this.#db.doubles(sql, FILE_COLUMNS.length)) {
        const chunk = columnsOf(vectors)
        listener.onRows?.(chunk)
        const before = rows
        yield this.#sift(chunk, month, (violation) =>
          listener.onViolation?.({ ...violation, row: before + violation.row }),
        )
        rows += chunk.openTime.length
      }
    } catch (error) {
      const refused = accessText(readFailure(error, partition.path))
      const text = error instanceof Error ? error.message : String(error)
      listener.onUnreadable?.(refused ?? firstLine(text), refused !== undefined)
    }
  }

  #sift(
    chunk: CandleColumns,
    month: TimeRange,
    onViolation: (violation: Violation) => void,
  ): CandleColumns {
    const bad = this.#violations(chunk, month)
    if (bad.length === 0) return chunk
    const rows = new Set(bad.map(({ row }) => row))
    for (const violation of bad) onViolation(violation)
    return columnsOf(vectorsOf(chunk).map((vector) => vector.filter((_, row) => !rows.has(row))))
  }

  #violations(chunk: CandleColumns, month: TimeRange): readonly Violation[] {
    const found: Violation[] = []
    const length = chunk.openTime.length
    for (let start = 0; start < length; ) {
      const rest = start === 0 ? chunk : from(chunk, start)
      const violation = firstViolation(rest, this.#grid, this.#previous, month)
      const sound = violation === undefined ? length : start + violation.row
      if (sound > start) this.#previous = chunk.openTime[sound - 1] as number
      if (violation !== undefined) found.push({ ...violation, row: sound })
      start = sound + 1
    }
    return found
  }
}

function from(columns: CandleColumns, start: number): CandleColumns {
  return columnsOf(vectorsOf(columns).map((vector) => vector.subarray(start)))
}

function firstViolation(
  columns: CandleColumns,
  grid: IntervalGrid,
  previous: number,
  month: TimeRange,
): Violation | undefined {
  const violation = findViolation(columns, grid, previous, MAY_LACK_VOLUME)
  return misplaced(columns.openTime.subarray(0, violation?.row), month) ?? violation
}

/** Finds the first of rising open times that is not of a month. */
function misplaced(openTime: Float64Array, month: TimeRange): Violation | undefined {
  const isInside = (time: number) => time >= month.fromMs && time < month.toMs
  if (openTime.length === 0) return undefined
  if (isInside(openTime[0] as number) && isInside(openTime.at(-1) as number)) return undefined
  const row = openTime.findIndex((time) => !isInside(time))
  return { row, openTime: openTime[row] as number, kind: 'month', rule: MONTH_RULE }
}
