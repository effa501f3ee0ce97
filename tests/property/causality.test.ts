import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import fc from 'fast-check'
import {
  CANDLE_SYMBOLS,
  OPERATIONS,
  type OperationName,
  operation,
  type Series,
} from '../../src/kernel/expression.ts'
import { compileSignals } from '../../src/kernel/program.ts'
import { candlesOf, executions, truncated, walks, withOtherFuture } from './candles.ts'
import { kernel } from './kernel.ts'
import { anySeries, boundSeries, points, signals, strategyOf } from './strategies.ts'

setDefaultTimeout(60_000)

const { open, high, low } = CANDLE_SYMBOLS

/** A walk and one of its bars: what comes after that bar is the future. */
const cuts = walks().chain((walk) =>
  fc.record({
    walk: fc.constant(walk),
    bar: fc.integer({ min: 1, max: walk.bars }),
    seed: fc.integer(),
  }),
)

const periods = fc.integer({ min: 1, max: 70 })

/** Bytes and not values, so that -0 and NaN count too. */
const bytesOf = (values: Float64Array) => [...new BigUint64Array(values.slice().buffer)]

function expectCausal(
  node: Series,
  cut: { walk: Parameters<typeof candlesOf>[0]; bar: number; seed: number },
): void {
  const candles = candlesOf(cut.walk)
  const past = (values: Float64Array) => bytesOf(values.subarray(0, cut.bar))
  const known = past(kernel.evaluate(candles, [node])[0]!)
  expect(past(kernel.evaluate(withOtherFuture(candles, cut.bar, cut.seed), [node])[0]!)).toEqual(
    known,
  )
  expect(past(kernel.evaluate(truncated(candles, cut.bar), [node])[0]!)).toEqual(known)
}

describe('no value depends on the future', () => {
  for (const name of Object.keys(OPERATIONS) as OperationName[]) {
    test(`prop_${name}_is_causal`, () => {
      const { inputs, params } = OPERATIONS[name]
      fc.assert(
        fc.property(cuts, periods, (cut, period) => {
          const columns = [high, low, open].slice(0, inputs)
          expectCausal(operation(name, columns, params === 0 ? [] : [period]), cut)
        }),
        { numRuns: 30 },
      )
    })
  }

  test('prop_graphs_are_causal', () => {
    fc.assert(
      fc.property(cuts, anySeries, points, (cut, node, point) => {
        expectCausal(boundSeries(node, point), cut)
      }),
      { numRuns: 80 },
    )
  })

  test('prop_strategies_are_causal: what was traded up to a bar does not change with later bars', () => {
    fc.assert(
      fc.property(cuts, signals, points, executions, (cut, generated, point, execution) => {
        const candles = candlesOf(cut.walk)
        const program = compileSignals(strategyOf(generated))
        const packed = Float64Array.from(program.params, (name) => point[name as 'fast'])
        const equityUpToCut = (all: typeof candles) => {
          kernel.setMarket({ candles: all, window: { first: 0, end: all.close.length }, execution })
          const { equity, exposure } = kernel.trace(program, packed)
          return [equity, exposure].map((values) => bytesOf(values.subarray(0, cut.bar)))
        }
        const known = equityUpToCut(candles)
        expect(equityUpToCut(withOtherFuture(candles, cut.bar, cut.seed))).toEqual(known)
        expect(equityUpToCut(truncated(candles, cut.bar))).toEqual(known)
      }),
      { numRuns: 150 },
    )
  })
})
