import { type SmaGrid, sizeOf } from './grids.ts'
import type { BenchRow } from './rows.ts'
import type { CandleSource } from './source.ts'
import type { SweepJob, SweepReport } from './sweep-process.ts'
import { median } from './timing.ts'

/** A grid on a series, and what to call it. */
export interface SweepScenario {
  readonly name: string
  readonly source: CandleSource
  readonly grid: SmaGrid
  /** The budgets hold on this scenario; the others are shown beside it. */
  readonly judged: boolean
}

const GIGA = 1e9
const MEBIBYTE = 2 ** 20

/** Measures a scenario on one and on two workers. @throws Error when their digests differ */
export function measureSweep(scenario: SweepScenario, runs: number): BenchRow[] {
  const one = runSweeps(scenario, 1, runs)
  const two = runSweeps(scenario, 2, runs)
  if (one.digest !== two.digest) {
    throw new Error(`${scenario.name}: the digests of 1 and 2 workers differ`)
  }
  const judged = <T>(budget: T) => (scenario.judged ? { budget } : {})
  const row = rowOf(`sweep: ${scenario.name}`)
  const rate = (report: SweepReport) => (report.bars * report.combinations) / report.seconds / GIGA
  const size = `${one.combinations} combinations × ${one.bars} bars`
  return [
    row('bars a trade', (one.bars * one.combinations) / one.trades, 'bars', { note: size }),
    row('1 worker', rate(one), 'G bar·comb/s', judged({ atLeast: 1.2 })),
    row('2 workers', rate(two), 'G bar·comb/s', judged({ atLeast: 2.4 })),
    row('2 workers, each', rate(two) / 2, 'G bar·comb/s', judged({ atLeast: 1.2 })),
    row('2 workers over 1', one.seconds / two.seconds, '×', judged({ atLeast: 1.85 })),
    row('2 workers, computing', two.seconds, 's'),
    row('2 workers, with plan and files', two.totalSeconds, 's'),
    row('time a trade, 1 worker', (one.seconds * GIGA) / one.trades, 'ns'),
    row('peak memory, 2 workers', two.peakRssBytes / MEBIBYTE, 'MiB', judged({ atMost: 238 })),
  ]
}

/** Compares a grid with the same grid thinned to a tenth: time must grow with combinations, memory must not. */
export function measureGrowth(full: SweepScenario, tenth: SmaGrid, runs: number): BenchRow[] {
  const many = runSweeps(full, 1, runs)
  const few = runSweeps({ ...full, grid: tenth }, 1, runs)
  const row = rowOf('growth, 1 worker')
  const perCombination = many.seconds / many.combinations / (few.seconds / few.combinations)
  const sizes = `${sizeOf(tenth)} to ${sizeOf(full.grid)} combinations`
  const memory = (many.peakRssBytes - few.peakRssBytes) / MEBIBYTE
  return [
    row('time a combination', perCombination, '×', { budget: { atMost: 1.1 }, note: sizes }),
    row('peak memory', memory, 'MiB more', { note: sizes }),
  ]
}

type RowExtras = Pick<BenchRow, 'budget' | 'note'>

function rowOf(group: string) {
  return (name: string, value: number, unit: string, extras: RowExtras = {}): BenchRow => ({
    group,
    name,
    value,
    unit,
    ...extras,
  })
}

/** Runs one job several times; returns the report with the median time and the highest memory. */
function runSweeps({ source, grid }: SweepScenario, workers: number, runs: number): SweepReport {
  const reports = Array.from({ length: runs }, () => runProcess({ source, grid, workers }))
  return {
    ...reports[0]!,
    seconds: median(reports.map(({ seconds }) => seconds)),
    totalSeconds: median(reports.map(({ totalSeconds }) => totalSeconds)),
    peakRssBytes: Math.max(...reports.map(({ peakRssBytes }) => peakRssBytes)),
  }
}

function runProcess(job: SweepJob): SweepReport {
  const entry = new URL('./sweep-process.ts', import.meta.url).pathname
  const { exitCode, stdout, stderr } = Bun.spawnSync([process.execPath, entry, JSON.stringify(job)])
  if (exitCode !== 0) throw new Error(`the sweep process failed: ${stderr}`)
  return JSON.parse(stdout.toString()) as SweepReport
}
