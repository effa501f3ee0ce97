import { DataAccessError, DataError } from '../../core/errors.ts'
import { divides, parseInterval } from '../../core/intervals.ts'
import { didYouMean } from '../../core/suggest.ts'
import { type FindHoles, noLedger } from '../causes.ts'
import { type DuckDb, withDuckDb } from '../duckdb.ts'
import { accessText } from '../files.ts'
import {
  findPartitions,
  type LakeFolders,
  type LakeRoot,
  listSeriesKeys,
  rootsOf,
} from '../lake/lake.ts'
import type { OnInaccessible, SeriesKey } from '../store.ts'
import { checkSeries, type SeriesRequest } from './check-series.ts'
import type { SeriesCheck, UnreadableFile } from './findings.ts'

const MEMORY_LIMIT_MB = 256

export interface LakeCheck extends LakeFolders {
  /** Which series; all that are stored where a name is absent. */
  readonly exchange?: string | undefined
  readonly symbols?: readonly string[] | undefined
  readonly intervals?: readonly string[] | undefined
  /** Knows why candles are missing. */
  readonly findHoles?: FindHoles
  /** Told of folders that may hold series but cannot be looked into. */
  readonly onInaccessible?: OnInaccessible
  /** Ends the check after the series at hand. */
  readonly signal?: AbortSignal
  /** Told before each series, and at the end. */
  readonly onProgress?: (progress: CheckProgress) => void
}

export interface CheckProgress {
  readonly done: number
  readonly total: number
  readonly series: SeriesKey | undefined
}

/**
 * Checks the stored series of a lake, one after the other. Nothing that is found stops it.
 * @throws DataError `DATA_MISSING` when no stored series has the names asked for
 */
export async function checkLake(request: LakeCheck): Promise<readonly SeriesCheck[]> {
  const { signal, onProgress, findHoles = noLedger } = request
  const roots = rootsOf(request)
  const stored = listSeriesKeys(roots, request.onInaccessible)
  const asked = stored.filter((key) => isAsked(key, request))
  if (asked.length === 0 && isFiltered(request)) throw missing(request, stored)
  return await withDuckDb({ memoryLimitMb: MEMORY_LIMIT_MB }, async (db) => {
    const checks: SeriesCheck[] = []
    for (const key of asked) {
      if (signal?.aborted) break
      onProgress?.({ done: checks.length, total: asked.length, series: key })
      const holes = await findHoles(key, { fromMs: -Infinity, toMs: Infinity })
      const finer = stored
        .filter((other) => isFiner(other, key))
        .map((other) => filesOf(roots, other))
      checks.push(await checkFiles(db, { ...key, ...filesOf(roots, key), finer, holes }))
    }
    onProgress?.({ done: checks.length, total: asked.length, series: undefined })
    return checks
  })
}

function filesOf(roots: readonly LakeRoot[], key: SeriesKey) {
  const grid = parseInterval(key.interval)
  try {
    return { grid, partitions: findPartitions(roots, key) }
  } catch (error) {
    if (!(error instanceof DataAccessError)) throw error
    return { grid, partitions: [], inaccessible: inaccessibleOf(error) }
  }
}

/** A manifest that cannot be read keeps one series from being checked, and no other. */
async function checkFiles(db: DuckDb, request: SeriesRequest): Promise<SeriesCheck> {
  try {
    return await checkSeries(db, request)
  } catch (error) {
    if (!(error instanceof DataAccessError)) throw error
    return await checkSeries(db, {
      ...request,
      partitions: [],
      finer: [],
      inaccessible: inaccessibleOf(error),
    })
  }
}

function inaccessibleOf(error: DataAccessError): UnreadableFile {
  const reason = accessText(error.cause) ?? error.message
  return { path: String(error.context.path), reason, isInaccessible: true }
}

function isAsked({ exchange, symbol, interval }: SeriesKey, request: LakeCheck): boolean {
  return (
    exchange === (request.exchange ?? exchange) &&
    (request.symbols?.includes(symbol) ?? true) &&
    (request.intervals?.includes(interval) ?? true)
  )
}

function isFiltered({ exchange, symbols, intervals }: LakeCheck): boolean {
  return exchange !== undefined || symbols !== undefined || intervals !== undefined
}

function isFiner(finer: SeriesKey, coarse: SeriesKey): boolean {
  return (
    finer.exchange === coarse.exchange &&
    finer.symbol === coarse.symbol &&
    divides(parseInterval(finer.interval), parseInterval(coarse.interval))
  )
}

function missing(request: LakeCheck, stored: readonly SeriesKey[]): DataError {
  const {
    exchange = 'any exchange',
    symbols = ['any symbol'],
    intervals = ['any interval'],
  } = request
  const names = stored.map((key) => `${key.exchange} ${key.symbol} ${key.interval}`)
  const asked = `${exchange} ${symbols.join('|')} ${intervals.join('|')}`
  return new DataError(
    'DATA_MISSING',
    `no stored series is ${asked}.${didYouMean(asked, names)} Stored: ${names.join(', ') || 'nothing'}.`,
    { context: { exchange, symbols, intervals, stored: names } },
  )
}
