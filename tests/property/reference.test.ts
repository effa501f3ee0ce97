import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import fc from 'fast-check'
import { arraysOf, type ReferenceResult, runReference } from '../../bench/reference/engine.ts'
import { evaluateSeries } from '../../bench/reference/evaluate.ts'
import type { MarketInput } from '../../src/kernel/types.ts'
import { agrees } from './agreement.ts'
import { candlesOf, marketCases, marketOf, walks, withOtherFuture } from './candles.ts'
import { anySeries, points, signals } from './strategies.ts'

setDefaultTimeout(60_000)

/** Equity at the close of `bar`, rebuilt from the list of trades alone. */
function equityFromTrades(result: ReferenceResult, market: MarketInput, bar: number): number {
  const { candles, execution } = market
  const closed = result.trades.filter(({ exitBar }) => exitBar !== -1 && exitBar <= bar)
  const held = result.trades.find(
    ({ entryBar, exitBar }) => entryBar <= bar && (exitBar === -1 || exitBar > bar),
  )
  const realised = closed.reduce((sum, { pnl }) => sum + pnl, execution.initial_capital)
  if (held === undefined) return realised
  const entryFee = held.size * held.entryPrice * execution.commission
  return realised + held.size * (candles.close[bar]! - held.entryPrice) - entryFee
}

describe('the reference engine', () => {
  test('prop_cash_and_position_are_equity: the trades explain the equity of every bar', () => {
    fc.assert(
      fc.property(marketCases({ barsMax: 120 }), signals, points, (made, generated, point) => {
        const market = marketOf(made)
        const result = runReference(market, generated, point)
        const far = result.equity.filter((equity, i) => {
          const rebuilt = equityFromTrades(result, market, market.window.first + i)
          return !agrees(equity, rebuilt, market.execution.initial_capital)
        })
        expect(far).toEqual([])
      }),
      { numRuns: 150 },
    )
  })

  test('prop_costs_never_help: the same signals without costs end with at least as much', () => {
    fc.assert(
      fc.property(marketCases({ barsMax: 120 }), signals, points, (made, generated, point) => {
        const market = marketOf(made)
        const execution = { ...market.execution, commission: 0, slippage: 0 }
        const free = runReference({ ...market, execution }, generated, point)
        const paid = runReference(market, generated, point)
        expect(paid.metrics.final_equity).toBeLessThanOrEqual(
          free.metrics.final_equity * (1 + 1e-12),
        )
        expect(paid.trades.length).toBe(free.trades.length)
      }),
      { numRuns: 100 },
    )
  })

  test('prop_reference_is_causal: a value does not change with later candles', () => {
    const cases = fc.record({ walk: walks({ barsMax: 80 }), seed: fc.integer(), share: fc.nat(99) })
    fc.assert(
      fc.property(cases, anySeries, points, ({ walk, seed, share }, node, point) => {
        const candles = candlesOf(walk)
        const bar = Math.ceil((walk.bars * share) / 100)
        const values = evaluateSeries(node, arraysOf(candles), point)
        const others = evaluateSeries(node, arraysOf(withOtherFuture(candles, bar, seed)), point)
        expect(others.slice(0, bar)).toEqual(values.slice(0, bar))
      }),
      { numRuns: 100 },
    )
  })
})
