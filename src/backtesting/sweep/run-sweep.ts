import type { PlatformError } from '../../core/errors.ts'
import type { AxisSpan, SweepResult } from '../results.ts'
import { windowTimes } from '../times.ts'
import type { Axis } from './axis.ts'
import { isWorkerFailure, withoutResult, withPartialResult } from './early-end.ts'
import { estimateDiskBytes, estimateWorkerBytes, refuseOversized } from './estimate.ts'
import { sweepManifest } from './manifest.ts'
import { freeDiskBytes, openOutput, outputError, type SweepOutput } from './output.ts'
import { planSweep, type SweepPlan } from './plan.ts'
import { type PoolOutcome, runTiles } from './pool.ts'
import { Ticker } from './progress.ts'
import { Ranking } from './ranking.ts'
import { RowStream, rowColumns } from './rows.ts'
import type { SweepDependencies, SweepSpec } from './spec.ts'
import { Spool } from './spool.ts'
import { rankOf, survives } from './survivors.ts'
import { describeTile, forEachPoint } from './tiles.ts'

/**
 * Runs a sweep: every combination on workers, all rows to `<name>.parquet` and a manifest beside it in `outputDir`.
 *
 * Rows, digest and ranking do not depend on the number of workers or the size of blocks. After an interruption the
 * result is valid and partial (`interrupted`), holding the rows that were completed, in `<name>.partial.…`: a whole
 * result of an earlier run stays as it is.
 * @throws ConfigError `SWEEP_AXIS`, `SWEEP_EMPTY`, `GRID_TOO_LARGE` before anything is computed
 * @throws PlatformError `FOLDER_READ_ONLY`, `DISK_FULL`, `WRITE_FAILED`; nothing is left behind
 * @throws PlatformError `INTERRUPTED` before the first row; nothing is written
 * @throws PlatformError `WORKER_FAILED` when a tile fails twice; the rows completed by then are kept, the message says where
 */
export async function runSweep(spec: SweepSpec, deps: SweepDependencies): Promise<SweepResult> {
  const plan = await planSweep(spec, {
    workerBytes: deps.workerBytes ?? estimateWorkerBytes,
    signal: deps.signal,
  })
  const ranking = new Ranking({ ...spec, grid: plan.grid })
  const output = openOutput(spec.outputDir, spec.name)
  try {
    refuseUnfit(spec, deps, plan)
    deps.onEstimate?.(plan.estimate)
    return await new SweepRun({ spec, deps, plan, ranking, output }).run()
  } finally {
    output.discard()
  }
}

function refuseUnfit(
  spec: SweepSpec,
  deps: SweepDependencies,
  { estimate, grid }: SweepPlan,
): void {
  refuseOversized({
    estimate,
    limits: spec.limits,
    diskBytes: estimateDiskBytes(estimate.combinations, grid.axes.length),
    diskFreeBytes: (deps.freeDiskBytes ?? freeDiskBytes)(spec.outputDir),
    outputDir: spec.outputDir,
  })
}

interface RunParts {
  readonly spec: SweepSpec
  readonly deps: SweepDependencies
  readonly plan: SweepPlan
  readonly ranking: Ranking
  readonly output: SweepOutput
}

/** One sweep from the first tile to the published files. */
class SweepRun {
  readonly #parts: RunParts
  readonly #spool: Spool
  readonly #ticker: Ticker
  readonly #startedMs: number
  readonly #warnings: string[] = []

  constructor(parts: RunParts) {
    this.#parts = parts
    this.#startedMs = parts.deps.clock()
    this.#spool = this.#guard(() => new Spool(parts.output.spoolPath, parts.plan.survivors.count))
    this.#ticker = new Ticker(parts.deps.rssBytes, () => this.#reportProgress())
  }

  async run(): Promise<SweepResult> {
    try {
      const outcome = await this.#compute()
      const seconds = this.#seconds()
      this.#ticker.stop()
      if (outcome.kind === 'failed' && !isWorkerFailure(outcome.error)) throw outcome.error
      return await this.#finish(outcome, seconds)
    } finally {
      this.#ticker.stop()
      this.#spool.close()
    }
  }

