import type { DataService } from '../services.ts'
import type { Store } from './store.ts'

/** Serves `data …`. */
export function connectData(store: Store): DataService {
  return {
    import: (request) => store.importCandles(request),
    list: () => store.listSeries(),
  }
}
