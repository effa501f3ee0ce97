import { describe, expect, test } from 'bun:test'
import {
  computeMetrics,
  dailyMetrics,
  dailyReturns,
  drawdowns,
  type MetricsInput,
  tradeMetrics,
  worstDrawdown,
} from '../../../../bench/reference/metrics.ts'
import type { ReferenceTrade } from '../../../../bench/reference/simulate.ts'
import { FREE } from '../../../support/execution.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

/** Metrics input of an equity curve that starts with 100 and has no trades. */
function inputOf(openTime: readonly number[], equity: readonly number[]): MetricsInput {
  const exposure = equity.map(() => 0)
  return {
    openTime,
    intervalMs: DAY,
    window: { first: 0, end: equity.length },
    execution: { ...FREE, fill: 'close', initial_capital: 100 },
    run: { equity, exposure, trades: [], bust: false },
  }
}

/** Daily candles from 1970-01-01 on. */
const days = (count: number) => Array.from({ length: count }, (_, i) => i * DAY)

const points = (...equity: number[]) => equity.map((value, i) => ({ time: i * DAY, equity: value }))

function trade(pnl: number, gain: number): ReferenceTrade {
  const prices = { entryPrice: 10, exitPrice: 10 + pnl / 10, size: 10 }
  return { entryBar: 0, exitBar: 1, ...prices, fees: 1, pnl, return: gain }
}

