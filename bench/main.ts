import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { measureBudget } from './budget-rows.ts'
import { measureColdRun, measureStartUp } from './command-rows.ts'
import { GRIDS, type SmaGrid, thinned } from './grids.ts'
import { kernelHash, loadKernel } from './kernel-module.ts'
import { measureOperations, measureSingleRun } from './kernel-rows.ts'
import { type BenchOptions, parseOptions, USAGE } from './options.ts'
import { measureAgainstReference } from './parity.ts'
import { measureReads } from './read-rows.ts'
import { type BenchRow, formatRows, mediansOf, meetsBudget } from './rows.ts'
import { SEED } from './series.ts'
import { importCandles, type LakeSource, loadCandles } from './source.ts'
import { measureStorage } from './storage-rows.ts'
import { measureGrowth, measureSweep, type SweepScenario } from './sweep-rows.ts'

const SHARED_FILE = new URL('../../shared/data/BTCUSDT-1m.parquet', import.meta.url).pathname

/** Sizes of a run: the real ones, or tiny ones that only prove that everything works. */
interface Sizes {
  readonly bars: number
  readonly combinations: number
  readonly referencePoints: number
}

const FULL: Sizes = { bars: 200_000, combinations: 10_000, referencePoints: 4 }
const QUICK: Sizes = { bars: 3_000, combinations: 100, referencePoints: 4 }

async function measure(options: BenchOptions, dir: string, show: (rows: BenchRow[]) => void) {
  const { runs, quick } = options
  const sizes = quick ? QUICK : FULL
  const kernel = await loadKernel()
  const synthetic = syntheticScenarios(sizes)
  for (const scenario of synthetic) {
    const few = thinned(scenario.grid, sizes.referencePoints)
    show(await measureAgainstReference(kernel, scenario, few, runs))
  }
  const walk = await loadCandles({ kind: 'walk', bars: sizes.bars })
  show(measureSingleRun(kernel, walk, runs))
  show(measureOperations(kernel, walk, runs))
  const judged = synthetic.find((scenario) => scenario.judged)!
  for (const scenario of quick ? [judged] : synthetic) show(measureSweep(scenario, runs))
  show(measureGrowth(judged, thinned(judged.grid, sizes.combinations / 10), runs))
  show(measureStartUp(quick ? 1 : 2 * runs + 1))
  show(await mediansOf(runs, () => measureStorage(quick ? 3_000 : 1_000_000)))
  show(await measureBudget(quick))
  const real = quick ? undefined : await findRealSource(options, dir)
  if (real === undefined) return
  show(await measureReads(real, runs))
  show(measureSingleRun(kernel, await loadCandles(real), runs))
  show([measureColdRun(real, join(dir, 'config'), runs)])
  for (const scenario of realScenarios(real)) show(measureSweep(scenario, 1))
}

function syntheticScenarios({ bars, combinations }: Sizes): SweepScenario[] {
  const grid = (full: SmaGrid) => thinned(full, combinations)
  const walk = { kind: 'walk', bars } as const
  return [
    { name: 'walk, about 160', source: walk, grid: grid(GRIDS[160]), judged: true },
    { name: 'walk, about 500', source: walk, grid: grid(GRIDS[500]), judged: false },
    {
      name: 'choppy, about 20',
      source: { kind: 'choppy', bars },
      grid: grid(GRIDS[20]),
      judged: false,
    },
  ]
}

function realScenarios(source: LakeSource): SweepScenario[] {
  const named = [
    ['fastest 10,000 pairs', GRIDS[20], false],
    ['about 160', GRIDS[160], true],
    ['about 500', GRIDS[500], false],
  ] as const
  return named.map(([name, grid, judged]) => ({
    name: `${source.symbol} ${source.interval}, ${name}`,
    source,
    grid,
    judged,
  }))
}

/** Imports the file of `--data`, or the shared one where it exists. @throws Error when `--data` names no file */
async function findRealSource(options: BenchOptions, dir: string): Promise<LakeSource | undefined> {
  const file = options.dataFile ?? SHARED_FILE
  if (existsSync(file)) return await importCandles(file, join(dir, 'lake'))
  if (options.dataFile !== undefined) throw new Error(`--data: ${file} does not exist`)
  process.stderr.write(`no rows on real candles: ${file} does not exist, name one with --data\n`)
  return undefined
}

async function environment() {
  return {
    bun: Bun.version,
    revision: Bun.revision,
    platform: `${process.platform}-${process.arch}`,
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    kernel_sha256: await kernelHash(),
    seed: SEED,
    interval: '1m',
  }
}

async function main(options: BenchOptions): Promise<void> {
  const machine = await environment()
  const { bun, cpu, cores, kernel_sha256, seed } = machine
  const kernel = kernel_sha256.slice(0, 12)
  process.stdout.write(`bun ${bun}  kernel ${kernel}  seed ${seed}  ${cores} × ${cpu}\n`)
  process.stdout.write(`medians of ${options.runs}; synthetic series of one-minute bars\n`)
  const rows: BenchRow[] = []
  const show = (added: BenchRow[]) => {
    rows.push(...added)
    process.stdout.write(`${formatRows(added)}\n`)
  }
  const dir = mkdtempSync(join(tmpdir(), 'crypto-bench-'))
  try {
    await measure(options, dir, show)
  } finally {
    rmSync(dir, { recursive: true, force: true })
    if (options.jsonFile !== undefined) writeJson(options.jsonFile, { machine, options, rows })
  }
}

function writeJson(
  file: string,
  { machine, options, rows }: { machine: object; options: BenchOptions; rows: BenchRow[] },
): void {
  const judged = rows.map((row) => ({ ...row, meets_budget: meetsBudget(row) ?? null }))
  const document = { schema: 'bench/1', machine, quick: options.quick, runs: options.runs }
  writeFileSync(file, `${JSON.stringify({ ...document, rows: judged }, undefined, 2)}\n`)
}

if (process.argv.includes('--help')) {
  process.stdout.write(`${USAGE}\n`)
} else {
  await main(parseOptions(process.argv.slice(2)))
}
