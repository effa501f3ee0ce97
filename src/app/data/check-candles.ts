import {
  type CheckProgress,
  checkLake,
  type LakeOptions,
  type SeriesCheck,
} from '../../data/index.ts'
import { checkLedger } from '../../data/lake/ledger-holes.ts'
import type { Warning } from '../../report/views.ts'
import { isSyncing, lakeOptions } from '../store.ts'
import type { CandleAccess } from './candle-access.ts'
import { inaccessible } from './list-candles.ts'
import { isSelected, type SeriesSelection } from './selection.ts'

export interface CheckRequest extends SeriesSelection {
  readonly onProgress: (progress: CheckProgress) => void
}

export interface CheckOutcome {
  readonly checks: readonly SeriesCheck[]
  /** What is wrong with the ledger of ingestion. */
  readonly ledger: readonly string[]
  /** Folders that cannot be looked into, and that an interruption left some series out. */
  readonly warnings: readonly Warning[]
}

/** Looks for everything that is wrong with stored candles. @throws DataError `DATA_MISSING` when no series has the names */
export async function checkCandles(
  access: CandleAccess,
  request: CheckRequest,
): Promise<CheckOutcome> {
  const { workspace, store, findHoles } = access
  let planned = 0
  const warnings: Warning[] = []
  const checks = await checkLake({
    ...(await lakeToCheck(access, request)),
    ...request,
    findHoles,
    signal: workspace.environment.signal,
    onInaccessible: (error) => warnings.push(inaccessible(error)),
    onProgress: (progress) => {
      planned = progress.total
      request.onProgress(progress)
    },
  })
  const { lake } = await lakeOptions(workspace)
  const ledger = isSyncing(store) ? [] : checkLedger(lake)
  return { checks, ledger, warnings: [...warnings, ...leftOut(planned - checks.length)] }
}

/** The lake as it is read: over a database it is brought up to date, and there is no sample. */
async function lakeToCheck(
  { workspace, store }: CandleAccess,
  { exchange, symbols }: CheckRequest,
): Promise<LakeOptions> {
  const options = await lakeOptions(workspace)
  if (!isSyncing(store)) return options
  // All intervals of a symbol: they are compared with each other.
  const keys = (await store.seriesKeys()).filter((key) => isSelected(key, { exchange, symbols }))
  for (const key of keys) await store.sync(key)
  return { ...options, samples: [] }
}

function leftOut(series: number): readonly Warning[] {
  if (series === 0) return []
  return [{ code: 'INTERRUPTED', message: `interrupted: ${series} series were not checked` }]
}
