import { join } from 'node:path'
import {
  type CandleStore,
  createLocalStore,
  type FindHoles,
  type LocalStoreOptions,
} from '../../data/index.ts'
import { ledgerHoles } from '../../data/local/ledger-holes.ts'
import type { Workspace } from './workspace.ts'

export type Store = CandleStore

/** Opens the candle store that the configuration names. */
export async function openStore(workspace: Workspace): Promise<Store> {
  return createLocalStore(await localOptions(workspace))
}

/** Opens what ingestion has found out about missing candles. */
export async function openHoles(workspace: Workspace): Promise<FindHoles> {
  return ledgerHoles((await localOptions(workspace)).lake)
}

/** The lake and the samples that the configuration names. */
export async function localOptions(workspace: Workspace): Promise<LocalStoreOptions> {
  const { data } = (await workspace.config()).settings
  const { dataDir } = workspace.context
  return {
    lake: workspace.resolve(dataDir === undefined ? data.lake : join(dataDir, 'lake')),
    samples: [workspace.resolve(data.sample)],
  }
}
