import { ConfigError, type DataAccessError, DataError, PlatformError } from '../../core/errors.ts'
import { behindLinks, checkTarget } from '../../core/output-target.ts'
import { formatInstant } from '../../core/units.ts'
import {
  checkLake,
  exportCandles,
  type FindHoles,
  type LocalStoreOptions,
  type SeriesKey,
} from '../../data/index.ts'
import { checkLedger } from '../../data/local/ledger-holes.ts'
import type { SyncedSeriesView, Warning } from '../../report/views.ts'
import type { CheckRequest, DataService, SyncRequest } from '../services.ts'
import { checkImportNames, warningsOfExchange } from './import-names.ts'
import { isSyncing, localOptions, type Store } from './store.ts'
import type { Workspace } from './workspace.ts'

/** Serves `data …`. @param findHoles knows why candles are missing */
export function connectData(workspace: Workspace, store: Store, findHoles: FindHoles): DataService {
  const { signal, logger } = workspace.context
  return {
    async import(request) {
      checkImportNames(request)
      const { exchanges } = await workspace.config()
      const warnings = warningsOfExchange(request.exchange, Object.keys(exchanges))
      return { imported: await store.importCandles({ ...request, signal }), warnings }
    },
    async sync(request, onSeries) {
      if (!isSyncing(store)) throw notSyncing()
      const { elapsed } = workspace.context
      const keys = (await store.seriesKeys()).filter((key) => isWanted(key, request))
      if (keys.length === 0) refuseNothing(request)
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
          // What keeps one series from being copied does not keep the others.
          if (!isOfSeries(error)) throw error
          failed.push([key, error])
        }
      }
      for (const [key, error] of failed) logger.warn(notSynced(key, error))
      const [first] = failed
      if (first !== undefined) throw first[1]
      return views
    },
    async check(request) {
      let planned = 0
      const inaccessible: Warning[] = []
      const checks = await checkLake({
        ...(await lakeToCheck(workspace, store, request)),
        ...request,
        findHoles,
        signal,
        onInaccessible: (error) => inaccessible.push(warningOf(error)),
        onProgress: (progress) => {
          planned = progress.total
          request.onProgress(progress)
        },
      })
      const { lake } = await localOptions(workspace)
      const ledger = isSyncing(store) ? [] : checkLedger(lake)
      const warnings = [...inaccessible, ...leftOut(planned - checks.length)]
      return { checks, ledger, warnings }
    },
    async export({ fromMs, toMs, file, followLinks, ...key }) {
      checkPeriod(fromMs, toMs)
      const path = followLinks ? behindLinks(workspace.resolve(file)) : workspace.resolve(file)
      checkTarget(path)
      const range = { ...(fromMs !== undefined && { fromMs }), ...(toMs !== undefined && { toMs }) }
      const written = await exportCandles(store, {
        ...key,
        ...range,
        file: path,
      })
      return { ...written, file }
    },
    async list() {
      const warnings: Warning[] = []
      const series = await store.listSeries(
        (key, error) => warnings.push(damaged(key, error)),
        (error) => warnings.push(warningOf(error)),
      )
      return { series, warnings }
    },
  }
}

/** The lake as it is read: over a database it is brought up to date, and there is no sample. */
async function lakeToCheck(
  workspace: Workspace,
  store: Store,
  { exchange, symbols }: CheckRequest,
): Promise<LocalStoreOptions> {
  const options = await localOptions(workspace)
  if (!isSyncing(store)) return options
  // All intervals of a symbol: they are compared with each other.
  const keys = (await store.seriesKeys()).filter((key) => isWanted(key, { exchange, symbols }))
  for (const key of keys) await store.sync(key)
  return { ...options, samples: [] }
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

function isWanted(key: SeriesKey, { exchange, symbols, interval }: SyncRequest): boolean {
  return (
    (exchange === undefined || key.exchange === exchange) &&
    (symbols === undefined || symbols.includes(key.symbol)) &&
    (interval === undefined || key.interval === interval)
  )
}

/** A database without series is no error, a condition that nothing meets is. */
function refuseNothing({ exchange, symbols, interval }: SyncRequest): void {
  const conditions = [exchange, symbols?.join(','), interval].filter((one) => one !== undefined)
  if (conditions.length === 0) return
  throw new DataError(
    'DATA_MISSING',
    `neither the database nor the lake has a series of ${conditions.join(' ')}. Without conditions crypto data sync copies every series: crypto db status and crypto data list show them.`,
    { context: { exchange, symbols, interval } },
  )
}

function interrupted(): PlatformError {
  return new PlatformError(
    'INTERRUPTED',
    'The sync was interrupted; the next one goes on after it.',
  )
}

function leftOut(series: number): readonly Warning[] {
  if (series === 0) return []
  return [{ code: 'INTERRUPTED', message: `interrupted: ${series} series were not checked` }]
}

function checkPeriod(fromMs = -Infinity, toMs = Infinity): void {
  if (fromMs < toMs) return
  throw new ConfigError(
    'PERIOD_EMPTY',
    `--from must be before --to (which is exclusive), was ${formatInstant(fromMs)} to ${formatInstant(toMs)}.`,
  )
}

function damaged(
  { exchange, symbol, interval }: SeriesKey,
  error: DataError | DataAccessError,
): Warning {
  const what = error instanceof DataError ? 'is damaged and not listed' : 'is not listed'
  return {
    code: error.code,
    message: `${exchange} ${symbol} ${interval} ${what}: ${error.message}`,
  }
}

function warningOf({ code, message }: DataAccessError): Warning {
  return { code, message: message.replace(/\.$/, '') }
}
