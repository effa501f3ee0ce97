import type { DataService } from '../services.ts'
import type { Store } from './store.ts'

/** Serves `data …`. */
export function connectData(store: Store, signal: AbortSignal): DataService {
  return {
    import: (request) => store.importCandles({ ...request, signal }),
    list: () => store.listSeries(),
  }
}
