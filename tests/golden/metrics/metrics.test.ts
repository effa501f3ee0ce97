import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { computeMetrics, dailyMetrics, worstDrawdown } from '../../../bench/reference/metrics.ts'
import { FREE } from '../../support/execution.ts'
import published from './published.json'

setDefaultTimeout(60_000)

/**
 * Figures that other projects publish for fixed return series, where their definition is ours up to the number of
 * periods in a year (they pass it, ours is 365). Sources and licences stand in published.json.
 */
const { returns, prices } = published
const DAY_MS = 86_400_000
const YEAR_MS = 365 * DAY_MS

type SeriesName = keyof typeof returns.series

/** Wealth after each return, from 1. */
function wealthOf(name: SeriesName): number[] {
  const wealth = [1]
  for (const value of returns.series[name]) wealth.push(wealth.at(-1)! * (1 + value))
  return wealth
}

/** All metrics of a wealth curve with one bar per return and `periodsPerYear` bars in a year. */
function metricsOf(name: SeriesName, periodsPerYear: number) {
  const equity = wealthOf(name).slice(1)
  const intervalMs = YEAR_MS / periodsPerYear
  return computeMetrics({
    openTime: equity.map((_, i) => i * intervalMs),
    intervalMs,
    window: { first: 0, end: equity.length },
    execution: { ...FREE, fill: 'close', initial_capital: 1 },
    run: { equity, exposure: equity.map(() => 1), trades: [], bust: false },
  })
}

/** Our figure for a published case, or undefined where the definitions differ. */
function ours(metric: string, name: SeriesName, periodsPerYear: number): number | undefined {
  const daily = dailyMetrics(returns.series[name])
  const rescale = Math.sqrt(periodsPerYear / 365)
  const spanDays = (returns.series[name].length * 365) / periodsPerYear
  switch (metric) {
    case 'max_drawdown':
      return -worstDrawdown(wealthOf(name).map((equity, time) => ({ time, equity }))).depth
    case 'annual_volatility (sample std)':
      return daily.volatility * rescale
    case 'sharpe (sample std)':
      return daily.sharpe * rescale
    case 'sortino':
      return daily.sortino * rescale
    case 'annual_return (compound)':
      return spanDays < 30 ? undefined : metricsOf(name, periodsPerYear).cagr
    case 'calmar':
      return spanDays < 30 ? undefined : metricsOf(name, periodsPerYear).calmar
    default:
      throw new Error(`no rule for published metric '${metric}'`)
  }
}

describe('published metrics of empyrical-reloaded', () => {
  let compared = 0
  for (const { metric, series, expected, periods_per_year = 252 } of returns.cases) {
    const actual = ours(metric, series as SeriesName, periods_per_year)
    if (actual === undefined) continue
    compared++
    test(`${metric} of ${series} over ${periods_per_year} periods`, () => {
      expect(Math.abs(actual - expected)).toBeLessThan(
        returns.tolerance * Math.max(1, Math.abs(expected)),
      )
    })
  }

  test('leaves out only the two annualised figures of nine days', () => {
    expect(compared).toBe(returns.cases.length - 2)
  })
})

describe('published metrics of ffn', () => {
  for (const name of ['AAPL', 'MSFT', 'C'] as const) {
    test(`drawdown and total return of ${name}`, () => {
      const closes = prices.closes[name]
      const points = closes.slice(0, 10).map((equity, time) => ({ time, equity }))
      const drawdown = -worstDrawdown(points).depth
      const gain = closes[10]! / closes[0]! - 1
      const far = (actual: number, expected: number) => Math.abs(actual - expected)
      expect(far(drawdown, prices.max_drawdown_first_10_rows[name])).toBeLessThan(prices.tolerance)
      expect(far(gain, prices.total_return_first_11_rows[name])).toBeLessThan(prices.tolerance)
    })
  }
})
