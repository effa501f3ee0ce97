import type { FindHoles } from '../data/index.ts'
import type { BacktestUseCases } from './backtest/use-cases.ts'
import type { Catalogs } from './catalogs.ts'
import type { ConfigUseCases } from './config.ts'
import type { DataUseCases } from './data/use-cases.ts'
import type { DatabaseUseCases } from './database/use-cases.ts'
import type { Environment } from './environment.ts'
import type { IngestUseCases } from './ingest.ts'
import type { SimulatorUseCases } from './simulator/use-cases.ts'
import type { Store } from './store.ts'
import { Workspace } from './workspace.ts'

/**
 * What the program can do, whoever asks: the command line today. Each group of use cases is loaded when it is first asked
 * for, so that `config validate` never loads the data engine.
 */
export interface App {
  config(): Promise<ConfigUseCases>
  catalogs(): Promise<Catalogs>
  data(): Promise<DataUseCases>
  ingest(): Promise<IngestUseCases>
  /** @param uses entries of the configuration that will be used, such as `sweeps.NAME`; undefined: all, so that each has to be valid */
  backtests(uses?: readonly string[]): Promise<BacktestUseCases>
  simulator(): Promise<SimulatorUseCases>
  database(): Promise<DatabaseUseCases>
  /** Ends workers and closes databases; called once at the end, also after a failure. */
  close(): Promise<void>
}

export type CreateApp = (environment: Environment) => Promise<App>

export function createApp(environment: Environment): App {
  const workspace = new Workspace(environment)
  let opened: Promise<readonly [Store, FindHoles]> | undefined
  const candles = () => {
    opened ??= import('./store.ts').then(async ({ openStore, openHoles }) => {
      const store = await openStore(workspace)
      return [store, await openHoles(workspace, store)]
    })
    return opened
  }
  return {
    config: async () => (await import('./config.ts')).configUseCases(workspace),
    catalogs: async () => (await import('./catalogs.ts')).openCatalogs(workspace),
    data: async () =>
      (await import('./data/use-cases.ts')).dataUseCases(workspace, ...(await candles())),
    ingest: async () => (await import('./ingest.ts')).ingestUseCases(workspace),
    backtests: async (uses) => {
      workspace.use(uses)
      const { backtestUseCases } = await import('./backtest/use-cases.ts')
      return backtestUseCases(workspace, ...(await candles()))
    },
    simulator: async () =>
      (await import('./simulator/use-cases.ts')).simulatorUseCases(workspace, (await candles())[0]),
    database: async () => (await import('./database/use-cases.ts')).databaseUseCases(workspace),
    close: async () => (await opened)?.[0].close(),
  }
}
