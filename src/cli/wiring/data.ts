import { join } from 'node:path'
import { type CandleStore, createLocalStore } from '../../data/index.ts'
import type { DataService } from '../services.ts'

/** Opens the lake of a data folder, over the read-only sample of this package. */
export function openStore(dataDir: string): CandleStore {
  const sample = join(import.meta.dir, '..', '..', '..', 'data', 'sample')
  return createLocalStore({ lake: join(dataDir, 'lake'), samples: [sample] })
}

/** Connects the candle store to the commands. */
export function createDataService(store: CandleStore): DataService {
  return {
    import: (request) => store.importCandles(request),
    list: () => store.listSeries(),
  }
}
