import type { FindHoles } from '../../data/index.ts'
import type { Store } from '../store.ts'
import type { Workspace } from '../workspace.ts'

/** What the use cases of stored candles share. */
export interface CandleAccess {
  readonly workspace: Workspace
  readonly store: Store
  /** Knows why candles are missing. */
  readonly findHoles: FindHoles
}
