import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import fc from 'fast-check'
import { arraysOf } from '../../bench/reference/engine.ts'
import { evaluateSeries, isSeries } from '../../bench/reference/evaluate.ts'
import type { CandleSeries } from '../../src/core/candles.ts'
import {
  CANDLE_SYMBOLS,
  OPERATIONS,
  type OperationName,
  type OperationNode,
  operation,
  type Series,
} from '../../src/kernel/expression.ts'
import { compileSignals } from '../../src/kernel/program.ts'
import { candlesOf, walks } from './candles.ts'
import { kernel } from './kernel.ts'
import { anySeries, boundSeries, comparisonsIn, points, signals, strategyOf } from './strategies.ts'

setDefaultTimeout(60_000)

const TOLERANCE = 1e-9
const { high, low, close, open } = CANDLE_SYMBOLS

/** An operation directly over candle columns, with a period up to past the end of the data. */
function direct(name: OperationName): fc.Arbitrary<OperationNode> {
  const { inputs, params } = OPERATIONS[name]
  const columns = inputs === 3 ? [high, low, close] : [close, open].slice(0, inputs)
  const isPeriod = name !== 'scale' && name !== 'offset'
  const value = isPeriod
    ? fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constantFrom(1, 2, 63, 64, 65, 300))
    : fc.double({ min: -5, max: 5, noNaN: true })
  return params === 0
    ? fc.constant(operation(name, columns))
    : value.map((param) => operation(name, columns, [param]))
}

/**
 * Fails with the first bar that differs: NaN on exactly the same bars, values to 1e-9 of the greater of themselves and
 * `scale`, the size of what cancels inside (a thousandth of the price for a deviation of nearly equal prices).
 */
function expectValues(
  actual: Float64Array,
  expected: readonly number[],
  scale: number | ((bar: number) => number),
): void {
  expect(actual.length).toBe(expected.length)
  const scaleAt = typeof scale === 'number' ? () => scale : scale
  const bar = expected.findIndex((value, i) => !near(actual[i]!, value, scaleAt(i)))
  const found = { bar, actual: actual[bar], expected: expected[bar] }
  expect(found).toEqual({ bar: -1, actual: undefined, expected: undefined })
}

function near(actual: number, expected: number, scale: number): boolean {
  if (Number.isNaN(expected) || Number.isNaN(actual)) return Object.is(actual, expected)
  return Math.abs(actual - expected) <= TOLERANCE * Math.max(Math.abs(expected), scale)
}

/**
 * A z-score divides a difference by a deviation: where that is a millionth of the values, rounding of the mean (by the
 * definition, not by the kernel, which takes differences first) weighs a million times as much.
 */
function scaleOf(node: OperationNode, candles: CandleSeries): number | ((bar: number) => number) {
  if (node.operation === 'rate_of_change') return 1
  if (node.operation !== 'z_score') return 0.1
  const deviation = operation('std_dev', node.inputs, node.params)
  const deviations = [...evaluateSeries(deviation, arraysOf(candles), {})]
  const sizes = [...evaluateSeries(node.inputs[0]!, arraysOf(candles), {})]
  return (bar) => 1 + (1e-6 * Math.abs(sizes[bar]!)) / deviations[bar]!
}

describe('kernel operations equal their textbook definitions', () => {
  for (const name of Object.keys(OPERATIONS) as OperationName[]) {
    test(`prop_${name}_of_candles`, () => {
      fc.assert(
        fc.property(walks({ barsMax: 400 }), direct(name), (walk, node) => {
          const candles = candlesOf(walk)
          const expected = evaluateSeries(node, arraysOf(candles), {})
          expectValues(kernel.evaluate(candles, [node])[0]!, [...expected], scaleOf(node, candles))
        }),
        { numRuns: 60 },
      )
    })
  }

  test('prop_nested: any graph is undefined on the same bars as by definition', () => {
    fc.assert(
      fc.property(walks({ flat: false }), anySeries, points, (walk, node, point) => {
        const candles = candlesOf(walk)
        const expected = evaluateSeries(node, arraysOf(candles), point)
        const actual = kernel.evaluate(candles, [boundSeries(node, point)])[0]!
        expect([...actual].map(Number.isNaN)).toEqual(expected.map(Number.isNaN))
      }),
      { numRuns: 150 },
    )
  })

  test('prop_together: a series has the same bits alone and among others', () => {
    fc.assert(
      fc.property(walks(), fc.array(anySeries, { maxLength: 5 }), points, (walk, nodes, point) => {
        const candles = candlesOf(walk)
        const bound = nodes.map((node) => boundSeries(node, point))
        const together = kernel.evaluate(candles, bound)
        const alone = bound.map((node) => kernel.evaluate(candles, [node])[0]!)
        expect(together.map((values) => [...values])).toEqual(alone.map((values) => [...values]))
      }),
      { numRuns: 60 },
    )
  })

  test('prop_lookback: every signal is defined after the look-back and waits at most one bar', () => {
    fc.assert(
      fc.property(fc.integer(), signals, points, (seed, generated, point) => {
        const walk = { seed, bars: 250, intervalMs: 60_000, flat: 0, gap: 0, volatility: 0.01 }
        const candles = arraysOf(candlesOf(walk))
        const all = [...comparisonsIn(generated.enterLong), ...comparisonsIn(generated.exitLong)]
        const firsts = all.map(({ kind, left, right }) => {
          const sides = isSeries(right) ? [left, right] : [left]
          const first = sides.map((side) =>
            firstDefined(evaluateSeries(withoutZScore(side), candles, point)),
          )
          return {
            defined: Math.max(...first),
            judged: Math.max(...first) + Number(kind === 'cross'),
          }
        })
        const program = compileSignals(strategyOf(generated))
        const packed = program.params.map((name) => point[name as keyof typeof point])
        const bars = kernel.lookback(program, packed)
        expect(bars).toBeGreaterThanOrEqual(Math.max(...firsts.map(({ judged }) => judged)))
        expect(bars).toBeLessThanOrEqual(Math.max(...firsts.map(({ defined }) => defined)) + 1)
      }),
      { numRuns: 150 },
    )
  })
})

/** Index of the first defined value; the length when there is none. */
function firstDefined(values: readonly number[]): number {
  const found = values.findIndex((value) => !Number.isNaN(value))
  return found === -1 ? values.length : found
}

/** Replaces z-scores, which equal values leave undefined, by deviations: the same look-back, always defined. */
function withoutZScore(node: Series): Series {
  if (node.kind === 'column') return node
  const name = node.operation === 'z_score' ? 'std_dev' : node.operation
  return operation(name, node.inputs.map(withoutZScore), node.params)
}
