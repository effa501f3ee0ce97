import { createGrid } from '../../backtesting/sweep/index.ts'
import { resolveBacktest } from '../../config/index.ts'
import type { Engine } from './engine.ts'
import { prepareSweep } from './run-sweep.ts'

/** The market of something configured; epoch ms, undefined where all that is stored counts. */
interface ConfiguredMarket {
  readonly exchange: string
  readonly symbols: readonly string[]
  readonly intervals: readonly string[]
  readonly fromMs: number | undefined
  readonly toMs: number | undefined
}

export interface ConfiguredBacktest extends ConfiguredMarket {
  readonly name: string
  readonly title: string
  readonly strategies: readonly string[]
}

export interface ConfiguredSweep extends ConfiguredMarket {
  readonly name: string
  readonly strategy: string
  /** Points of the grid, before `where`. */
  readonly gridPoints: number
  readonly objective: string
}

/** Returns the configured backtests in file order. */
export async function listBacktests({ workspace }: Engine): Promise<readonly ConfiguredBacktest[]> {
  const config = await workspace.config()
  return Object.keys(config.backtests).map((backtest) => {
    const { name, title, exchange, startMs, endMs, runs } = resolveBacktest(config, { backtest })
    return {
      ...{ name, title, exchange, fromMs: startMs, toMs: endMs },
      strategies: distinct(runs.map(({ strategy }) => strategy)),
      symbols: distinct(runs.map(({ symbol }) => symbol)),
      intervals: distinct(runs.map(({ interval }) => interval)),
    }
  })
}

/** Returns the configured sweeps in file order. @throws ConfigError for a grid that is too large */
export async function listSweeps(engine: Engine): Promise<readonly ConfiguredSweep[]> {
  const names = Object.keys((await engine.workspace.config()).sweeps)
  return await Promise.all(
    names.map(async (name) => {
      const { resolved, grid } = await prepareSweep(engine, name)
      const { strategy, exchange, symbol, interval, startMs, endMs, objective } = resolved
      return {
        ...{ name, strategy, exchange, fromMs: startMs, toMs: endMs, objective },
        symbols: [symbol],
        intervals: [interval],
        gridPoints: createGrid(grid).size,
      }
    }),
  )
}

function distinct(names: readonly string[]): readonly string[] {
  return [...new Set(names)]
}
