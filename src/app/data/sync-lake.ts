import { ConfigError, DataError, PlatformError } from '../../core/errors.ts'
import type { SeriesKey } from '../../data/index.ts'
import type { SyncedSeriesView } from '../../report/views.ts'
import { isSyncing } from '../store.ts'
import type { CandleAccess } from './candle-access.ts'
import { isSelected, type SeriesSelection } from './selection.ts'

export interface SyncRequest extends SeriesSelection {
  /** Called with each series when it is done. */
  readonly onSeries: (series: SyncedSeriesView) => void
}

/**
 * Makes the lake equal to the database. What keeps one series from being copied does not keep the others: the first
 * reason is thrown at the end.
 * @throws ConfigError `SYNC_DRIVER` when the lake itself is the record
 */
export async function syncLake(
  { workspace, store }: CandleAccess,
  { onSeries, ...selection }: SyncRequest,
): Promise<readonly SyncedSeriesView[]> {
  if (!isSyncing(store)) throw notSyncing()
  const { elapsed, logger, signal } = workspace.environment
  const keys = (await store.seriesKeys()).filter((key) => isSelected(key, selection))
  if (keys.length === 0) refuseNothing(selection)
  const views: SyncedSeriesView[] = []
  const failed: (readonly [SeriesKey, PlatformError])[] = []
  for (const key of keys) {
    if (signal.aborted) throw interrupted()
    const startedMs = elapsed()
    try {
      const view = { ...(await store.sync(key)), seconds: (elapsed() - startedMs) / 1000 }
      views.push(view)
      onSeries(view)
    } catch (error) {
      if (!isOfSeries(error)) throw error
      failed.push([key, error])
    }
  }
  for (const [key, error] of failed) logger.warn(notSynced(key, error))
  const [first] = failed
  if (first !== undefined) throw first[1]
  return views
}

/** Files or a folder of one series, in the database or in the lake. */
function isOfSeries(error: unknown): error is PlatformError {
  return (
    error instanceof PlatformError &&
    (error.exitCode === DATA_PROBLEM ||
      error.code === 'FOLDER_READ_ONLY' ||
      error.code === 'WRITE_FAILED')
  )
}

const DATA_PROBLEM = 3

function notSynced({ exchange, symbol, interval }: SeriesKey, { message }: PlatformError): string {
  return `${exchange} ${symbol} ${interval} was not copied: ${message}`
}

function notSyncing(): ConfigError {
  return new ConfigError(
    'SYNC_DRIVER',
    'data.driver is local: the lake is the record of candles, and there is no database to copy them from. With data.driver: timescale (DATA_DRIVER=timescale) the lake caches a database.',
  )
}

/** A database without series is no error, a condition that nothing meets is. */
function refuseNothing({ exchange, symbols, intervals }: SeriesSelection): void {
  const conditions = [exchange, symbols?.join(','), intervals?.join(',')]
  const named = conditions.filter((one) => one !== undefined)
  if (named.length === 0) return
  throw new DataError(
    'DATA_MISSING',
    `neither the database nor the lake has a series of ${named.join(' ')}. Without conditions crypto data sync copies every series: crypto db status and crypto data list show them.`,
    { context: { exchange, symbols, intervals } },
  )
}

function interrupted(): PlatformError {
  return new PlatformError(
    'INTERRUPTED',
    'The sync was interrupted; the next one goes on after it.',
  )
}
