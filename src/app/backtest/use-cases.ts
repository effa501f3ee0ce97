import type { FindHoles } from '../../data/index.ts'
import { loadKernel } from '../kernel.ts'
import type { Store } from '../store.ts'
import type { Workspace } from '../workspace.ts'
import { listBacktests, listSweeps } from './list-configured.ts'
import { type RunRequest, runBacktest } from './run-backtest.ts'
import { runConfiguredSweep, type SweepRequest } from './run-sweep.ts'

export type BacktestUseCases = Awaited<ReturnType<typeof backtestUseCases>>

/** Serves `backtest …`. */
export async function backtestUseCases(workspace: Workspace, store: Store, findHoles: FindHoles) {
  const engine = { workspace, store, findHoles, kernel: await loadKernel() }
  return {
    run: (request: RunRequest) => runBacktest(engine, request),
    sweep: (request: SweepRequest) => runConfiguredSweep(engine, request),
    listBacktests: () => listBacktests(engine),
    listSweeps: () => listSweeps(engine),
  }
}