  #compute(): Promise<PoolOutcome> {
    const { spec, deps, plan } = this.#parts
    return runTiles({
      tiles: plan.tiling.size,
      workers: spec.workers,
      createWorker: deps.createWorker,
      signal: deps.signal,
      start: {
        kind: 'start',
        kernel: deps.kernelModule,
        market: spec.market,
        program: spec.program,
        grid: plan.grid,
        tiling: plan.tiling,
        survivors: plan.survivors.bits,
      },
      onRows: (tile, metrics) => this.#takeRows(tile, metrics),
      onRetry: (tile, reason) =>
        this.#warn(`${this.#describe(tile)} is computed again on a fresh worker: ${reason}`),
      describeTile: (tile) => this.#describe(tile),
    })
  }

  #takeRows(tile: number, metrics: Float64Array): void {
    const { tiling, survivors } = this.#parts.plan
    const numbers: number[] = []
    forEachPoint(tiling, tile, (index) => {
      if (!survives(survivors.bits, index)) return
      this.#parts.ranking.add(index, metrics, numbers.length)
      numbers.push(rankOf(survivors, index))
    })
    this.#guard(() => this.#spool.write(numbers, metrics))
  }

  /** Writes the files of a whole or partial sweep; a failed worker's error is thrown once its rows are safe. */
  async #finish(outcome: PoolOutcome, seconds: number): Promise<SweepResult> {
    const failure = outcome.kind === 'failed' ? (outcome.error as PlatformError) : undefined
    if (this.#spool.completed === 0) throw withoutResult(this.#parts.spec.name, failure)
    const digest = await this.#writeRows()
    const result = this.#result(outcome, seconds, digest)
    const kind = outcome.kind === 'done' ? 'whole' : 'partial'
    this.#guard(() => this.#parts.output.publish(kind, this.#manifest(result, failure?.message)))
    if (failure !== undefined) throw withPartialResult(failure, result)
    return result
  }

  async #writeRows(): Promise<string> {
    const { deps, plan, output, spec } = this.#parts
    const stream = new RowStream(plan.grid, plan.survivors, this.#spool)
    const columns = rowColumns(plan.grid)
    try {
      await deps.writeRows({ path: output.rowsPath, columns, chunks: stream.chunks() })
    } catch (error) {
      throw outputError(error, spec.outputDir)
    }
    if (stream.rows !== this.#spool.completed) {
      throw new Error(
        `Invariant: the writer takes all ${this.#spool.completed} rows, took ${stream.rows}`,
      )
    }
    this.#ticker.sample()
    return stream.digest()
  }

  #manifest(result: SweepResult, failure: string | undefined): unknown {
    const { spec, deps, plan } = this.#parts
    return sweepManifest({
      ...{ spec, result, failure, grid: plan.grid, estimate: plan.estimate },
      kernelHash: deps.kernelHash,
      configHash: deps.configHash,
      versions: deps.versions,
      startedMs: this.#startedMs,
      finishedMs: deps.clock(),
    })
  }

  #result(outcome: PoolOutcome, seconds: number, digest: string): SweepResult {
    const { spec, plan, ranking, output } = this.#parts
    const { estimate } = plan
    const completed = this.#spool.completed
    return {
      sweep: spec.name,
      strategy: spec.strategyName,
      symbol: spec.symbol,
      interval: spec.interval,
      ...windowTimes(spec.market),
      axes: plan.grid.axes.map(spanOf),
      combinations: estimate.combinations,
      completed,
      bars: estimate.bars,
      holes: spec.continuity.missing,
      continuity: spec.continuity,
      workers: estimate.workers,
      seconds,
      barCombinationsPerSecond: seconds > 0 ? (completed * estimate.bars) / seconds : 0,
      peakRssBytes: this.#ticker.peakRssBytes,
      digest,
      ...(outcome.kind === 'done' ? output.whole : output.partial),
      objective: spec.objective,
      constraints: spec.constraints,
      eligible: ranking.eligible,
      withoutObjective: ranking.withoutObjective,
      undecided: ranking.undecided,
      top: ranking.list(),
      interrupted: outcome.kind === 'interrupted',
      warnings: this.#warnings,
    }
  }

  #reportProgress(): void {
    const { spec, deps, plan, ranking } = this.#parts
    deps.onProgress?.({
      sweep: spec.name,
      done: this.#spool.completed,
      total: plan.estimate.combinations,
      bars: plan.estimate.bars,
      workers: plan.estimate.workers,
      seconds: this.#seconds(),
      objective: spec.objective,
      top: ranking.list(),
    })
  }

  #warn(message: string): void {
    this.#warnings.push(message)
    this.#parts.deps.onWarning?.(message)
  }

  #seconds(): number {
    return (this.#parts.deps.clock() - this.#startedMs) / 1000
  }

  #describe(tile: number): string {
    return describeTile(this.#parts.plan.grid, this.#parts.plan.tiling, tile)
  }

  #guard<T>(write: () => T): T {
    try {
      return write()
    } catch (error) {
      throw outputError(error, this.#parts.spec.outputDir)
    }
  }
}

function spanOf({ name, values }: Axis): AxisSpan {
  // Values of a list keep the order of the file.
  const sorted = values.toSorted()
  return { name, count: values.length, min: sorted[0] as number, max: sorted.at(-1) as number }
}
