import type { CandleRepository } from '../data/repository.ts'
import type { DatabaseUse } from '../data/timescale/index.ts'
import { lakeOptions } from './store.ts'
import type { Workspace } from './workspace.ts'

export interface Repository {
  readonly candles: CandleRepository
  /** Where candles are recorded, for people. */
  readonly target: string
}

/** Opens the repository that the configuration names, to record candles or to read what is known of them. */
export async function openRepository(workspace: Workspace, use: DatabaseUse): Promise<Repository> {
  const { data, ingest } = (await workspace.config()).settings
  if (data.driver === 'local') {
    const { createLakeRepository } = await import('../data/lake/lake-repository.ts')
    const options = await lakeOptions(workspace)
    const warn = (message: string) => workspace.environment.logger.warn(message)
    return { candles: createLakeRepository({ ...options, warn }), target: options.lake }
  }
  const { createTimescaleRepository } = await import('../data/timescale/repository.ts')
  const { placeOf } = await import('../data/timescale/index.ts')
  const { openConfiguredDatabase } = await import('./database/use-cases.ts')
  // Every open series has a connection of its own, and one more refreshes aggregates.
  const opened = await openConfiguredDatabase(workspace, use, ingest.symbols_parallel + 1)
  const target = `the database ${placeOf(opened.database.settings)}`
  return { candles: createTimescaleRepository(opened), target }
}
