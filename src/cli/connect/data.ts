import { ConfigError, DataError, PlatformError } from '../../core/errors.ts'
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
  const { signal } = workspace.context
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
      for (const key of keys) {
        if (signal.aborted) throw interrupted()
        const startedMs = elapsed()
        const view = { ...(await store.sync(key)), seconds: (elapsed() - startedMs) / 1000 }
        views.push(view)
        onSeries(view)
      }
      return views
    },
    async check(request) {
      let planned = 0
      const checks = await checkLake({
        ...(await lakeToCheck(workspace, store, request)),
        ...request,
        findHoles,
        signal,
        onProgress: (progress) => {
          planned = progress.total
          request.onProgress(progress)
        },
      })
      const { lake } = await localOptions(workspace)
      const ledger = isSyncing(store) ? [] : checkLedger(lake)
      return { checks, ledger, warnings: leftOut(planned - checks.length) }
    },
    async export({ fromMs, toMs, file, ...key }) {
      checkPeriod(fromMs, toMs)
      const range = { ...(fromMs !== undefined && { fromMs }), ...(toMs !== undefined && { toMs }) }
      const written = await exportCandles(store, {
        ...key,
        ...range,
        file: workspace.resolve(file),
      })
      return { ...written, file }
    },
    async list() {
      const warnings: Warning[] = []
      const series = await store.listSeries((key, error) => warnings.push(damaged(key, error)))
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

function damaged({ exchange, symbol, interval }: SeriesKey, error: DataError): Warning {
  const message = `${exchange} ${symbol} ${interval} is damaged and not listed: ${error.message}`
  return { code: error.code, message }
}
