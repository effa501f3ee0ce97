import type { DataError } from '../../core/errors.ts'
import type { SeriesKey } from '../../data/index.ts'
import type { Warning } from '../../report/views.ts'
import type { DataService } from '../services.ts'
import type { Store } from './store.ts'

/** Serves `data …`. */
export function connectData(store: Store, signal: AbortSignal): DataService {
  return {
    import: (request) => store.importCandles({ ...request, signal }),
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
