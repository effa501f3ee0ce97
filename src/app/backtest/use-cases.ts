import type { FindHoles } from '../../data/index.ts'
import { loadKernel } from '../kernel.ts'
import type { Store } from '../store.ts'
import type { Workspace } from '../workspace.ts'
import { type RunRequest, runBacktests } from './run-backtests.ts'
import { checkSweeps, runConfiguredSweep, type SweepRequest, type SweepTask } from './sweeps.ts'

export type BacktestUseCases = Awaited<ReturnType<typeof backtestUseCases>>

/** Serves `backtest …`. */
export async function backtestUseCases(workspace: Workspace, store: Store, findHoles: FindHoles) {
  const engine = { workspace, store, findHoles, kernel: await loadKernel() }
  return {
    run: (request: RunRequest) => runBacktests(engine, request),
    checkSweeps: (tasks: readonly SweepTask[]) => checkSweeps(engine, tasks),
    sweep: (request: SweepRequest) => runConfiguredSweep(engine, request),
    /** Names of the configured sweeps in file order. */
    sweepNames: async () => Object.keys((await workspace.config()).sweeps),
  }
}
