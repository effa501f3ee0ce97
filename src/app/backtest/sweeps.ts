import { availableParallelism } from 'node:os'
import type { SweepEstimate, SweepProgress, SweepResult } from '../../backtesting/results.ts'
import {
  type AxisInput,
  checkSweep,
  type GridRequest,
  runSweep,
  type SweepSpec,
  sweepWarmUp,
} from '../../backtesting/sweep/index.ts'
import { type Config, type ResolvedSweep, resolveSweep } from '../../config/index.ts'
import { CANDLE_COLUMNS } from '../../core/candles.ts'
import { PlatformError } from '../../core/errors.ts'
import { canonicalJson, sha256 } from '../../core/hash.ts'
import type { MetricName } from '../../core/metrics.ts'
import { writeTable } from '../../data/index.ts'
import {
  columnsRead,
  compileSignals,
  programText,
  type SignalProgram,
} from '../../kernel/program.ts'
import type { StrategyDefinition } from '../../kernel/strategy.ts'
import type { WarmUp } from '../../kernel/warm-up.ts'
import type { RunView } from '../../report/views.ts'
import { type LoadedMarket, loadMarket, type MarketRequest } from './markets.ts'
import { completeAxes } from './params.ts'
import type { Engine } from './run-backtests.ts'
import { unusedWarnings } from './unused-params.ts'

/** A configured sweep and what the command line changes of it. */
export interface SweepTask {
  readonly sweep: string
  /** undefined: as configured; 0: one per core. */
  readonly workers?: number | undefined
  readonly top?: number | undefined
  readonly objective?: MetricName | undefined
  readonly outputDir?: string | undefined
}

export interface SweepRequest extends SweepTask {
  readonly onEstimate: (estimate: SweepEstimate) => void
  /** May be called as often as blocks finish. */
  readonly onProgress: (progress: SweepProgress) => void
}

export interface SweepOutcome {
  readonly result: SweepResult
  readonly run: Omit<RunView, 'engine' | 'ms'>
}

/** A configured sweep with its program, its axes and the market it asks for. */
export interface PreparedSweep {
  readonly resolved: ResolvedSweep
  readonly definition: StrategyDefinition
  readonly program: SignalProgram
  readonly axes: readonly AxisInput[]
  readonly grid: GridRequest
  readonly request: MarketRequest
}

const BYTES_PER_MIB = 1_048_576

/** Settles everything about a sweep that needs no candles. @throws ConfigError also for a grid that is too large */
export async function prepareSweep(
  { workspace, kernel }: Engine,
  name: string,
): Promise<PreparedSweep> {
  const config = await workspace.config()
  const { registries } = await workspace.registered()
  const resolved = resolveSweep(config, name)
  const definition = registries.strategies.get(resolved.type)
  const program = compileSignals(definition)
  const axes = completeAxes(definition, resolved.params, resolved.axes)
  const { combinationsMax } = limitsOf(config)
  const grid = { sweep: name, params: program.params, axes, combinationsMax }
  const warmUp = sweepWarmUp(grid, (point) =>
    kernel.kernel.warmUp(program, point, resolved.seedWeightMax),
  )
  const wanted = { ...marketOf(resolved), ...warmUp }
  return { resolved, definition, program, axes, grid, request: wanted }
}

/**
 * Finds out what would refuse any of these sweeps, before the first of them is computed: grid, condition, constraints,
 * memory, and whether the store holds its candles.
 * @throws PlatformError of the first that is refused, its message naming the sweep
 */
export async function checkSweeps(engine: Engine, requests: readonly SweepTask[]): Promise<void> {
  for (const request of requests) {
    try {
      const { spec } = await loadSweep(engine, request)
      await checkSweep(spec, engine.workspace.environment.signal)
    } catch (error) {
      throw namingSweep(request.sweep, error)
    }
  }
}

/** Sweeps run in turn, so the name of the one that is refused belongs to the message. */
function namingSweep(sweep: string, error: unknown): unknown {
  if (!(error instanceof PlatformError) || error.message.includes(sweep)) return error
  const Kind = error.constructor as typeof PlatformError
  const { code, context, message } = error
  return new Kind(code, `Sweep '${sweep}' cannot run: ${message}`, { context, cause: error })
}

