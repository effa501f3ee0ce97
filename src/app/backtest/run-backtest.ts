import { extname } from 'node:path'
import type { BacktestRow, ParamValues } from '../../backtesting/results.ts'
import {
  type BacktestOutcome,
  type BacktestSpec,
  runBacktest as simulate,
  type TracedRun,
  writeEquity,
  writeTrades,
} from '../../backtesting/run/index.ts'
import { pointOfSweep } from '../../backtesting/sweep/index.ts'
import {
  type BacktestChoice,
  type BacktestRun,
  type MarketChoice,
  type ResolvedBacktest,
  resolveBacktest,
} from '../../config/index.ts'
import { PlatformError } from '../../core/errors.ts'
import { canonicalJson, sha256 } from '../../core/hash.ts'
import { checkTarget } from '../../core/output-target.ts'
import { writeTable } from '../../data/index.ts'
import { compileSignals, programText, type SignalProgram } from '../../kernel/program.ts'
import { longestWarmUp, type WarmUp } from '../../kernel/warm-up.ts'
import type { RunView, Warning } from '../../report/views.ts'
import type { Workspace } from '../workspace.ts'
import type { Engine } from './engine.ts'
import { type LoadedMarket, loadMarket, type MarketRequest } from './markets.ts'
import { checkParams, completeParams } from './params.ts'
import { prepareSweep } from './run-sweep.ts'

export interface RunRequest {
  /** A backtest, or one point of a sweep: its name and a value for every parameter that the sweep varies. */
  readonly what: BacktestChoice | SweepPoint
  /** Replaces the market of the configuration. */
  readonly market: MarketChoice
  /** Where to write trades and equity, by extension `.parquet`, `.arrow` or `.csv`. */
  readonly tradesFile?: string | undefined
  readonly equityFile?: string | undefined
}

export interface SweepPoint {
  readonly sweep: string
  readonly params: ParamValues
}

export interface RunOutcome {
  /** Title of the backtest; undefined for a point of a sweep. */
  readonly title: string | undefined
  readonly rows: readonly BacktestRow[]
  /** What was written: kind and path. With several runs each has its own file. */
  readonly files: readonly (readonly [kind: string, path: string])[]
  /** What the reader should know about the judged bars. */
  readonly notes: readonly string[]
  /** What the reader should know about the runs: that some are missing, that a point is not of the sweep. */
  readonly warnings: readonly Warning[]
  readonly run: Omit<RunView, 'engine' | 'ms'>
}

/** A strategy with its parameters, ready to meet a market. */
interface Job {
  readonly run: BacktestRun
  readonly program: SignalProgram
  readonly params: ParamValues
  readonly warmUp: WarmUp
}

interface Finished extends BacktestOutcome, TracedRun {}

/**
 * Runs the strategies of a backtest, or one point of a sweep. After an interruption the rows are those of the runs that
 * ended before.
 * @throws PlatformError `INTERRUPTED` when there are none
 */
export async function runBacktest(engine: Engine, request: RunRequest): Promise<RunOutcome> {
  for (const path of [request.tradesFile, request.equityFile]) {
    if (path !== undefined) checkTarget(engine.workspace.resolve(path))
  }
  const { what, market } = request
  if ('sweep' in what) return runPoint(engine, request, what)
  const backtest = resolveBacktest(await engine.workspace.config(), what, market)
  const { done, markets, programs } = await runAll(engine, backtest)
  const planned = backtest.runs.length
  return outcomeOf(engine, request, done, {
    markets,
    title: backtest.title,
    config: { backtest, programs: programs.map(programText) },
    warnings: done.length === planned ? [] : [interruption(done.length, planned)],
  })
}

interface Progress {
  readonly done: Finished[]
  readonly markets: LoadedMarket[]
  readonly programs: SignalProgram[]
}

/** Runs all strategies on all symbols, and ends early once a signal came. */
async function runAll(engine: Engine, backtest: ResolvedBacktest): Promise<Progress> {
  const jobs = await Promise.all(backtest.runs.map((run) => createJob(engine, run, backtest)))
  const programs = jobs.map(({ program }) => program)
  const progress: Progress = { done: [], markets: [], programs }
  for (const group of groupByMarket(jobs)) {
    if (await isStopped(engine)) return progress
    await runGroup(engine, backtest, group, progress)
  }
  return progress
}

async function runGroup(
  engine: Engine,
  backtest: ResolvedBacktest,
  group: readonly [Job, ...Job[]],
  { done, markets }: Progress,
): Promise<void> {
  const [{ run }] = group
  const warmUp = longestWarmUp(group.map((job) => job.warmUp))
  const programs = group.map(({ program }) => program)
  const loaded = await loadMarket(engine, { ...backtest, ...marketOf(run), ...warmUp }, programs)
  markets.push(loaded)
  for (const job of group) {
    if (await isStopped(engine)) return
    done.push(runJob(engine, backtest.name, job, loaded))
  }
}

/** Whether a signal came. A run keeps the thread, so the signal that came meanwhile is let in first. */
async function isStopped({ workspace }: Engine): Promise<boolean> {
  await new Promise((resolve) => setImmediate(resolve))
  return workspace.environment.signal.aborted
}

/** @throws PlatformError `INTERRUPTED` when nothing is done */
function interruption(done: number, planned: number): Warning {
  const message = `interrupted: ${done} of ${planned} runs done; the others are missing`
  if (done > 0) return { code: 'INTERRUPTED', message }
  throw new PlatformError(
    'INTERRUPTED',
    `Interrupted before the first of ${planned} runs was done. Nothing was written.`,
  )
}

