import { ConfigError, type DataError } from '../../core/errors.ts'
import { formatInstant } from '../../core/units.ts'
import { checkLake, exportCandles, type FindHoles, type SeriesKey } from '../../data/index.ts'
import type { Warning } from '../../report/views.ts'
import type { DataService } from '../services.ts'
import { checkImportNames, warningsOfExchange } from './import-names.ts'
import { localOptions, type Store } from './store.ts'
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
    async check(request) {
      let planned = 0
      const checks = await checkLake({
        ...(await localOptions(workspace)),
        ...request,
        findHoles,
        signal,
        onProgress: (progress) => {
          planned = progress.total
          request.onProgress(progress)
        },
      })
      return { checks, warnings: leftOut(planned - checks.length) }
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
