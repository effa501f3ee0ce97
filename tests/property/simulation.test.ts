import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import fc from 'fast-check'
import {
  arraysOf,
  evaluateSignals,
  runReference,
  runSignals,
} from '../../bench/reference/engine.ts'
import { isSeries, operandsOf, type Point } from '../../bench/reference/evaluate.ts'
import type { Signals } from '../../src/kernel/expression.ts'
import type { MarketInput } from '../../src/kernel/types.ts'
import { marketCases, marketOf } from './candles.ts'
import { expectAgreement, kernelOperands } from './judged.ts'
import { comparisonsIn, points, signals } from './strategies.ts'

setDefaultTimeout(60_000)

describe('the sparse simulation equals one bar at a time', () => {
  test('prop_fills_and_metrics: on the values of the kernel, for any graph, window and costs', () => {
    fc.assert(
      fc.property(marketCases(), signals, points, (made, generated, point) => {
        const market = marketOf(made)
        const bits = evaluateSignals(generated, kernelOperands(market, point))
        expectAgreement(market, generated, point, runSignals(market, bits))
      }),
      { numRuns: 600 },
    )
  })

  test('prop_whole_backtest: indicators, signals, fills and metrics where no two values tie', () => {
    fc.assert(
      fc.property(marketCases({ flat: false }), signals, points, (made, generated, point) => {
        const market = marketOf(made)
        fc.pre(!hasNearTie(market, generated, point))
        expectAgreement(market, generated, point, runReference(market, generated, point))
      }),
      { numRuns: 200 },
    )
  })

  test('prop_corners: no trades, always in position, open at the end occur and agree', () => {
    const seen = { none: 0, always: 0, open: 0, single: 0, pair: 0, undefinedMetric: 0 }
    fc.assert(
      fc.property(marketCases({ barsMax: 60 }), signals, points, (made, generated, point) => {
        const market = marketOf(made)
        const bits = evaluateSignals(generated, kernelOperands(market, point))
        const { trades, exposure, metrics } = runSignals(market, bits)
        seen.none += Number(trades.length === 0)
        seen.always += Number(exposure.every((held) => held === 1))
        seen.open += Number(trades.at(-1)?.exitBar === -1)
        seen.single += Number(exposure.length === 1)
        seen.pair += Number(exposure.length === 2)
        seen.undefinedMetric += Number(Object.values(metrics).some(Number.isNaN))
      }),
      { numRuns: 200, seed: 7 },
    )
    expect(Object.values(seen).every((count) => count >= 5)).toBe(true)
  })
})

/** True when the sides of some comparison come within rounding of each other, so that a bit may differ. */
function hasNearTie(market: MarketInput, generated: Signals, point: Point): boolean {
  const operands = operandsOf(arraysOf(market.candles), point)
  const all = [...comparisonsIn(generated.enterLong), ...comparisonsIn(generated.exitLong)]
  return all.some(({ left, right }) => {
    const other = isSeries(right) ? operands.series(right) : operands.scalar(right)
    return operands.series(left).some((value, bar) => {
      const against = typeof other === 'number' ? other : other[bar]!
      const size = Math.max(1, Math.abs(value), Math.abs(against))
      return Math.abs(value - against) <= 1e-9 * size
    })
  })
}
