import { METRICS } from '../src/core/metrics.ts'
import type { Kernel } from '../src/kernel/kernel.ts'
import { compileSignals } from '../src/kernel/program.ts'
import type { MarketInput } from '../src/kernel/types.ts'
import { EXECUTION, pointsOf, type SmaGrid, smaCrossover, warmupOf } from './grids.ts'
import { arraysOf, evaluateSignals, runReference, runSignals } from './reference/engine.ts'
import { operandsOf } from './reference/evaluate.ts'
import type { BenchRow } from './rows.ts'
import { loadCandles } from './source.ts'
import type { SweepScenario } from './sweep-rows.ts'
import { medianSeconds, secondsOf } from './timing.ts'

const TOLERANCE = 1e-12

/**
 * Checks that kernel and reference give the same metrics on a few points of a scenario, then times both on them.
 * @throws Error naming the metric and both values when they differ
 */
export async function measureAgainstReference(
  kernel: Kernel,
  scenario: SweepScenario,
  few: SmaGrid,
  runs: number,
): Promise<BenchRow[]> {
  const candles = await loadCandles(scenario.source)
  const window = { first: warmupOf(few), end: candles.close.length }
  const market: MarketInput = { candles, window, execution: EXECUTION }
  const program = compileSignals(smaCrossover)
  const points = pointsOf(few)
  kernel.setMarket(market)
  const table = kernel.runPoints(program, points)
  const reference = timeReference(market, points, (metrics, row) =>
    requireEqual(metrics, table.subarray(row * METRICS.length, (row + 1) * METRICS.length)),
  )
  const kernelSeconds = medianSeconds(runs, () => kernel.runPoints(program, points))
  const work = (window.end - window.first) * (points.length / 2)
  const perBar = (seconds: number) => (seconds * 1e9) / work
  const group = `against the reference: ${scenario.name}`
  const note = `${points.length / 2} combinations, equal to ${TOLERANCE}`
  const row = (name: string, value: number, unit: string) => ({ group, name, value, unit })
  return [
    { ...row('reference, whole backtest', perBar(reference.whole), 'ns/bar·comb'), note },
    row('reference, signals given', perBar(reference.simulation), 'ns/bar·comb'),
    row('kernel, whole backtest', perBar(kernelSeconds), 'ns/bar·comb'),
    row('kernel over reference', reference.whole / kernelSeconds, '×'),
    row('kernel over reference, signals given', reference.simulation / kernelSeconds, '×'),
  ]
}

type Check = (metrics: ReturnType<typeof runReference>['metrics'], row: number) => void

/** Seconds that the reference takes for all points, and for the part after the signals are known. */
function timeReference(market: MarketInput, points: Float64Array, check: Check) {
  const signals = compileSignals(smaCrossover).signals
  let whole = 0
  let simulation = 0
  for (let row = 0; row < points.length / 2; row++) {
    const point = { fast_period: points[2 * row]!, slow_period: points[2 * row + 1]! }
    whole += secondsOf(() => check(runReference(market, signals, point).metrics, row))
    const bits = evaluateSignals(signals, operandsOf(arraysOf(market.candles), point))
    simulation += secondsOf(() => runSignals(market, bits))
  }
  return { whole, simulation }
}

function requireEqual(expected: Parameters<Check>[0], actual: Float64Array): void {
  METRICS.forEach((name, i) => {
    const [a, b] = [actual[i]!, expected[name]]
    const near = Math.abs(a - b) <= TOLERANCE * Math.max(1, Math.abs(b))
    if (!near && !Object.is(a, b)) {
      throw new Error(`${name}: the kernel says ${a}, the reference ${b}`)
    }
  })
}
