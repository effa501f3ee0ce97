import type { FindHoles } from '../../data/index.ts'
import type { BacktestService } from '../services.ts'
import { loadKernel } from './kernel.ts'
import { runBacktests } from './run-backtests.ts'
import type { Store } from './store.ts'
import { checkSweeps, runConfiguredSweep } from './sweeps.ts'
import type { Workspace } from './workspace.ts'

/** Serves `backtest …`. */
export async function connectBacktests(
  workspace: Workspace,
  store: Store,
  findHoles: FindHoles,
): Promise<BacktestService> {
  const engine = { workspace, store, findHoles, kernel: await loadKernel() }
  return {
    run: (request) => runBacktests(engine, request),
    checkSweeps: (tasks) => checkSweeps(engine, tasks),
    sweep: (request) => runConfiguredSweep(engine, request),
    sweepNames: async () => Object.keys((await workspace.config()).sweeps),
  }
}
