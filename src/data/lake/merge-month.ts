import { statSync } from 'node:fs'
import type { IntervalGrid } from '../../core/intervals.ts'
import { FILE_COLUMNS } from '../columns.ts'
import { type DuckDb, sqlPath, sqlText } from '../duckdb.ts'
import { flushBeside, writeAtomically } from '../files.ts'
import type { SeriesKey } from '../store.ts'
import { findPartitions, type LakeRoot, monthRange, type Partition, partitionPath } from './lake.ts'
import { checkFile, describeFile, forgetFacts, type PartitionFacts } from './manifest.ts'

export interface MergeCounts {
  readonly added: number
  readonly replaced: number
  readonly unchanged: number
}

/** A month of the table `clean` and how many of its rows lie in it. */
export interface FreshMonth {
  readonly month: string
  readonly rows: number
  /** Whether the volume of some is not known. */
  readonly mayLackVolume?: boolean
}

/** What became of one month; without facts nothing had to be written. */
export interface MergedMonth extends MergeCounts {
  readonly facts?: PartitionFacts
}

/**
 * Measured: LZ4 against zstd at its fastest takes a third less processor time to write and a fifth less to read, for files a
 * fifth larger. Giving up dictionaries of prices at 4,096 entries saves a fifth of the writing; where they pay they are smaller.
 */
const PARTITION_FORMAT =
  'FORMAT parquet, PARQUET_VERSION v2, COMPRESSION lz4_raw, DICTIONARY_SIZE_LIMIT 4096, ROW_GROUP_SIZE 122880'

const VALUES = FILE_COLUMNS.slice(1)

/**
 * Merges the rows of the table `clean` that lie in a month with what is stored of it, in the lake or else in the sample:
 * a month in the lake hides that of the sample, so it has to hold all its candles.
 */
export async function mergeMonth(
  db: DuckDb,
  roots: readonly LakeRoot[],
  key: SeriesKey,
  grid: IntervalGrid,
  { month, rows, mayLackVolume = false }: FreshMonth,
): Promise<MergedMonth> {
  const stored = findPartitions(roots, key).find((partition) => partition.month === month)
  if (stored !== undefined) await checkFile(db, stored, key, grid)
  const counts =
    stored === undefined
      ? { added: rows, replaced: 0, unchanged: 0 }
      : await countChanges(db, month, stored)
  if (counts.added + counts.replaced === 0) return counts
  const root = (roots[0] as LakeRoot).path
  const path = partitionPath(root, key, month)
  await forgetFacts(root, key, month)
  const facts = await writePartition(db, path, {
    month,
    grid,
    select: mergedSql(month, stored, mayLackVolume),
  })
  return { ...counts, ...(facts === undefined ? {} : { facts }) }
}

/** Rows of one month for its file. */
export interface PartitionRows {
  readonly month: string
  readonly grid: IntervalGrid
  /** Query that gives the columns of a candle file, sorted. */
  readonly select: string
}

/**
 * Writes the file of a month and reads it back before it takes its place.
 * @param accept called with what was read; when it throws, the old file stays
 */
export async function writePartition(
  db: DuckDb,
  path: string,
  { month, grid, select }: PartitionRows,
  accept: (facts: PartitionFacts | undefined) => void = () => {},
): Promise<PartitionFacts | undefined> {
  return await writeAtomically(path, async (temporary) => {
    await db.run(`COPY (${select}) TO ${sqlText(temporary)} (${PARTITION_FORMAT})`)
    const bytes = statSync(temporary).size
    const file = { month, path: temporary, source: 'lake' as const, bytes }
    const [facts] = await Promise.all([describeFile(db, file, grid), flushBeside(temporary)])
    accept(facts)
    return facts
  })
}

async function countChanges(db: DuckDb, month: string, stored: Partition): Promise<MergeCounts> {
  const fresh = freshSql(month)
  const [row] = await db.rows(
    `SELECT CAST(count(*) FILTER (stored.open_time IS NULL) AS DOUBLE),
       CAST(count(*) FILTER (stored.open_time IS NOT NULL AND NOT ${SAME}) AS DOUBLE),
       CAST(count(*) FILTER (stored.open_time IS NOT NULL AND ${SAME}) AS DOUBLE)
     FROM (${fresh}) AS fresh LEFT JOIN (${storedSql(stored)}) AS stored USING (open_time)`,
  )
  const [added, replaced, unchanged] = row as readonly [number, number, number]
  return { added, replaced, unchanged }
}

/** Whether a candle says nothing new: a volume that is not known says nothing. */
const SAME = `(${VALUES.map((name) =>
  name === 'volume'
    ? `(fresh.${name} IS NULL OR fresh.${name} IS NOT DISTINCT FROM stored.${name})`
    : `fresh.${name} = stored.${name}`,
).join(' AND ')})`

function mergedSql(month: string, stored: Partition | undefined, mayLackVolume: boolean): string {
  const fresh = freshSql(month)
  if (stored === undefined) return fresh
  return `${mayLackVolume ? knownVolumes(fresh, stored) : fresh} UNION ALL SELECT * FROM (${storedSql(stored)})
    WHERE open_time NOT IN (SELECT open_time FROM (${fresh})) ORDER BY open_time`
}

/** Fresh candles, those that say nothing new with the volume that is stored. */
function knownVolumes(fresh: string, stored: Partition): string {
  const prices = FILE_COLUMNS.filter((name) => name !== 'volume').map((name) => `fresh.${name}`)
  return `SELECT ${prices.join(', ')}, CASE WHEN ${SAME} THEN stored.volume ELSE fresh.volume END AS volume
    FROM (${fresh}) AS fresh LEFT JOIN (${storedSql(stored)}) AS stored USING (open_time)`
}

function freshSql(month: string): string {
  const { fromMs, toMs } = monthRange(month)
  return `SELECT CAST(open_time AS BIGINT) AS open_time, ${VALUES.join(', ')} FROM clean WHERE open_time >= ${fromMs} AND open_time < ${toMs}`
}

function storedSql({ path }: Partition): string {
  return `SELECT ${FILE_COLUMNS.join(', ')} FROM read_parquet(${sqlPath(path)}, hive_partitioning = false)`
}