/** A sweep with its candles. */
interface LoadedSweep extends Pick<LoadedMarket, 'hash' | 'notes'> {
  readonly spec: SweepSpec
  readonly resolved: ResolvedSweep
}

async function loadSweep(engine: Engine, request: SweepTask): Promise<LoadedSweep> {
  const { workspace } = engine
  const config = await workspace.config()
  const { resolved, program, axes, request: wanted } = await prepareSweep(engine, request.sweep)
  const { market, continuity, hash, notes } = await loadForSweep(engine, wanted, program)
  const spec = {
    name: resolved.name,
    strategyName: resolved.strategy,
    program,
    axes,
    where: resolved.where,
    objective: request.objective ?? resolved.objective,
    constraints: resolved.constraints,
    top: request.top ?? resolved.top,
    market,
    symbol: resolved.symbol,
    interval: resolved.interval,
    continuity,
    warmupBars: wanted.warmupBars,
    seedWeightMax: resolved.seedWeightMax,
    workers: (request.workers ?? config.settings.sweep.workers) || availableParallelism(),
    blockPoints: config.settings.sweep.block_points,
    outputDir: workspace.resolve(request.outputDir ?? config.settings.results),
    limits: limitsOf(config),
  }
  return { spec, resolved, hash, notes }
}

/** Runs a configured sweep on workers. */
export async function runConfiguredSweep(
  engine: Engine,
  request: SweepRequest,
): Promise<SweepOutcome> {
  const { workspace, kernel } = engine
  const { environment } = workspace
  const { spec, resolved, hash, notes } = await loadSweep(engine, request)
  const { registries } = await workspace.registered()
  const unused = unusedWarnings(registries.strategies.get(resolved.type)).map((it) => it.message)
  for (const message of unused) environment.logger.warn(message)
  // The workers should not come on top of what reading left behind.
  Bun.gc(true)
  // The graph too: the code of a plugin is part of what was asked for.
  const configHash = sha256(canonicalJson({ sweep: resolved, program: programText(spec.program) }))
  const result = await runSweep(spec, {
    kernelModule: kernel.module,
    kernelHash: kernel.hash,
    configHash,
    versions: { 'crypto-platform': environment.version, bun: Bun.version },
    createWorker: () => new Worker(new URL('./sweep-worker.ts', import.meta.url)),
    writeRows: writeTable,
    clock: () => environment.clock.now(),
    rssBytes: () => process.memoryUsage.rss(),
    signal: environment.signal,
    onEstimate: request.onEstimate,
    onProgress: request.onProgress,
    onWarning: (message) => environment.logger.warn(message),
  })
  return {
    result: { ...result, notes, unused },
    run: {
      config: `sha256:${configHash}`,
      data: `sha256:${hash}`,
      kernel: `sha256:${kernel.hash}`,
    },
  }
}

/**
 * Reads a market and keeps only the columns that the program reads. For the length of a sweep nothing else needs the
 * others, and on a million candles they are 24 MB.
 */
async function loadForSweep(
  engine: Engine,
  request: MarketRequest,
  program: SignalProgram,
): Promise<LoadedMarket> {
  const { market, ...facts } = await loadMarket(engine, request)
  engine.store.close()
  const read = columnsRead(program)
  const candles = { ...market.candles }
  for (const column of CANDLE_COLUMNS) {
    if (!read.has(column)) candles[column] = new Float64Array(0)
  }
  return { market: { ...market, candles }, ...facts }
}

function limitsOf({ settings }: Config) {
  const { combinations_max, memory_max_mb } = settings.sweep
  return { combinationsMax: combinations_max, memoryMaxBytes: memory_max_mb * BYTES_PER_MIB }
}

function marketOf(resolved: ResolvedSweep): Omit<MarketRequest, keyof WarmUp> {
  const { exchange, symbol, interval, startMs, endMs } = resolved
  const { warmupDays, seedWeightMax, execution } = resolved
  return { exchange, symbol, interval, startMs, endMs, warmupDays, seedWeightMax, execution }
}
