import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DataError, PlatformError } from '../../core/errors.ts'
import { type IntervalGrid, parseInterval } from '../../core/intervals.ts'
import { isRunning } from '../../core/process-identity.ts'
import { type DuckDb, withDuckDb } from '../duckdb.ts'
import { makeFolder, remove, storageError } from '../files.ts'
import { type LakeRoot, seriesFolder } from '../lake/lake.ts'
import { withSeriesLock } from '../lake/lock.ts'
import { missingCandles, type PartitionFacts, recordFacts } from '../lake/manifest.ts'
import { type MergeCounts, mergeMonth } from '../lake/merge-month.ts'
import type { ImportRequest, ImportSummary, SeriesKey } from '../store.ts'
import type { ImportSource } from './describe-source.ts'
import { inferInterval } from './infer-interval.ts'
import { openInput } from './input.ts'
import { openSource, sourceError } from './source.ts'
import { type StagedFile, stageFiles } from './stage.ts'

const MEMORY_LIMIT_MB = 256

let imports = 0

/**
 * Checks files of candles as a whole and merges their candles into the first root, month by month. DuckDB streams the files
 * and spills to the lake's disk, so their size is not bounded by memory.
 * @param prepare called before the series is written, with its name
 */
export async function importCandles(
  roots: readonly LakeRoot[],
  request: ImportRequest,
  prepare: (key: SeriesKey) => Promise<void>,
): Promise<ImportSummary> {
  const lake = (roots[0] as LakeRoot).path
  return await withStagedFiles(lake, request, async (db, staged, grid) => {
    const key = keyOf(request, grid)
    await prepare(key)
    // Only writing has to be alone: a bad file is refused for what it is, whatever else goes on.
    return await withSeriesLock(lake, key, async () => {
      const { counts, written } = await mergeMonths(db, roots, request, grid, staged)
      return summarizeImport(lake, request, { staged, grid, counts, written })
    })
  })
}

/** The series that an import writes. */
export function keyOf({ exchange, symbol }: ImportRequest, { name }: IntervalGrid): SeriesKey {
  return { exchange, symbol, interval: name }
}

/**
 * Reads and checks files and hands over what is known of them; their candles are the table `clean`.
 * @param lake writable; its disk holds what does not fit into memory
 */
export async function withStagedFiles<T>(
  lake: string,
  request: ImportRequest,
  use: (db: DuckDb, staged: StagedFile, grid: IntervalGrid) => Promise<T>,
): Promise<T> {
  const known = request.interval === undefined ? undefined : parseInterval(request.interval)
  const tempDirectory = join(lake, `.import-${process.pid}-${imports++}`)
  try {
    // A lake that cannot be written fails here, before a long read.
    makeFolder(tempDirectory)
    removeAbandoned(lake)
    return await withDuckDb({ memoryLimitMb: MEMORY_LIMIT_MB, tempDirectory }, async (db) => {
      const stop = () => db.interrupt()
      request.signal?.addEventListener('abort', stop)
      try {
        const { staged, grid } = await stage(db, lake, tempDirectory, request, known)
        return await use(db, staged, grid)
      } finally {
        request.signal?.removeEventListener('abort', stop)
      }
    })
  } finally {
    remove(tempDirectory)
  }
}

/** What an import did with its files. */
export interface ImportedFiles {
  readonly staged: StagedFile
  readonly grid: IntervalGrid
  readonly counts: MergeCounts
  /** Months that changed. */
  readonly written: readonly string[]
}

export function summarizeImport(
  lake: string,
  request: ImportRequest,
  { staged, grid, counts, written }: ImportedFiles,
): ImportSummary {
  const key = keyOf(request, grid)
  return {
    ...key,
    files: filesOf(request),
    isIntervalInferred: request.interval === undefined,
    fromMs: staged.first,
    toMs: staged.last + grid.ms,
    rows: staged.rows,
    duplicates: staged.rows - staged.unique,
    holes: missingCandles(staged.first, staged.last, staged.unique, grid),
    zeroVolume: staged.zeroVolume,
    missingVolume: staged.missingVolume,
    notes: staged.notes,
    ...counts,
    partitions: written,
    folder: seriesFolder(lake, key),
  }
}

/** Reads and checks the files, and finds their interval unless it is known. */
async function stage(
  db: DuckDb,
  lake: string,
  tempDirectory: string,
  request: ImportRequest,
  known: IntervalGrid | undefined,
): Promise<{ readonly staged: StagedFile; readonly grid: IntervalGrid }> {
  const files = filesOf(request)
  const sources: ImportSource[] = []
  let reading = files[0] as string
  const begin = (file: string) => {
    reading = file
  }
  try {
    for (const [i, file] of files.entries()) {
      begin(file)
      const folder = join(tempDirectory, `file-${i}`)
      makeFolder(folder)
      const input = await openInput(file, folder, request.signal)
      sources.push(await openSource(db, input, request))
      request.signal?.throwIfAborted()
    }
    const grid = known ?? (await inferInterval(db, sources, request.sort === true))
    return { staged: await stageFiles(db, sources, request, grid, begin), grid }
  } catch (error) {
    if (request.signal?.aborted) throw interrupted(request, 'Nothing was imported.')
    const storage = storageError(error, lake)
    throw storage.code === 'DISK_FULL' ? storage : sourceError(reading, error)
  }
}

function filesOf({ file }: ImportRequest): readonly string[] {
  return typeof file === 'string' ? [file] : file
}

/** Merges month after month. The manifest learns of them together, also of those before one that failed. */
async function mergeMonths(
  db: DuckDb,
  roots: readonly LakeRoot[],
  request: ImportRequest,
  grid: IntervalGrid,
  { months, missingVolume }: StagedFile,
): Promise<{ readonly counts: MergeCounts; readonly written: readonly string[] }> {
  const { signal } = request
  const key = keyOf(request, grid)
  const root = (roots[0] as LakeRoot).path
  const counts = { added: 0, replaced: 0, unchanged: 0 }
  const written = new Map<string, PartitionFacts>()
  const mayLackVolume = missingVolume > 0
  try {
    for (const [month, rows] of months) {
      if (signal?.aborted) throw interrupted(request)
      const merged = await mergeMonth(db, roots, key, grid, { month, rows, mayLackVolume })
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

export function interrupted(request: ImportRequest, sequel = ''): PlatformError {
  const file = filesOf(request).join(', ')
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
