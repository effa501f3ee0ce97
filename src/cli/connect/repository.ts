import { createLocalRepository } from '../../data/local/local-repository.ts'
import type { CandleRepository } from '../../data/repository.ts'
import { localOptions } from './store.ts'
import type { Workspace } from './workspace.ts'

export interface Repository {
  readonly candles: CandleRepository
  /** Where candles are recorded, for people. */
  readonly target: string
}

/** Opens the repository that the configuration names. */
export async function openRepository(workspace: Workspace): Promise<Repository> {
  const options = await localOptions(workspace)
  return { candles: createLocalRepository(options), target: options.lake }
}
