import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DataError, PlatformError } from '../../core/errors.ts'
import { type DuckDb, withDuckDb } from '../duckdb.ts'
import { makeFolder, remove, storageError } from '../files.ts'
import { type IntervalGrid, parseInterval } from '../intervals.ts'
import { type LakeRoot, seriesFolder } from '../local/lake.ts'
import { missingCandles, recordFacts } from '../local/manifest.ts'
import type { ImportRequest, ImportSummary } from '../store.ts'
import { checkRepeats, checkStage, MONTH_SQL, stageSql } from './checks.ts'
import { isRunning, withSeriesLock } from './lock.ts'
import { type MergeCounts, mergeMonth } from './merge.ts'
import { emptyFile, type ImportSource, openSource, sourceError } from './source.ts'

const MEMORY_LIMIT_MB = 256

let imports = 0

/**
 * Checks a CSV or Parquet file as a whole and merges its candles into the first root, month by month. DuckDB streams the
 * file and spills to the lake's disk, so its size is not bounded by memory.
 */
export async function importCandles(
  roots: readonly LakeRoot[],
  request: ImportRequest,
): Promise<ImportSummary> {
  const grid = parseInterval(request.interval)
  const lake = (roots[0] as LakeRoot).path
  const tempDirectory = join(lake, `.import-${process.pid}-${imports++}`)
  try {
    // A lake that cannot be written fails here, before a long read.
    makeFolder(tempDirectory)
    removeAbandoned(lake)
    return await withSeriesLock(lake, request, () =>
      withDuckDb({ memoryLimitMb: MEMORY_LIMIT_MB, tempDirectory }, async (db) => {
        await stage(db, lake, request, grid)
        return await merge(db, roots, request, grid)
      }),
    )
  } finally {
    remove(tempDirectory)
  }
}

/** Reads and checks the file. Leaves sorted, unique rows in the table `clean`. */
async function stage(
  db: DuckDb,
  lake: string,
  request: ImportRequest,
  grid: IntervalGrid,
): Promise<void> {
  const source = await openSource(db, request.file)
  await readInto(db, lake, source)
  const [count] = await db.rows('SELECT CAST(count(*) AS DOUBLE) FROM stage')
  if (count?.[0] === 0) throw emptyFile(request.file)
  await checkStage(db, source, request, grid)
  const repairs = request.sort === true || request.dedupe === true
  if (repairs) await checkRepeats(db, source, request)
  const columns = 'open_time, open, high, low, close, volume'
  await db.run(
    repairs
      ? `CREATE TABLE clean AS SELECT DISTINCT ${columns} FROM stage ORDER BY open_time`
      : `CREATE VIEW clean AS SELECT ${columns} FROM stage`,
  )
}

async function readInto(db: DuckDb, lake: string, source: ImportSource): Promise<void> {
  try {
    await db.run(stageSql(source))
  } catch (error) {
    const storage = storageError(error, lake)
    throw storage.code === 'DISK_FULL' ? storage : sourceError(source.file, error)
  }
}

async function merge(
  db: DuckDb,
  roots: readonly LakeRoot[],
  request: ImportRequest,
  grid: IntervalGrid,
): Promise<ImportSummary> {
  const { exchange, symbol, interval, file } = request
  const key = { exchange, symbol, interval }
  const months = await monthsOfStage(db)
  const root = (roots[0] as LakeRoot).path
  const totals = { added: 0, replaced: 0, unchanged: 0 }
  const partitions: string[] = []
  for (const month of months) {
    const merged = await mergeMonth(db, roots, key, grid, month).catch((error: unknown) => {
      throw withProgress(error, partitions, months.length)
    })
    addCounts(totals, merged)
    if (merged.facts === undefined) continue
    await recordFacts(root, key, month, merged.facts)
    partitions.push(month)
  }
  return {
    ...key,
    file,
    ...(await stageFacts(db, grid)),
    ...totals,
    partitions,
    folder: seriesFolder(root, key),
  }
}

/** Says which months a failed import has written; they are whole, and a repeated import goes on after them. */
function withProgress(error: unknown, written: readonly string[], months: number): unknown {
  if (!(error instanceof PlatformError) || error instanceof DataError) return error
  const kept =
    written.length === 0 ? 'no month' : `${written[0]} to ${written.at(-1)} (${written.length})`
  return new PlatformError(
    error.code,
    `${error.message} Of ${months} month(s) this import wrote ${kept}.`,
    { context: { ...error.context, written }, cause: error.cause },
  )
}

async function monthsOfStage(db: DuckDb): Promise<readonly string[]> {
  const rows = await db.rows(
    `SELECT ${MONTH_SQL} AS month FROM clean GROUP BY month ORDER BY month`,
  )
  return rows.map(([month]) => month as string)
}

async function stageFacts(db: DuckDb, grid: IntervalGrid) {
  const [facts] = (await db.rows(
    `SELECT CAST(count(*) AS DOUBLE), min(open_time), max(open_time), CAST(count(*) FILTER (volume = 0) AS DOUBLE),
       (SELECT CAST(count(*) AS DOUBLE) FROM stage) FROM clean`,
  )) as readonly (readonly [number, number, number, number, number])[]
  const [unique, first, last, zeroVolume, rows] = facts as readonly number[] as [
    number,
    number,
    number,
    number,
    number,
  ]
  return {
    fromMs: first,
    toMs: last + grid.ms,
    rows,
    duplicates: rows - unique,
    holes: missingCandles(first, last, unique, grid),
    zeroVolume,
  }
}

function addCounts(
  totals: { -readonly [K in keyof MergeCounts]: number },
  more: MergeCounts,
): void {
  totals.added += more.added
  totals.replaced += more.replaced
  totals.unchanged += more.unchanged
}

/** Removes what killed imports have left behind. The folder's name says which process it belongs to. */
function removeAbandoned(lake: string): void {
  for (const name of readdirSync(lake)) {
    const pid = /^\.import-(\d+)-\d+$/.exec(name)?.[1]
    if (pid !== undefined && !isRunning(Number(pid))) remove(join(lake, name))
  }
}
