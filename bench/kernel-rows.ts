import type { CandleSeries } from '../src/core/candles.ts'
import {
  CANDLE_SYMBOLS,
  OPERATIONS,
  type OperationName,
  operation,
} from '../src/kernel/expression.ts'
import type { Kernel } from '../src/kernel/kernel.ts'
import { compileSignals } from '../src/kernel/program.ts'
import { EXECUTION, smaCrossover } from './grids.ts'
import type { BenchRow } from './rows.ts'
import { medianSeconds } from './timing.ts'

const NANO = 1e9
const PERIOD = 20
/** Columns computed per call; the difference to one column leaves out what a call costs by itself. */
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

/** Nanoseconds per bar of every operation, warm, its result copied out included. */
export function measureOperations(kernel: Kernel, candles: CandleSeries, runs: number): BenchRow[] {
  return (Object.keys(OPERATIONS) as OperationName[]).map((name) => ({
    group: `operations, ${candles.close.length} bars, warm`,
    name,
    value: nanosecondsPerBar(kernel, candles, name, runs),
    unit: 'ns/bar',
    ...(CONSTANT_TIME.has(name) ? { budget: { atMost: 2 } } : {}),
  }))
}

function nanosecondsPerBar(
  kernel: Kernel,
  candles: CandleSeries,
  name: OperationName,
  runs: number,
): number {
  const series = Array.from({ length: COLUMNS }, (_, i) => variantOf(name, i))
  const one = medianSeconds(runs, () => kernel.evaluate(candles, series.slice(0, 1)))
  const all = medianSeconds(runs, () => kernel.evaluate(candles, series))
  return ((all - one) * NANO) / (COLUMNS - 1) / candles.close.length
}

/** Nodes that differ, so that none is computed once for all. */
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