/**
 * One point of a sweep over exactly the bars and the history of that sweep. Only a point off the grid may need more
 * history than that.
 */
async function runPoint(
  engine: Engine,
  request: RunRequest,
  point: SweepPoint,
): Promise<RunOutcome> {
  const sweep = await prepareSweep(engine, point.sweep, request.market)
  checkParams(sweep.definition, point.params)
  const { symbol, interval, type, strategy, where } = sweep.resolved
  const { params, outside } = pointOfSweep({ ...sweep.grid, where }, point.params)
  const run: BacktestRun = { strategy, type, params, symbol, interval }
  const own = warmUpOf(engine, sweep.program, params, sweep.resolved)
  const warmUp = longestWarmUp([sweep.request, own])
  const loaded = await loadMarket(engine, { ...sweep.request, ...warmUp }, [sweep.program])
  const job = { run, params, program: sweep.program, warmUp }
  const done = runJob(engine, point.sweep, job, loaded)
  return outcomeOf(engine, request, [done], {
    markets: [loaded],
    title: undefined,
    warnings: [
      ...(outside === undefined ? [] : [notOfSweep(point.sweep, outside)]),
      ...(isOther(request.market) ? [otherData(point.sweep)] : []),
    ],
    config: { sweep: sweep.resolved, program: programText(sweep.program), params },
  })
}

function isOther(market: MarketChoice): boolean {
  return Object.values(market).some((value) => value !== undefined)
}

function otherData(sweep: string): Warning {
  const message = `these are not the candles of sweep ${sweep}: its rows file has other figures for this point`
  return { code: 'OTHER_DATA', message }
}

function notOfSweep(sweep: string, reason: string): Warning {
  const message = `this point is not part of sweep ${sweep}: ${reason}. Its rows file has no such row`
  return { code: 'NOT_IN_SWEEP', message }
}

async function createJob(engine: Engine, run: BacktestRun, limits: WarmUpLimits): Promise<Job> {
  const { registries } = await engine.workspace.registered()
  const definition = registries.strategies.get(run.type)
  const program = compileSignals(definition)
  const params = completeParams(definition, run.params)
  return { run, program, params, warmUp: warmUpOf(engine, program, params, limits) }
}

type WarmUpLimits = Pick<ResolvedBacktest, 'seedWeightMax'>

function warmUpOf(
  { kernel }: Engine,
  program: SignalProgram,
  params: ParamValues,
  { seedWeightMax }: WarmUpLimits,
): WarmUp {
  const point = program.params.map((name) => params[name] as number)
  return kernel.kernel.warmUp(program, point, seedWeightMax)
}

/** Strategies on one market are judged over the same bars: the longest warm-up counts for all of them. */
function groupByMarket(jobs: readonly Job[]): readonly [Job, ...Job[]][] {
  const groups = new Map<string, [Job, ...Job[]]>()
  for (const job of jobs) {
    const key = `${job.run.symbol} ${job.run.interval}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [job])
    else group.push(job)
  }
  return [...groups.values()]
}

function marketOf({ symbol, interval }: BacktestRun): Pick<MarketRequest, 'symbol' | 'interval'> {
  return { symbol, interval }
}

function runJob(
  { kernel }: Engine,
  backtest: string,
  { run, program, params }: Job,
  { market, continuity }: LoadedMarket,
): Finished {
  const spec: BacktestSpec = { backtest, ...run, program, params, market, continuity }
  return { ...simulate(spec, kernel.kernel), market }
}

async function outcomeOf(
  { workspace, kernel }: Engine,
  request: RunRequest,
  done: readonly Finished[],
  used: Pick<RunOutcome, 'title' | 'warnings'> & {
    readonly markets: readonly LoadedMarket[]
    readonly config: unknown
  },
): Promise<RunOutcome> {
  const files = await writeFiles(workspace, request, done)
  const hashes = used.markets.map(({ hash }) => hash)
  return {
    title: used.title,
    rows: done.map(({ row }) => row),
    files,
    notes: [...new Set(used.markets.flatMap(({ notes }) => notes))],
    warnings: used.warnings,
    run: {
      config: `sha256:${sha256(canonicalJson(used.config))}`,
      data: `sha256:${hashes.length === 1 ? hashes[0] : sha256(hashes.join(' '))}`,
      kernel: `sha256:${kernel.hash}`,
    },
  }
}

/** Writes the asked files; with several runs each gets its own, named after the run. Returns what was written. */
async function writeFiles(
  workspace: Workspace,
  { tradesFile, equityFile }: RunRequest,
  done: readonly Finished[],
): Promise<RunOutcome['files']> {
  const files: [string, string][] = []
  const nameOf = (path: string, { row }: Finished) =>
    done.length === 1 ? path : pathFor(path, row)
  for (const run of done) {
    if (tradesFile !== undefined) {
      const path = nameOf(tradesFile, run)
      await writeTrades(workspace.resolve(path), [run], writeTable)
      files.push(['trades', path])
    }
    if (equityFile !== undefined) {
      const path = nameOf(equityFile, run)
      await writeEquity(workspace.resolve(path), run, writeTable)
      files.push(['equity', path])
    }
  }
  return files
}

function pathFor(path: string, row: BacktestOutcome['row']): string {
  const extension = extname(path)
  const stem = path.slice(0, path.length - extension.length)
  // A symbol such as BTC/USDT:USDT is no name of a file.
  const symbol = row.symbol.replace(/[/:]/g, encodeURIComponent)
  return `${stem}.${row.backtest}.${row.strategy}.${symbol}${extension}`
}
