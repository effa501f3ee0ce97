import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runSweep } from '../src/backtesting/sweep/run-sweep.ts'
import type { SweepSpec } from '../src/backtesting/sweep/spec.ts'
import type { TableCells, TableFile } from '../src/backtesting/tables.ts'
import { writeTable } from '../src/data/index.ts'
import { compileSignals } from '../src/kernel/program.ts'
import { continuity } from '../tests/support/continuity.ts'
import { EXECUTION, type SmaGrid, type Steps, smaCrossover, warmupOf } from './grids.ts'
import { compileKernel } from './kernel-module.ts'
import { type CandleSource, loadCandles } from './source.ts'

/**
 * One sweep in a process of its own, so that its peak memory is its own: the job as JSON in the first argument, the
 * report as JSON on stdout.
 */
export interface SweepJob {
  readonly source: CandleSource
  readonly grid: SmaGrid
  readonly workers: number
}

export interface SweepReport {
  readonly bars: number
  readonly combinations: number
  /** What the sweep reports: workers started, all rows computed. */
  readonly seconds: number
  /** From the call to the files on disk: plan and Parquet as well. */
  readonly totalSeconds: number
  readonly trades: number
  readonly digest: string
  /** Of the whole process with its workers, loading of candles included. */
  readonly peakRssBytes: number
}

async function runJob({ source, grid, workers }: SweepJob): Promise<SweepReport> {
  const candles = await loadCandles(source)
  const kernelModule = await compileKernel()
  const outputDir = mkdtempSync(join(tmpdir(), 'crypto-bench-'))
  let trades = 0
  const count = (ofRow: number) => {
    trades += ofRow
  }
  try {
    const start = performance.now()
    const result = await runSweep(
      { ...specOf(grid, workers), market: marketOf(candles, grid), outputDir },
      {
        kernelModule,
        kernelHash: '',
        configHash: '',
        versions: {},
        createWorker: () =>
          new Worker(new URL('../src/app/backtest/sweep-worker.ts', import.meta.url)),
        writeRows: (table) => writeTable({ ...table, chunks: countingTrades(table, count) }),
        clock: () => performance.timeOrigin + performance.now(),
        rssBytes: () => process.memoryUsage.rss(),
      },
    )
    const totalSeconds = (performance.now() - start) / 1000
    const { bars, combinations, seconds, digest } = result
    return { bars, combinations, seconds, totalSeconds, trades, digest, peakRssBytes: peakRss() }
  } finally {
    rmSync(outputDir, { recursive: true, force: true })
  }
}

function marketOf(candles: SweepSpec['market']['candles'], grid: SmaGrid): SweepSpec['market'] {
  const window = { first: warmupOf(grid), end: candles.close.length }
  return { candles, window, execution: EXECUTION }
}

function specOf(grid: SmaGrid, workers: number): Omit<SweepSpec, 'market' | 'outputDir'> {
  return {
    name: 'bench',
    strategyName: smaCrossover.name,
    program: compileSignals(smaCrossover),
    axes: [
      { name: 'fast_period', integer: true, values: axisOf(grid.fast) },
      { name: 'slow_period', integer: true, values: axisOf(grid.slow) },
    ],
    objective: 'sharpe',
    constraints: [],
    top: 10,
    symbol: 'BENCH',
    interval: '1m',
    // Nobody reads the report of these sweeps, so that it says nothing of its candles.
    continuity: continuity(0),
    warmupBars: warmupOf(grid),
    seedWeightMax: 1,
    workers,
    blockPoints: 0,
    limits: { combinationsMax: 1e7, memoryMaxBytes: 2 ** 32 },
  }
}

function axisOf({ first, step, count }: Steps) {
  return { from: first, to: first + step * (count - 1), step }
}

/**
 * Peak resident bytes of this process. Linux hands `maxRSS` of the parent down to its children, so the high-water mark
 * of the process's own memory is asked first.
 */
function peakRss(): number {
  const status = '/proc/self/status'
  const own = existsSync(status) ? /VmHWM:\s*(\d+) kB/.exec(readFileSync(status, 'utf8')) : null
  return own === null ? process.resourceUsage().maxRSS * 1024 : Number(own[1]) * 1024
}

/** Passes a table's chunks on and tells the trades of every row. */
function* countingTrades(
  { columns, chunks }: TableFile,
  count: (trades: number) => void,
): Generator<readonly TableCells[]> {
  const column = columns.findIndex(({ name }) => name === 'trades')
  for (const chunk of chunks) {
    for (const trades of chunk[column] as Float64Array) count(trades)
    yield chunk
  }
}

if (import.meta.main) {
  const report = await runJob(JSON.parse(process.argv[2] ?? '{}') as SweepJob)
  process.stdout.write(JSON.stringify(report))
}
