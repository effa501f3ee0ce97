import { join } from 'node:path'
import {
  type CandleStore,
  createLakeStore,
  type FindHoles,
  type LakeOptions,
} from '../data/index.ts'
import { ledgerHoles } from '../data/lake/ledger-holes.ts'
import type { SyncingStore } from '../data/timescale/store.ts'
import type { Workspace } from './workspace.ts'

/** A store without a server, or one whose lake caches a database. */
export type Store = CandleStore | SyncingStore

/** Opens the candle store that the configuration names. A database is connected to by the first request. */
export async function openStore(workspace: Workspace): Promise<Store> {
  const { settings, exchanges } = await workspace.config()
  const { data } = settings
  const isSparse = (exchange: string) => exchanges[exchange]?.sparse === true
  const options = { ...(await lakeOptions(workspace)), isSparse }
  if (data.driver === 'local') {
    const warn = (message: string) => workspace.environment.logger.warn(message)
    return createLakeStore({ ...options, warn })
  }
  const { createTimescaleStore } = await import('../data/timescale/store.ts')
  const { openConfiguredDatabase } = await import('./database/use-cases.ts')
  const { clock, signal } = workspace.environment
  return createTimescaleStore({
    open: (use) => openConfiguredDatabase(workspace, use),
    lake: options.lake,
    isSparse,
    clock,
    signal,
  })
}

/** Opens what ingestion has found out about missing candles. */
export async function openHoles(workspace: Workspace, store: Store): Promise<FindHoles> {
  if (isSyncing(store)) return (key, range) => store.findHoles(key, range)
  return ledgerHoles((await lakeOptions(workspace)).lake)
}

export function isSyncing(store: Store): store is SyncingStore {
  return 'sync' in store
}

/** The lake and the samples that the configuration names. */
export async function lakeOptions(workspace: Workspace): Promise<LakeOptions> {
  const { data } = (await workspace.config()).settings
  const { dataDir } = workspace.environment
  return {
    lake: workspace.resolve(dataDir === undefined ? data.lake : join(dataDir, 'lake')),
    samples: [workspace.resolve(data.sample)],
  }
}
