import { ConfigError, DataError, PlatformError } from '../../core/errors.ts'
import type { SeriesKey } from '../../data/index.ts'
import type { SyncingStore } from '../../data/timescale/store.ts'
import type { SyncedSeriesView, Warning } from '../../report/views.ts'
import type { DataService, SyncRequest } from '../services.ts'
import { checkImportNames, warningsOfExchange } from './import-names.ts'
import type { Store } from './store.ts'
import type { Workspace } from './workspace.ts'

/** Serves `data …`. */
export function connectData(workspace: Workspace, store: Store): DataService {
  const { signal } = workspace.context
  return {
    async import(request) {
      checkImportNames(request)
      const { exchanges } = await workspace.config()
      const warnings = warningsOfExchange(request.exchange, Object.keys(exchanges))
      return { imported: await store.importCandles({ ...request, signal }), warnings }
    },
    async sync(request, onSeries) {
      const syncing = syncingStore(store)
      const { elapsed, signal } = workspace.context
      const keys = (await syncing.seriesKeys()).filter((key) => isWanted(key, request))
      if (keys.length === 0) refuseNothing(request)
      const views: SyncedSeriesView[] = []
      for (const key of keys) {
        if (signal.aborted) throw interrupted()
        const startedMs = elapsed()
        const view = { ...(await syncing.sync(key)), seconds: (elapsed() - startedMs) / 1000 }
        views.push(view)
        onSeries(view)
      }
      return views
    },
    async list() {
      const warnings: Warning[] = []
      const series = await store.listSeries((key, error) => warnings.push(damaged(key, error)))
      return { series, warnings }
    },
  }
}

function syncingStore(store: Store): SyncingStore {
  if ('sync' in store) return store
  throw new ConfigError(
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

/** An empty database is no error, a condition that nothing meets is. */
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

function damaged({ exchange, symbol, interval }: SeriesKey, error: DataError): Warning {
  const message = `${exchange} ${symbol} ${interval} is damaged and not listed: ${error.message}`
  return { code: error.code, message }
}
