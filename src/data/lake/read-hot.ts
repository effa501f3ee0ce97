import type { CandleColumns } from '../../core/candles.ts'
import { DataAccessError, DataError } from '../../core/errors.ts'
import type { DuckDb } from '../duckdb.ts'
import type { SeriesKey, TimeRange } from '../store.ts'
import type { Candidate } from './choose-source.ts'
import type { HotColumns, HotMonth } from './hot-columns.ts'
import { monthRange, overlaps, type Partition } from './lake.ts'
import type { PartitionFacts } from './manifest.ts'
import { readColumns } from './read-columns.ts'

/** Fewer rows than this are read from Parquet: copying them would not pay. */
export const HOT_ROWS_MIN = 100_000

export interface HotRequest extends Candidate {
  readonly key: SeriesKey
  readonly partitions: readonly Partition[]
  readonly facts: readonly PartitionFacts[]
  readonly range: TimeRange
  readonly rowsMin: number
}

/**
 * Reads a range from copies, and first copies the months that have none. Rows are checked when they are copied; from then on the
 * checksum of the copy stands for them. Returns undefined where Parquet has to be read: the range is small, copies cannot be made, or
 * one is damaged. So damage is always told of by whoever reads Parquet.
 */
export async function readHot(
  hot: HotColumns,
  request: HotRequest,
  open: () => Promise<DuckDb>,
): Promise<CandleColumns | undefined> {
  const { key, range, rowsMin } = request
  const months = monthsOf(request)
  if (months === undefined || rowsOf(months) < rowsMin) return undefined
  if (!(await copyMissing(hot, request, months, open))) return undefined
  const columns = hot.read(key, months, range)
  if (columns === undefined) hot.forget(key, months)
  return columns
}

/** Returns whether all months have a copy now. */
async function copyMissing(
  hot: HotColumns,
  { key, grid }: HotRequest,
  months: readonly HotMonth[],
  open: () => Promise<DuckDb>,
): Promise<boolean> {
  const missing = months.filter((month) => !hot.has(key, month))
  if (missing.length === 0) return true
  if (!hot.prepare(key, rowsOf(missing))) return false
  try {
    for (const month of missing) {
      const { columns } = await readColumns(await open(), { partitions: [month.partition], grid })
      if (!(await hot.write(key, month, columns))) return false
    }
    return true
  } catch (error) {
    // A bad row may lie in a part of the month that nobody asked for.
    if (error instanceof DataError || error instanceof DataAccessError) return false
    throw error
  }
}

function rowsOf(months: readonly HotMonth[]): number {
  return months.reduce((sum, { facts }) => sum + facts.rows, 0)
}

/** The months of a range, or undefined where a file holds no row, so that facts and files do not go together. */
function monthsOf({ partitions, facts, range }: HotRequest): readonly HotMonth[] | undefined {
  if (partitions.length !== facts.length) return undefined
  return partitions
    .map((partition, i) => ({ partition, facts: facts[i] as PartitionFacts }))
    .filter(({ partition }) => overlaps(monthRange(partition.month), range))
}
