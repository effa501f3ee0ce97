import { paramsReachingColumns } from '../../kernel/program.ts'
import type { SweepEstimate } from '../results.ts'
import { columnDependencies, countColumns } from './columns.ts'
import {
  columnsFit,
  type EstimateWorkerBytes,
  estimateMemoryBytes,
  estimateRowsBytes,
} from './estimate.ts'
import { createGrid, type Grid } from './grid.ts'
import type { SweepSpec } from './spec.ts'
import { findSurvivors, type Survivors } from './survivors.ts'
import { createTiling, type Tiling } from './tiles.ts'

/** Few, so that each computes its columns for many points; enough that the workers finish at about the same time. */
const TILES_PER_WORKER = 4
const TILE_POINTS_MIN = 256
const TILE_POINTS_MAX = 4096
/** Bars × points of a tile: about a second of work. */
const TILE_BAR_POINTS_MAX = 2_000_000_000

/** Everything about a sweep that is settled before it starts. */
export interface SweepPlan {
  readonly grid: Grid
  readonly survivors: Survivors
  readonly tiling: Tiling
  readonly estimate: SweepEstimate
}

export interface PlanDependencies {
  readonly workerBytes: EstimateWorkerBytes
  readonly signal?: AbortSignal | undefined
}

/** Returns grid, surviving points, tiling and estimate of a sweep. @throws ConfigError when the sweep is not possible */
export async function planSweep(spec: SweepSpec, deps: PlanDependencies): Promise<SweepPlan> {
  const { name: sweep, program, axes, where } = spec
  const { combinationsMax } = spec.limits
  const grid = createGrid({ sweep, params: program.params, axes, combinationsMax })
  const survivors = await findSurvivors({ sweep, grid, where, ...deps })
  const { tiling, columns } = planTiles(spec, grid)
  const tilePoints = tiling.tileSides.reduce((product, side) => product * side, 1)
  const { window, candles } = spec.market
  const workers = Math.min(spec.workers, tiling.size)
  const estimate: SweepEstimate = {
    sweep,
    gridPoints: grid.size,
    combinations: survivors.count,
    bars: window.end - window.first,
    holes: spec.continuity.missing,
    warmupBars: Math.min(spec.warmupBars, window.first),
    workers,
    memoryBytes: estimateMemoryBytes({
      ...{ gridPoints: grid.size, workers, tilePoints, workerBytes: deps.workerBytes },
      load: { candles: candles.close.length, lookback: spec.warmupBars, columns },
    }),
    rowsBytes: estimateRowsBytes(survivors.count, grid.axes.length),
  }
  return { grid, survivors, tiling, estimate }
}

function planTiles(spec: SweepSpec, grid: Grid): { tiling: Tiling; columns: number } {
  const dependencies = columnDependencies(spec.program)
  const columnsOf = (sides: readonly number[]) =>
    countColumns(dependencies, (name) => sides[spec.program.params.indexOf(name)] ?? 1)
  const tiling = createTiling({
    grid,
    columnParams: paramsReachingColumns(spec.program),
    blockPoints: blockPointsFor(spec, grid),
    fits: (sides) => columnsFit(columnsOf(sides), spec.warmupBars),
  })
  return { tiling, columns: columnsOf(tiling.tileSides) }
}

/** The size asked for, or one that neither leaves workers idle at the end nor an interruption waiting. */
function blockPointsFor({ blockPoints, workers, market }: SweepSpec, grid: Grid): number {
  if (blockPoints > 0) return blockPoints
  const share = Math.ceil(grid.size / (workers * TILES_PER_WORKER))
  const brief = Math.ceil(TILE_BAR_POINTS_MAX / market.candles.close.length)
  return Math.max(TILE_POINTS_MIN, Math.min(TILE_POINTS_MAX, share, brief))
}
