import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DataError, PlatformError } from '../../core/errors.ts'
import { type IntervalGrid, parseInterval } from '../../core/intervals.ts'
import { isRunning } from '../../core/process-identity.ts'
import { type DuckDb, withDuckDb } from '../duckdb.ts'
import { makeFolder, remove, storageError } from '../files.ts'
import { type LakeRoot, seriesFolder } from '../local/lake.ts'
import { withSeriesLock } from '../local/lock.ts'
import { missingCandles, type PartitionFacts, recordFacts } from '../local/manifest.ts'
import { type MergeCounts, mergeMonth } from '../local/merge-month.ts'
import type { ImportRequest, ImportSummary } from '../store.ts'
import { openInput } from './input.ts'
import { openSource, sourceError } from './source.ts'
import { type StagedFile, stageFile } from './stage.ts'

const MEMORY_LIMIT_MB = 256

let imports = 0

/**
 * Checks a CSV, JSON or Parquet file as a whole and merges its candles into the first root, month by month. DuckDB streams the
 * file and spills to the lake's disk, so its size is not bounded by memory.
 */
export async function importCandles(
  roots: readonly LakeRoot[],
  request: ImportRequest,
): Promise<ImportSummary> {
  const lake = (roots[0] as LakeRoot).path
  return await withStagedFile(lake, request, (db, staged, grid) =>
    // Only writing has to be alone: a bad file is refused for what it is, whatever else goes on.
    withSeriesLock(lake, request, async () => {
      const { counts, written } = await mergeMonths(db, roots, request, grid, staged)
      return summarizeImport(lake, request, { staged, counts, written })
    }),
  )
}

/**
 * Reads and checks a file and hands over what is known of it; its candles are the table `clean`.
 * @param lake writable; its disk holds what does not fit into memory
 */
export async function withStagedFile<T>(
  lake: string,
  request: ImportRequest,
  use: (db: DuckDb, staged: StagedFile, grid: IntervalGrid) => Promise<T>,
): Promise<T> {
  const grid = parseInterval(request.interval)
  const tempDirectory = join(lake, `.import-${process.pid}-${imports++}`)
  try {
    // A lake that cannot be written fails here, before a long read.
    makeFolder(tempDirectory)
    removeAbandoned(lake)
    return await withDuckDb({ memoryLimitMb: MEMORY_LIMIT_MB, tempDirectory }, async (db) => {
      const stop = () => db.interrupt()
      request.signal?.addEventListener('abort', stop)
      try {
        return await use(db, await stage(db, lake, tempDirectory, request, grid), grid)
      } finally {
        request.signal?.removeEventListener('abort', stop)
      }
    })
  } finally {
    remove(tempDirectory)
  }
}

/** What an import did with a file. */
export interface ImportedFile {
  readonly staged: StagedFile
  readonly counts: MergeCounts
  /** Months that changed. */
  readonly written: readonly string[]
}

export function summarizeImport(
  lake: string,
  { exchange, symbol, interval, file }: ImportRequest,
  { staged, counts, written }: ImportedFile,
): ImportSummary {
  const key = { exchange, symbol, interval }
  const grid = parseInterval(interval)
  return {
    ...key,
    file,
    fromMs: staged.first,
    toMs: staged.last + grid.ms,
    rows: staged.rows,
    duplicates: staged.rows - staged.unique,
    holes: missingCandles(staged.first, staged.last, staged.unique, grid),
    zeroVolume: staged.zeroVolume,
    ...counts,
    partitions: written,
    folder: seriesFolder(lake, key),
  }
}

/** Reads and checks the file. */
async function stage(
  db: DuckDb,
  lake: string,
  tempDirectory: string,
  request: ImportRequest,
  grid: IntervalGrid,
): Promise<StagedFile> {
  const { file, symbol, signal } = request
  try {
    const input = await openInput(file, tempDirectory, signal)
    const source = await openSource(db, input, symbol)
    signal?.throwIfAborted()
    return await stageFile(db, source, request, grid)
  } catch (error) {
    if (request.signal?.aborted) throw interrupted(request, 'Nothing was imported.')
    const storage = storageError(error, lake)
    throw storage.code === 'DISK_FULL' ? storage : sourceError(file, error)
  }
}

/** Merges month after month. The manifest learns of them together, also of those before one that failed. */
async function mergeMonths(
  db: DuckDb,
  roots: readonly LakeRoot[],
  request: ImportRequest,
  grid: IntervalGrid,
  { months }: StagedFile,
): Promise<{ readonly counts: MergeCounts; readonly written: readonly string[] }> {
  const { exchange, symbol, interval, signal } = request
  const key = { exchange, symbol, interval }
  const root = (roots[0] as LakeRoot).path
  const counts = { added: 0, replaced: 0, unchanged: 0 }
  const written = new Map<string, PartitionFacts>()
  try {
    for (const [month, rows] of months) {
      if (signal?.aborted) throw interrupted(request)
      const merged = await mergeMonth(db, roots, key, grid, { month, rows })
      addCounts(counts, merged)
      if (merged.facts !== undefined) written.set(month, merged.facts)
    }
    await recordFacts(root, key, written)
  } catch (error) {
    // A month that the manifest lacks is measured again, so that this may fail as well.
    await recordFacts(root, key, written).catch(() => {})
    const reason = signal?.aborted ? interrupted(request) : error
    throw withProgress(reason, [...written.keys()], months.size)
  }
  return { counts, written: [...written.keys()] }
}

export function interrupted({ file }: ImportRequest, sequel = ''): PlatformError {
  const message = `${file}: the import was interrupted. ${sequel}`.trimEnd()
  return new PlatformError('INTERRUPTED', message, { context: { file } })
}

/** Says which months a failed import has written; they are whole, and a repeated import goes on after them. */
export function withProgress(error: unknown, written: readonly string[], months: number): unknown {
  if (!(error instanceof PlatformError) || error instanceof DataError) return error
  const kept =
    written.length === 0 ? 'no month' : `${written[0]} to ${written.at(-1)} (${written.length})`
  // Its class says who has to act.
  const Kind = error.constructor as typeof PlatformError
  return new Kind(error.code, `${error.message} Of ${months} month(s) this import wrote ${kept}.`, {
    context: { ...error.context, written },
    cause: error.cause,
  })
}

export function addCounts(
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
