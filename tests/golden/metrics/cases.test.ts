import { describe, expect, test } from 'bun:test'
import { loadKernel } from '../../../bench/kernel-module.ts'
import type { Execution } from '../../../src/core/execution.ts'
import { METRICS, type MetricName } from '../../../src/core/metrics.ts'
import {
  above,
  below,
  CANDLE_SYMBOLS,
  operation,
  type Signals,
} from '../../../src/kernel/expression.ts'
import { compileSignals } from '../../../src/kernel/program.ts'
import type { MarketInput } from '../../../src/kernel/types.ts'
import { createRandom, emptyColumns, seriesOf } from '../../property/candles.ts'
import { EDGE_SIGNALS } from '../../property/edges.ts'
import { strategyOf } from '../../property/strategies.ts'
import { FREE } from '../../support/execution.ts'

/** Inputs on which rounding once decided figures. The right values follow from the definitions in docs/metrics.md. */
const HOUR_MS = 3_600_000
const kernel = await loadKernel()
const { close } = CANDLE_SYMBOLS
const free: Execution = { ...FREE, fill: 'close' }

/** Hourly candles of these closes; each opens where the one before closed. Every fourth asks to buy or to sell. */
function marketOf(closes: readonly number[], execution: Execution): MarketInput {
  const columns = emptyColumns(closes.length)
  for (const [bar, price] of closes.entries()) {
    const open = closes[Math.max(0, bar - 1)]!
    columns.openTime[bar] = Date.UTC(2024, 0, 1) + bar * HOUR_MS
    columns.open[bar] = open
    columns.high[bar] = Math.max(open, price)
    columns.low[bar] = Math.min(open, price)
    columns.close[bar] = price
    columns.volume[bar] = [1, 0, -1, 0][bar % 4]!
  }
  const candles = seriesOf(HOUR_MS, columns)
  return { candles, window: { first: 0, end: closes.length }, execution }
}

function trace(market: MarketInput, signals: Signals) {
  kernel.setMarket(market)
  const program = compileSignals(strategyOf(signals))
  const run = kernel.trace(program, new Float64Array(program.params.length))
  const row = Object.fromEntries(METRICS.map((name, i) => [name, run.metrics[i]!]))
  return { ...run, row: row as Record<MetricName, number> }
}

describe('rising candles', () => {
  const closes = Array.from({ length: 900 }, (_, bar) => bar).reduce<number[]>(
    (made) => [...made, made.length === 0 ? 100 : made.at(-1)! * 1.001],
    [],
  )
  const always: Signals = { enterLong: above(close, 0), exitLong: below(close, 0) }

  test('held all the time they have no drawdown, and calmar is unbounded', () => {
    // Bought at 100.1, so that size · price is not the cash that was paid, in the last bit.
    const { row } = trace(marketOf(closes.slice(1), free), always)
    expect(row).toMatchObject({ max_drawdown: 0, max_drawdown_days: 0, calmar: Infinity })
    expect(row.sortino).toBe(Infinity)
  })

  test('bought and sold without costs every fourth bar they have none either', () => {
    const { row } = trace(marketOf(closes, free), EDGE_SIGNALS)
    expect(row.trades).toBeGreaterThan(50)
    expect(row).toMatchObject({ max_drawdown: 0, max_drawdown_days: 0, win_rate: 1 })
    expect(row.profit_factor).toBe(Infinity)
  })
})

test('a move of half the tolerance is neither gain nor loss', () => {
  const always: Signals = { enterLong: above(close, 0), exitLong: below(close, 0) }
  for (const move of [0.5e-12, -0.5e-12]) {
    const closes = Array.from({ length: 40 * 24 }, (_, bar) => (bar < 900 ? 100 : 100 * (1 + move)))
    const { row, equity, drawdown } = trace(marketOf(closes, free), always)
    expect(equity.at(-1)).not.toBe(10_000)
    expect(row).toMatchObject({ calmar: NaN, sortino: NaN, max_drawdown: 0, volatility: 0 })
    expect(new Set(drawdown)).toEqual(new Set([0]))
  }
})

test('equal daily growth has no spread, however large it is', () => {
  const daily = 99_999.7
  const closes = Array.from({ length: 5 * 24 }, (_, bar) =>
    bar === 0 ? 3e-13 : 3e-13 * daily ** (1 + Math.floor(bar / 24)),
  )
  const signals: Signals = { enterLong: above(close, 0), exitLong: below(close, 0) }
  const { row } = trace(marketOf(closes, { ...free, fill: 'next_open' }), signals)
  expect(row.total_return).toBeGreaterThan(9e24)
  // The doubles of the daily returns differ by 1e-11.
  expect(row).toMatchObject({ volatility: 0, sharpe: NaN, sortino: Infinity })
})

test('round trips that lead back to the capital have made nothing', () => {
  // 110 / 90 · 90 / 110 is 1, and its double is not.
  const closes = [90, 90, 110, 110, 110, 110, 90, ...Array.from({ length: 40 * 24 }, () => 90)]
  const { row, equity } = trace(marketOf(closes, free), EDGE_SIGNALS)
  expect([row.trades, equity.at(-1)]).not.toEqual([0, 10_000])
  expect(row).toMatchObject({ total_return: 0, cagr: 0 })
})

describe('an account that its costs ruin', () => {
  const random = createRandom(19)
  const closes = Array.from({ length: 20_000 }, () => 40_000 * (1 + 0.01 * random()))
  const costly: Execution = { ...free, fill: 'next_open', commission: 0.11 }
  const signals: Signals = {
    enterLong: below(operation('z_score', [close], [2]), 0),
    exitLong: above(operation('z_score', [close], [2]), 0),
  }
  const { row, trades, equity, drawdown, exposure } = trace(marketOf(closes, costly), signals)
  const bustBar = trades.exitBar[trades.count - 1]!

  test('has no ratios, so that it cannot rank first', () => {
    const ratios = ['volatility', 'sharpe', 'sortino', 'calmar', 'profit_factor', 'sqn'] as const
    expect(ratios.map((name) => row[name])).toEqual(ratios.map(() => NaN))
    expect(row).toMatchObject({ total_return: -1, cagr: -1, max_drawdown: 1, final_equity: 0 })
    expect(row.win_rate).toBe(0)
  })

  test('trades no more: each round trip leaves about 0.89 / 1.11, so 63 to 64 of them less than a millionth', () => {
    expect(row.trades).toBe(trades.count)
    expect([63, 64]).toContain(trades.count)
    expect(trades.size.every((size) => size > 0)).toBe(true)
  })

  test('is worth 0 from the bar of that exit on', () => {
    expect(equity[bustBar - 1]).toBeGreaterThan(0)
    expect(new Set(equity.subarray(bustBar))).toEqual(new Set([0]))
    expect(new Set(drawdown.subarray(bustBar))).toEqual(new Set([1]))
    expect(new Set(exposure.subarray(bustBar))).toEqual(new Set([0]))
  })
})
