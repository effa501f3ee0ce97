import type { FindHoles } from '../../data/index.ts'
import type { Store } from '../store.ts'
import type { Workspace } from '../workspace.ts'
import type { CandleAccess } from './candle-access.ts'
import { checkCandles } from './check-candles.ts'
import { exportToFile } from './export-candles.ts'
import { importFile } from './import-candles.ts'
import { listCandles } from './list-candles.ts'
import { syncLake } from './sync-lake.ts'

export type DataUseCases = ReturnType<typeof dataUseCases>

/** Serves `data …`. */
export function dataUseCases(workspace: Workspace, store: Store, findHoles: FindHoles) {
  const access: CandleAccess = { workspace, store, findHoles }
  return {
    import: bind(access, importFile),
    sync: bind(access, syncLake),
    check: bind(access, checkCandles),
    export: bind(access, exportToFile),
    list: bind(access, listCandles),
  }
}

function bind<Args extends unknown[], R>(
  access: CandleAccess,
  useCase: (access: CandleAccess, ...args: Args) => R,
): (...args: Args) => R {
  return (...args) => useCase(access, ...args)
}
