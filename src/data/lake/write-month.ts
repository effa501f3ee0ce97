import type { CandleColumns } from '../../core/candles.ts'
import { invariant } from '../../core/errors.ts'
import type { IntervalGrid } from '../../core/intervals.ts'
import { FILE_COLUMNS, hashColumns, vectorsOf } from '../columns.ts'
import type { DuckDb } from '../duckdb.ts'
import type { SeriesKey } from '../store.ts'
import { partitionPath } from './lake.ts'
import type { PartitionFacts } from './manifest.ts'
import { writePartition } from './merge-month.ts'

/** Sorted and valid candles of one UTC month, at least one. */
export interface MonthOfCandles {
  readonly key: SeriesKey
  readonly grid: IntervalGrid
  /** Such as `2024-01`. */
  readonly month: string
  readonly columns: CandleColumns
}

/**
 * Writes the file of a month, whatever it held before, and reads it back before it takes its place.
 * @throws PlatformError `DISK_FULL`, `FOLDER_READ_ONLY` or `WRITE_FAILED`; the file is as it was then
 */
export async function writeMonth(
  db: DuckDb,
  root: string,
  { key, grid, month, columns }: MonthOfCandles,
): Promise<PartitionFacts> {
  const hash = hashColumns(columns)
  const path = partitionPath(root, key, month)
  const [time, ...values] = FILE_COLUMNS
  const select = `SELECT CAST(${time} AS BIGINT) AS ${time}, ${values.join(', ')} FROM month`
  const written = await db.withColumns('month', FILE_COLUMNS, vectorsOf(columns), () =>
    writePartition(db, path, { month, grid, select }, (facts) =>
      invariant(facts?.hash === hash, 'a month is read as it was written'),
    ),
  )
  return written as PartitionFacts
}
