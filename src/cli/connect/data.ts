import type { DataError } from '../../core/errors.ts'
import type { SeriesKey } from '../../data/index.ts'
import type { Warning } from '../../report/views.ts'
import type { DataService } from '../services.ts'
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
    async list() {
      const warnings: Warning[] = []
      const series = await store.listSeries((key, error) => warnings.push(damaged(key, error)))
      return { series, warnings }
    },
  }
}

function damaged({ exchange, symbol, interval }: SeriesKey, error: DataError): Warning {
  const message = `${exchange} ${symbol} ${interval} is damaged and not listed: ${error.message}`
  return { code: error.code, message }
}
