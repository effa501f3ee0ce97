import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import fc from 'fast-check'
import {
  arraysOf,
  evaluateSignals,
  type ReferenceResult,
  runSignals,
} from '../../bench/reference/engine.ts'
import { operandsOf } from '../../bench/reference/evaluate.ts'
import { METRICS, type MetricName } from '../../src/core/metrics.ts'
import { compileSignals } from '../../src/kernel/program.ts'
import type { MarketInput } from '../../src/kernel/types.ts'
import { falls, isNearTolerance } from './edge-figures.ts'
import { EDGE_SIGNALS, type EdgeCase, edgeCases, edgeMarket } from './edges.ts'
import { expectAgreement } from './judged.ts'
import { kernel } from './kernel.ts'
import { strategyOf } from './strategies.ts'

setDefaultTimeout(60_000)

const TOLERANCE = 1e-12
const program = compileSignals(strategyOf(EDGE_SIGNALS))
const anyPoint = new Float64Array(program.params.length)
const UNBOUNDED: readonly MetricName[] = ['sortino', 'calmar', 'profit_factor']

function referenceOf(market: MarketInput): ReferenceResult {
  const operands = operandsOf(arraysOf(market.candles), {})
  return runSignals(market, evaluateSignals(EDGE_SIGNALS, operands))
}

describe('rounding, ties, ruin and overflow', () => {
  test('prop_edges: the sparse simulation equals one bar at a time', () => {
    fc.assert(
      fc.property(edgeCases, (made) => {
        const market = edgeMarket(made)
        const reference = referenceOf(market)
        fc.pre(!isNearTolerance(market, reference))
        expectAgreement(market, EDGE_SIGNALS, {}, reference)
      }),
      { numRuns: 2000 },
    )
  })

  test('prop_edges_occur: every rule of the tolerance and of ruin decides some of the cases', () => {
    const seen = Object.fromEntries(Object.keys(EDGES).map((name) => [name, 0]))
    for (const made of fc.sample(edgeCases, { numRuns: 3000, seed: 3 })) {
      const market = edgeMarket(made)
      const reference = referenceOf(market)
      for (const [name, holds] of Object.entries(EDGES)) {
        seen[name]! += Number(holds(reference, made, market))
      }
    }
    expect(Object.entries(seen).filter(([, count]) => count < 15)).toEqual([])
  })

  test('prop_never_infinite: a row holds numbers, NaN and the marker of what is unbounded', () => {
    const capitals = fc.constantFrom(5e-324, 1e-310, 1e-300, 1e280, 1e307, Number.MAX_VALUE)
    fc.assert(
      fc.property(edgeCases, capitals, (made, initial_capital) => {
        const execution = { ...made.execution, initial_capital }
        kernel.setMarket(edgeMarket({ ...made, execution }))
        const row = kernel.runPoints(program, anyPoint)
        expect(row).toHaveLength(METRICS.length)
        const wrong = METRICS.filter((name, i) => {
          const value = row[i]!
          if (Object.is(value, -0)) return true
          return UNBOUNDED.includes(name) ? value === -Infinity : Math.abs(value) === Infinity
        })
        expect(wrong).toEqual([])
      }),
      { numRuns: 1500 },
    )
  })
})

type Edge = (run: ReferenceResult, made: EdgeCase, market: MarketInput) => boolean

const isBustByExit = ({ bust, trades }: ReferenceResult) => bust && trades.at(-1)!.exitBar !== -1

/** What must occur among the cases, and how it shows in a result. */
const EDGES: Record<string, Edge> = {
  unboundedSortino: ({ metrics }) => metrics.sortino === Infinity,
  unboundedCalmar: ({ metrics }) => metrics.calmar === Infinity,
  unboundedProfitFactor: ({ metrics }) => metrics.profit_factor === Infinity,
  noGainAndNoLoss: ({ metrics, bust }) =>
    !bust && metrics.trades > 0 && Number.isNaN(metrics.profit_factor),
  bustByExit: isBustByExit,
  bustLongBeforeTheEnd: (run) =>
    isBustByExit(run) && run.trades.at(-1)!.exitBar < run.equity.length / 2,
  bustAtTheEnd: ({ bust, trades }) => bust && trades.at(-1)!.exitBar === -1,
  overflow: ({ metrics }) => Number.isNaN(metrics.final_equity),
  fallBelowTheTolerance: (run, made) =>
    run.metrics.max_drawdown === 0 && falls(run, made).some(({ raw }) => raw > 0),
  equallyDeepFalls: (run, made) =>
    falls(run, made).filter(({ depth }) => isNear(depth, run.metrics.max_drawdown)).length > 1,
  equallyDeepButForRounding: (run, made) => {
    const depths = falls(run, made).map(({ depth }) => depth)
    const equal = depths.filter((depth) => isNear(depth, run.metrics.max_drawdown))
    return run.metrics.max_drawdown > 0.01 && new Set(equal).size > 1
  },
  recoveryShortOfThePeak: (run, made) => falls(run, made).some(({ shortOfPeak }) => shortOfPeak),
  breakEvenButForRounding: ({ trades }) =>
    trades.some(
      (trade) => trade.exitBar !== -1 && trade.pnl !== 0 && Math.abs(trade.return) < TOLERANCE,
    ),
  stillButForRounding: ({ metrics, trades, equity }) =>
    metrics.volatility === 0 && trades.length > 0 && new Set(equity).size > 1,
  sameCloses: ({ equity }) => equity.length > 20 && new Set(equity).size < equity.length / 4,
}

function isNear(a: number, b: number): boolean {
  return b > 0 && Math.abs(a - b) < TOLERANCE
}
