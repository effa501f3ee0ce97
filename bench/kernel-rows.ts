import type { CandleSeries } from '../src/core/candles.ts'
import {
  CANDLE_SYMBOLS,
  OPERATIONS,
  type OperationName,
  operation,
  type Series,
} from '../src/kernel/expression.ts'
import type { Kernel } from '../src/kernel/kernel.ts'
import { compileSignals } from '../src/kernel/program.ts'
import { EXECUTION, smaCrossover } from './grids.ts'
import type { BenchRow } from './rows.ts'
import { bestSeconds, medianSeconds } from './timing.ts'

const NANO = 1e9
const PERIOD = 20
/** Columns computed per call. */
const COLUMNS = 9

/** Operations that a recurrence computes in constant time per bar: these have the budget. */
const CONSTANT_TIME: ReadonlySet<OperationName> = new Set([
  'sma',
  'ema',
  'wma',
  'wilder',
  'rsi',
  'std_dev',
  'z_score',
  'true_range',
])

/**
 * Nanoseconds per bar of every operation, warm, without copying its result out of the kernel. Best and not median
 * times, because the difference of two medians of milliseconds is mostly what else the machine does.
 */
export function measureOperations(kernel: Kernel, candles: CandleSeries, runs: number): BenchRow[] {
  const seconds = (series: readonly Series[]) =>
    perSeries(series, (some) => bestSeconds(5 * runs, () => kernel.evaluate(candles, some)))
  const perBar = (value: number) => (value * NANO) / candles.close.length
  const group = `operations, ${candles.close.length} bars, warm, best of ${5 * runs}`
  const copyOut = () => seconds(Object.values(CANDLE_SYMBOLS))
  const copyBefore = copyOut()
  const names = Object.keys(OPERATIONS) as OperationName[]
  const gross = names.map((name) => seconds(variantsOf(name)))
  const copy = Math.min(copyBefore, copyOut())
  const rows = names.map((name, i) => ({
    group,
    name,
    value: perBar(gross[i]! - copy),
    unit: 'ns/bar',
    ...(CONSTANT_TIME.has(name) ? { budget: { atMost: 2 } } : {}),
  }))
  const note = 'not counted in the others'
  return [
    ...rows,
    { group, name: 'copying a column out', value: perBar(copy), unit: 'ns/bar', note },
  ]
}

/** What one series more costs: the time of all less that of one, which leaves out what a call costs by itself. */
function perSeries(
  series: readonly Series[],
  seconds: (some: readonly Series[]) => number,
): number {
  return (seconds(series) - seconds(series.slice(0, 1))) / (series.length - 1)
}

/** Several nodes of one operation, all different, so that none is computed once for all. */
function variantsOf(name: OperationName): readonly Series[] {
  return Array.from({ length: COLUMNS }, (_, variant) => variantOf(name, variant))
}

function variantOf(name: OperationName, variant: number) {
  const { close, open, high, low } = CANDLE_SYMBOLS
  const { inputs, params } = OPERATIONS[name]
  if (params > 0) return operation(name, [close], [PERIOD + variant])
  const first = [high, low, close, open][variant % 4]!
  const second = [close, open, high, low][(variant >> 2) % 4]!
  return operation(name, inputs === 3 ? [first, second, close] : [first, second])
}

/** One backtest with its trades and equity curve, and its row alone. */
export function measureSingleRun(kernel: Kernel, candles: CandleSeries, runs: number): BenchRow[] {
  const program = compileSignals(smaCrossover)
  const point = Float64Array.of(20, 130)
  const window = { first: 130, end: candles.close.length }
  kernel.setMarket({ candles, window, execution: EXECUTION })
  const group = `single run in the kernel, ${candles.close.length} bars, warm`
  const row = (name: string, seconds: number) => ({
    group,
    name,
    value: seconds * 1000,
    unit: 'ms',
    budget: { atMost: 20 },
  })
  return [
    row(
      'metrics: averages, signals, simulation',
      medianSeconds(runs, () => kernel.runPoints(program, point)),
    ),
    row(
      'the same with trades and equity curve',
      medianSeconds(runs, () => kernel.trace(program, point)),
    ),
  ]
}