describe('reference metrics', () => {
  test('daily returns count days without bars and use the last bar that opens in a day', () => {
    const times = [0, 20 * HOUR, 2 * DAY + HOUR]
    const returns = dailyReturns({ ...inputOf(times, [105, 110, 121]), intervalMs: HOUR })
    expectClose(returns, [0.1, 0, 0.1])
  })

  test('daily figures: returns 10 %, −10 %, 20 %', () => {
    const { sharpe, volatility, sortino } = dailyMetrics([0.1, -0.1, 0.2])
    const deviation = Math.sqrt((1 / 900 + 25 / 900 + 16 / 900) / 2)
    expectClose([volatility], [Math.sqrt(365) * deviation])
    expectClose([sharpe], [(Math.sqrt(365) * (0.2 / 3)) / deviation])
    expectClose([sortino], [(Math.sqrt(365) * (0.2 / 3)) / Math.sqrt(0.01 / 3)])
  })

  test('one day, or days without spread, carry no daily figure', () => {
    expect(dailyMetrics([0.1])).toEqual({ volatility: NaN, sharpe: NaN, sortino: NaN })
    expect(dailyMetrics([0, 0, 0])).toEqual({ volatility: 0, sharpe: NaN, sortino: NaN })
    expect(dailyMetrics([-0.1, -0.1])).toMatchObject({ sharpe: NaN, volatility: 0 })
    expectClose([dailyMetrics([-0.1, -0.1]).sortino], [-Math.sqrt(365)])
  })

  test('drawdown runs from the last stand at the peak to the recovery', () => {
    const { depth, durationMs } = worstDrawdown(points(100, 120, 120, 90, 110, 120, 130, 120))
    expect(depth).toBe(0.25)
    expect(durationMs).toBe(3 * DAY)
  })

  test('a drawdown from the start that never recovers lasts to the end', () => {
    const { depth, durationMs } = worstDrawdown(points(100, 90, 95, 99))
    expectClose([depth], [0.1])
    expect(durationMs).toBe(3 * DAY)
  })

  test('of equally deep drawdowns the first counts', () => {
    const { depth, durationMs } = worstDrawdown(points(100, 50, 75, 100, 50, 100))
    expect({ depth, durationMs }).toEqual({ depth: 0.5, durationMs: 3 * DAY })
  })

  test('no drawdown lasts no time', () => {
    expect(worstDrawdown(points(100, 100, 101))).toEqual({ depth: 0, durationMs: 0 })
  })

  test('a gain over no loss is unbounded, and no gain over no loss is undefined', () => {
    const calmarOf = (equity: (day: number) => number, count = 40) =>
      computeMetrics(
        inputOf(
          days(count),
          days(count).map((_, day) => equity(day)),
        ),
      ).calmar
    expect(calmarOf((day) => 100 + day)).toBe(Infinity)
    expect(calmarOf(() => 100)).toBeNaN()
    expect(calmarOf((day) => 100 + day, 29)).toBeNaN()
    expect(dailyMetrics([0.1, 0.2]).sortino).toBe(Infinity)
    expect(dailyMetrics([0, 0]).sortino).toBeNaN()
    expect(tradeMetrics([trade(5, 0.05), trade(0, 0)]).profit_factor).toBe(Infinity)
    expect(tradeMetrics([trade(0, 0)]).profit_factor).toBeNaN()
  })

  test('an equity beyond the range of a double leaves only what is counted', () => {
    const equity = days(40).map((day) => (day === 39 * DAY ? 50 : 1e308))
    const metrics = computeMetrics(inputOf(days(40), equity))
    const known = Object.entries(metrics).filter(([, value]) => !Number.isNaN(value))
    expect(known).toEqual([
      ['exposure', 0],
      ['trades', 0],
    ])
  })

  test('what differs by rounding is equal: peaks, depths, days and trades', () => {
    const near = (value: number, tolerances: number) => value * (1 + tolerances * 1e-12)
    // The first fall is 0.4 tolerances less deep than the second, and ends 0.9 tolerances below its peak.
    const equal = points(100, near(50, 0.4), near(100, -0.9), 50, 80, 100)
    expect(worstDrawdown(equal)).toEqual({ depth: 1 - near(50, 0.4) / 100, durationMs: 2 * DAY })
    const deeper = points(100, near(50, 1.2 * 2), near(100, -0.9), 50, 80, 100)
    expect(worstDrawdown(deeper)).toEqual({ depth: 0.5, durationMs: 3 * DAY })
    expect(worstDrawdown(points(100, near(100, -0.9)))).toEqual({ depth: 0, durationMs: 0 })
    // Tiny falls are compared with the peak and not with the fall before.
    const { depth, durationMs } = worstDrawdown(points(100, near(100, -0.9), near(100, -1.8)))
    expect({ isFall: depth > 1.7e-12, durationMs }).toEqual({ isFall: true, durationMs: DAY })
    expect(drawdowns([near(100, -0.9)], 100)).toEqual([0])

    const still = { volatility: 0, sharpe: NaN, sortino: NaN }
    expect(dailyMetrics([0.9e-12, -0.9e-12, 0.5e-12])).toEqual(still)
    expect(dailyMetrics([0.1, -0.9e-12]).sortino).toBe(Infinity)
    expect(dailyMetrics([0.1, -1.1e-12]).sortino).toBeGreaterThan(1e9)
    expect(dailyMetrics([-1e-12, 0]).sortino).toBeLessThan(0)

    const even = trade(100 * 0.9e-12, 0)
    expect(tradeMetrics([even, even])).toMatchObject({ win_rate: NaN, profit_factor: NaN })
    expect(tradeMetrics([trade(5, 0.05), trade(-100 * 0.9e-12, 0)]).profit_factor).toBe(Infinity)
  })

  test('the spread of pnl is judged by what was traded, whatever the unit of money', () => {
    const small = [trade(3e-9, 3e-11), trade(1e-9, 1e-11)]
    expectClose([tradeMetrics(small).sqn], [2])
    expect(tradeMetrics([trade(5, 0.05), trade(5 + 5e-11, 0.05)]).sqn).toBeNaN()
  })

  test('an account that lost everything has no ratios, and nothing is as deep', () => {
    const plain = inputOf(days(40), [100, 1e-13, 100, 50, ...days(36).map(() => 0)])
    const metrics = computeMetrics({ ...plain, run: { ...plain.run, bust: true } })
    const ratios = ['volatility', 'sharpe', 'sortino', 'calmar', 'profit_factor', 'sqn'] as const
    expect(ratios.map((name) => metrics[name])).toEqual(ratios.map(() => NaN))
    expect(metrics).toMatchObject({ total_return: -1, cagr: -1, final_equity: 0 })
    expect(metrics).toMatchObject({ max_drawdown: 1, max_drawdown_days: 37 })
  })

  test('the drawdown series counts the initial capital as a peak', () => {
    expectClose(drawdowns([90, 110, 99], 100), [0.1, 0, 0.1])
  })

  test('cagr is defined from 30 days on', () => {
    const flatThenDouble = (count: number) => [...days(count - 1).map(() => 100), 200]
    expect(computeMetrics(inputOf(days(29), flatThenDouble(29))).cagr).toBeNaN()
    const month = computeMetrics(inputOf(days(30), flatThenDouble(30)))
    expectClose([month.cagr], [2 ** (365 / 30) - 1])
    const year = computeMetrics(inputOf(days(365), flatThenDouble(365)))
    expectClose([year.cagr, year.total_return, year.final_equity], [1, 1, 200])
  })

  test('calmar is cagr over the worst drawdown', () => {
    const equity: number[] = days(365).map((_, i) => (i === 100 ? 50 : 100))
    equity[364] = 125
    expectClose([computeMetrics(inputOf(days(365), equity)).calmar], [0.5])
  })

  test('exposure, turnover and fees of a closed and an open trade', () => {
    const plain = inputOf(
      days(73),
      days(73).map(() => 100),
    )
    const open = { ...trade(-1, -0.01), exitBar: -1, exitPrice: NaN }
    const exposure = days(73).map((_, i) => (i < 18.25 ? 1 : 0))
    const run = { ...plain.run, exposure, trades: [trade(4, 0.04), open] }
    const metrics = computeMetrics({ ...plain, run })
    // Traded: 100 in, 104 out, 100 in over a fifth of a year at a mean equity of 100.
    expectClose([metrics.turnover, metrics.fees, metrics.exposure], [15.2, 2, 19 / 73])
    expect(metrics.trades).toBe(1)
    expect(metrics.win_rate).toBe(1)
  })

  test('trade figures: pnl 30, −10, 0, 20', () => {
    const metrics = tradeMetrics([trade(30, 0.3), trade(-10, -0.1), trade(0, 0), trade(20, 0.2)])
    const deviation = Math.sqrt((400 + 400 + 100 + 100) / 3)
    expectClose([metrics.win_rate, metrics.profit_factor], [2 / 3, 5])
    expectClose([metrics.expectancy, metrics.sqn], [0.1, (2 * 10) / deviation])
  })

  test('figures that a sample does not carry are undefined', () => {
    const none = { trades: 0, win_rate: NaN, profit_factor: NaN, expectancy: NaN, sqn: NaN }
    expect(tradeMetrics([])).toEqual(none)
    expect(tradeMetrics([trade(5, 0.05)])).toMatchObject({ sqn: NaN })
    expect(tradeMetrics([trade(5, 0.05), trade(5, 0.05)]).sqn).toBeNaN()
    expect(tradeMetrics([trade(-5, -0.05)])).toMatchObject({ profit_factor: 0, win_rate: 0 })
  })
})

/** Equal to 1e-12 of the greater of 1 and the expected value. */
function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length)
  for (const [i, value] of actual.entries()) {
    const distance = Math.abs(value - expected[i]!) / Math.max(1, Math.abs(expected[i]!))
    expect({ value, near: distance < 1e-12 }).toEqual({ value, near: true })
  }
}
