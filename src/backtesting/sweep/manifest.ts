import { basename } from 'node:path'
import { formatInstant } from '../../core/units.ts'
import type { SweepEstimate, SweepResult } from '../results.ts'
import { type Grid, sidesOf } from './grid.ts'
import type { SweepSpec } from './spec.ts'
import type { Versions } from './versions.ts'

export interface ManifestRequest {
  readonly spec: SweepSpec
  readonly grid: Grid
  readonly estimate: SweepEstimate
  readonly result: SweepResult
  readonly kernelHash: string
  readonly configHash: string
  readonly versions: Versions
  readonly startedMs: number
  readonly finishedMs: number
  /** Why the sweep ended early, if it did not end by an interruption. */
  readonly failure?: string | undefined
}

/** Returns what a sweep's manifest says: everything that determines its rows, then what came out. */
export function sweepManifest(request: ManifestRequest): Readonly<Record<string, unknown>> {
  const { spec, grid, estimate, result } = request
  const { candles, window, execution } = spec.market
  return {
    schema: 'crypto.sweep-manifest/1',
    sweep: spec.name,
    strategy: spec.strategyName,
    hashes: { candles: candles.hash, config: request.configHash, kernel: request.kernelHash },
    versions: request.versions,
    seed: null,
    market: {
      exchange: candles.exchange,
      symbol: spec.symbol,
      interval: spec.interval,
      start: formatInstant(result.firstMs),
      end: formatInstant(result.endMs),
      bars: result.bars,
      warmup_bars: spec.warmupBars,
      seed_weight_max: spec.seedWeightMax,
      holes: result.holes,
      resampled_from: spec.continuity.resampledFrom,
      sparse: spec.continuity.sparse,
      window: { first: window.first, end: window.end },
    },
    execution,
    params: Object.fromEntries(spec.axes.map(({ name, values }) => [name, values])),
    param_counts: Object.fromEntries(sidesOf(grid).map((side, i) => [grid.axes[i]?.name, side])),
    where: spec.where ?? null,
    objective: spec.objective,
    constraints: spec.constraints,
    grid_points: estimate.gridPoints,
    combinations: result.combinations,
    completed: result.completed,
    eligible: result.eligible,
    without_objective: result.withoutObjective,
    undecided: result.undecided,
    interrupted: result.interrupted,
    failure: request.failure ?? null,
    digest: result.digest,
    rows_file: basename(result.rowsFile),
    workers: result.workers,
    block_points: spec.blockPoints,
    seconds: result.seconds,
    peak_rss_bytes: result.peakRssBytes,
    started_at: formatInstant(request.startedMs),
    finished_at: formatInstant(request.finishedMs),
  }
}
