import type { Store } from './connect/store.ts'
import { Workspace } from './connect/workspace.ts'
import type { ServiceContext, Services } from './services.ts'

/**
 * The composition root: connects the groups of `services.ts` to their implementations.
 * Each group imports what it needs when it is first asked for.
 */
export function createServices(context: ServiceContext): Services {
  const workspace = new Workspace(context)
  let opened: Promise<Store> | undefined
  const store = () => {
    opened ??= import('./connect/store.ts').then(({ openStore }) => openStore(workspace))
    return opened
  }
  return {
    config: async () => (await import('./connect/config.ts')).connectConfig(workspace),
    catalogs: async () => (await import('./connect/catalogs.ts')).connectCatalogs(workspace),
    data: async () => (await import('./connect/data.ts')).connectData(workspace, await store()),
    ingest: async () => (await import('./connect/ingest.ts')).connectIngest(workspace),
    backtests: async () =>
      (await import('./connect/backtests.ts')).connectBacktests(workspace, await store()),
    simulator: async () =>
      (await import('./connect/simulator.ts')).connectSimulator(workspace, await store()),
    database: async () => (await import('./connect/database.ts')).connectDatabase(workspace),
    close: async () => (await opened)?.close(),
  }
}
