import { expect } from 'bun:test'
import type { runSignals } from '../../bench/reference/engine.ts'
import { evaluateScalar, type Operands, type Point } from '../../bench/reference/evaluate.ts'
import { METRICS } from '../../src/core/metrics.ts'
import type { Signals } from '../../src/kernel/expression.ts'
import { compileSignals, type SignalProgram } from '../../src/kernel/program.ts'
import type { MarketInput } from '../../src/kernel/types.ts'
import { expectMetrics, expectSeries, expectTrades } from './agreement.ts'
import { kernel } from './kernel.ts'
import { boundSeries, strategyOf } from './strategies.ts'

/** Operands whose series are the kernel's own values. */
export function kernelOperands(market: MarketInput, point: Point): Operands {
  return {
    bars: market.candles.close.length,
    series: (node) => [...kernel.evaluate(market.candles, [boundSeries(node, point)])[0]!],
    scalar: (node) => evaluateScalar(node, point),
  }
}

/** The point's values in the program's order. */
export function pack(program: SignalProgram, point: Point): Float64Array {
  return Float64Array.from(program.params, (name) => point[name]!)
}

/** Runs one point in the kernel both ways and holds it to a reference result. */
export function expectAgreement(
  market: MarketInput,
  generated: Signals,
  point: Point,
  reference: ReturnType<typeof runSignals>,
): void {
  const program = compileSignals(strategyOf(generated))
  kernel.setMarket(market)
  const row = kernel.runPoints(program, pack(program, point))
  const trace = kernel.trace(program, pack(program, point))
  expect(row).toHaveLength(METRICS.length)
  expect([...trace.metrics]).toEqual([...row])
  if (Number.isNaN(reference.metrics.final_equity)) {
    expectNoFigures(row)
    return
  }
  expectMetrics({ market, row, reference })
  expectTrades(trace.trades, reference)
  expectSeries(trace.equity, reference.equity)
  expectSeries(trace.drawdown, reference.drawdown, 1)
  expectSeries(trace.exposure, reference.exposure)
}

/** Beyond the range of a double only what is counted remains. */
function expectNoFigures(row: Float64Array): void {
  const figures = METRICS.filter((_, i) => !Number.isNaN(row[i]!))
  expect(figures).toEqual(['exposure', 'trades'])
}
