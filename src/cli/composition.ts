import type { FindHoles } from '../data/index.ts'
import type { Store } from './connect/store.ts'
import { Workspace } from './connect/workspace.ts'
import type { ServiceContext, Services } from './services.ts'

/**
 * The composition root: connects the groups of `services.ts` to their implementations.
 * Each group imports what it needs when it is first asked for.
 */
export function createServices(context: ServiceContext): Services {
  const workspace = new Workspace(context)
  let opened: Promise<readonly [Store, FindHoles]> | undefined
  const candles = () => {
    opened ??= import('./connect/store.ts').then(async ({ openStore, openHoles }) => {
      const store = await openStore(workspace)
      return [store, await openHoles(workspace, store)]
    })
    return opened
  }
  return {
    config: async () => (await import('./connect/config.ts')).connectConfig(workspace),
    catalogs: async () => (await import('./connect/catalogs.ts')).connectCatalogs(workspace),
    data: async () =>
      (await import('./connect/data.ts')).connectData(workspace, ...(await candles())),
    ingest: async () => (await import('./connect/ingest.ts')).connectIngest(workspace),
    backtests: async () =>
      (await import('./connect/backtests.ts')).connectBacktests(workspace, ...(await candles())),
    simulator: async () =>
      (await import('./connect/simulator.ts')).connectSimulator(workspace, (await candles())[0]),
    database: async () => (await import('./connect/database.ts')).connectDatabase(workspace),
    close: async () => (await opened)?.[0].close(),
  }
}
