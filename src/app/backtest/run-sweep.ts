import { availableParallelism } from 'node:os'
import type { SweepEstimate, SweepProgress, SweepResult } from '../../backtesting/results.ts'
import {
  type AxisInput,
  type GridRequest,
  runSweep,
  type SweepSpec,
  sweepWarmUp,
} from '../../backtesting/sweep/index.ts'
import {
  type Config,
  type MarketChoice,
  type ResolvedSweep,
  resolveSweep,
} from '../../config/index.ts'
import { CANDLE_COLUMNS } from '../../core/candles.ts'
import { canonicalJson, sha256 } from '../../core/hash.ts'
import type { MetricName } from '../../core/metrics.ts'
import { DAY_MS } from '../../core/units.ts'
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
import type { Engine } from './engine.ts'
import { type LoadedMarket, loadMarket, type MarketRequest } from './markets.ts'
import { completeAxes } from './params.ts'
import { unusedWarnings } from './unused-params.ts'

/** A configured sweep and what the command line changes of it. */
export interface SweepRequest {
  readonly sweep: string
  /** Replaces the market of the configuration. */
  readonly market: MarketChoice
  /** undefined: as configured; 0: one per core. */
  readonly workers?: number | undefined
  readonly top?: number | undefined
  readonly objective?: MetricName | undefined
  readonly outputDir?: string | undefined
  readonly onEstimate: (estimate: SweepEstimate) => void
  /** May be called as often as blocks finish. */
  readonly onProgress: (progress: SweepProgress) => void
}

export interface SweepOutcome {
  readonly result: SweepResult
  /** Stored candles of the same exchange that the sweep has not seen; undefined: there are none. */
  readonly otherData: MarketChoice | undefined
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
  market: MarketChoice = {},
): Promise<PreparedSweep> {
  const config = await workspace.config()
  const { registries } = await workspace.registered()
  const resolved = resolveSweep(config, name, market)
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

/** A sweep with its candles. */
interface LoadedSweep extends Pick<LoadedMarket, 'hash' | 'notes'> {
  readonly spec: SweepSpec
  readonly resolved: ResolvedSweep
}

async function loadSweep(engine: Engine, request: SweepRequest): Promise<LoadedSweep> {
  const { workspace } = engine
  const config = await workspace.config()
  const {
    resolved,
    program,
    axes,
    request: wanted,
  } = await prepareSweep(engine, request.sweep, request.market)
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
    otherData: await findOtherData(engine, resolved),
    run: {
      config: `sha256:${configHash}`,
      data: `sha256:${hash}`,
      kernel: `sha256:${kernel.hash}`,
    },
  }
}

/** Less than this says little about a winner. */
const OTHER_MS_MIN = 30 * DAY_MS

/** Finds candles to check the winner on: what came after the period, or else another symbol. */
async function findOtherData(
  { store }: Engine,
  { exchange, symbol, endMs }: ResolvedSweep,
): Promise<MarketChoice | undefined> {
  const series = (await store.listSeries(() => {})).filter((one) => one.exchange === exchange)
  const own = series.filter((one) => one.symbol === symbol)
  const isLonger = own.some(({ toMs }) => endMs !== undefined && toMs - endMs >= OTHER_MS_MIN)
  if (isLonger) return { fromMs: endMs }
  const other = series.find((one) => one.symbol !== symbol)
  return other === undefined ? undefined : { symbols: [other.symbol] }
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
  const { market, ...facts } = await loadMarket(engine, request, [program])
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
