import type { FindHoles } from '../../data/index.ts'
import type { LoadedKernel } from '../kernel.ts'
import type { Store } from '../store.ts'
import type { Workspace } from '../workspace.ts'

/** What the use cases of backtests share. */
export interface Engine {
  readonly workspace: Workspace
  readonly store: Store
  readonly kernel: LoadedKernel
  /** Knows why candles are missing. */
  readonly findHoles: FindHoles
}
