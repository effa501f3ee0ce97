import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { runBacktest } from '../../../src/backtesting/run/index.ts'
import { runSweep, type SweepSpec, type SweepWorker } from '../../../src/backtesting/sweep/index.ts'
import type { CandleSeries } from '../../../src/core/candles.ts'
import { isNoLoss, METRICS } from '../../../src/core/metrics.ts'
import { Kernel } from '../../../src/kernel/kernel.ts'
import type { MarketInput } from '../../../src/kernel/types.ts'
import { continuity } from '../../support/continuity.ts'
import { FREE } from '../../support/execution.ts'
import { crossProgram, depsOf, flatCandles, specOf } from './harness.ts'

setDefaultTimeout(60_000)

const root = join(import.meta.dir, '../../..')
const kernelModule = new WebAssembly.Module(
  readFileSync(join(root, 'core-wasm/pkg/core_wasm_bg.wasm')),
)
const createWorker = (): SweepWorker => new Worker(join(root, 'src/app/backtest/sweep-worker.ts'))
const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** A fixed walk that rises and falls in waves of several lengths, so that crossings are frequent. */
function wavyCandles(bars: number): CandleSeries {
  const flat = flatCandles(bars)
  let noise = 12_345
  for (let i = 0; i < bars; i++) {
    noise = (noise * 1_103_515_245 + 12_345) % 2_147_483_648
    const wave = Math.abs((i % 97) - 48) + Math.abs((i % 31) - 15) + noise / 2_147_483_648
    flat.close[i] = 100 + wave
    flat.open[i] = i === 0 ? flat.close[i]! : flat.close[i - 1]!
    flat.high[i] = Math.max(flat.open[i]!, flat.close[i]!) + 0.5
    flat.low[i] = Math.min(flat.open[i]!, flat.close[i]!) - 0.5
  }
  return flat
}

const market: MarketInput = {
  candles: wavyCandles(3_000),
  window: { first: 100, end: 3_000 },
  execution: { ...FREE, commission: 0.001, slippage: 0.0005 },
}

function kernelSpec(overrides: Partial<SweepSpec> = {}): SweepSpec {
  const axes = [
    { name: 'fast', integer: true, values: { from: 2, to: 20, step: 2 } },
    { name: 'slow', integer: true, values: { from: 5, to: 60, step: 5 } },
    { name: 'threshold', integer: false, values: [0, 110, 130] },
  ]
  const spec = specOf({ market, warmupBars: 100, constraints: ['trades >= 3'], axes, ...overrides })
  folders.push(spec.outputDir)
  return spec
}

const deps = depsOf({ kernelModule, createWorker })
const reference = await runSweep(kernelSpec(), deps)

describe('a sweep on the real kernel', () => {
  test('finds trades and ranks them', () => {
    expect(reference.completed).toBe(reference.combinations)
    expect(reference.eligible).toBeGreaterThan(50)
    expect(reference.top).toHaveLength(10)
  })

  for (const workers of [1, 2, 7]) {
    for (const blockPoints of [1, 17, 0]) {
      test(`has the same digest for ${workers} workers and blocks of ${blockPoints}`, async () => {
        const { digest } = await runSweep(kernelSpec({ workers, blockPoints }), deps)
        expect(digest).toBe(reference.digest)
      })
    }
  }

  test('agrees with a single run of the same parameters bit for bit, row by row', () => {
    const kernel = Kernel.load(kernelModule)
    const lines = readFileSync(reference.rowsFile, 'utf8').trimEnd().split('\n').slice(1)
    for (const line of lines.filter((_, i) => i % 20 === 0)) {
      const numbers = line.split(',').slice(0, 3 + METRICS.length)
      const cells = numbers.map((cell) => (cell === '' ? null : Number(cell)))
      const [fast, slow, threshold] = cells as number[]
      const params = { fast: fast!, slow: slow!, threshold: threshold! }
      const program = crossProgram()
      const names = { backtest: 'b', strategy: 's', type: 't', symbol: 'BTCUSDT', interval: '1h' }
      const { row } = runBacktest(
        { ...names, program, params, market, continuity: continuity(4) },
        kernel,
      )
      const { metrics } = row
      const asWritten = METRICS.map((name) =>
        isNoLoss(name, metrics[name]) ? null : metrics[name],
      )
      expect(asWritten).toEqual(cells.slice(3, 3 + METRICS.length))
    }
  })
})

describe('buy and hold on the real kernel', () => {
  test('buys on the first bar that may act, pays its costs and stays in', () => {
    const names = { backtest: 'b', strategy: 's', type: 't', symbol: 'BTCUSDT', interval: '1h' }
    const params = { fast: 5, slow: 20, threshold: 0 }
    const spec = { ...names, program: crossProgram(), params, market, continuity: continuity(4) }
    const { row } = runBacktest(spec, Kernel.load(kernelModule))
    const { candles, window, execution } = market
    const price = candles.open[window.first + 1]! * (1 + execution.slippage)
    const size = execution.initial_capital / (price * (1 + execution.commission))
    expect(row.benchmark.fees).toBeCloseTo(size * price * execution.commission, 6)
    expect(row.benchmark.final_equity).toBeCloseTo(size * candles.close[window.end - 1]!, 6)
    expect(row.benchmark.exposure).toBeGreaterThan(0.999)
  })
})
