import { describe, expect, test } from 'bun:test'
import {
  LOWER_IS_BETTER,
  METRICS,
  metricsOfRow,
  nullReasons,
  UNBOUNDED_METRICS,
} from '../../../src/core/metrics.ts'

describe('METRICS', () => {
  test('keeps the names and the order that scripts and the kernel rely on', () => {
    expect(METRICS.join(', ')).toBe(
      'total_return, cagr, volatility, sharpe, sortino, calmar, max_drawdown, max_drawdown_days, exposure, turnover, trades, win_rate, profit_factor, expectancy, sqn, fees, final_equity',
    )
  })

  test('ranks risk and cost upwards and everything else downwards', () => {
    for (const name of LOWER_IS_BETTER) expect(METRICS).toContain(name)
    expect(LOWER_IS_BETTER.has('max_drawdown')).toBe(true)
    expect(LOWER_IS_BETTER.has('sharpe')).toBe(false)
    expect([...LOWER_IS_BETTER].join()).toBe(
      'volatility,max_drawdown,max_drawdown_days,exposure,turnover,fees',
    )
  })
})

describe('metricsOfRow', () => {
  const width = METRICS.length
  const table = Float64Array.from({ length: 2 * width }, (_, i) => i)

  test('reads the row it is asked for', () => {
    expect(metricsOfRow(table).total_return).toBe(0)
    expect(metricsOfRow(table, 1).total_return).toBe(width)
    expect(metricsOfRow(table, 1).final_equity).toBe(2 * width - 1)
    expect(Object.keys(metricsOfRow(table))).toEqual([...METRICS])
  })

  test('turns what is not computable into null and keeps infinity and zero', () => {
    const row = new Float64Array(width)
    row[METRICS.indexOf('sharpe')] = Number.NaN
    row[METRICS.indexOf('profit_factor')] = Number.POSITIVE_INFINITY
    const metrics = metricsOfRow(row)
    expect(metrics.sharpe).toBeNull()
    expect(metrics.profit_factor).toBe(Number.POSITIVE_INFINITY)
    expect(metrics.trades).toBe(0)
  })

  test('lets no infinity through that is not a gain over no loss', () => {
    const row = new Float64Array(width).fill(Number.POSITIVE_INFINITY)
    const infinite = Object.entries(metricsOfRow(row)).filter(([, value]) => value !== null)
    expect(infinite.map(([name]) => name)).toEqual([...UNBOUNDED_METRICS])
    const lowest = metricsOfRow(new Float64Array(width).fill(Number.NEGATIVE_INFINITY))
    expect(Object.values(lowest).every((value) => value === null)).toBeTrue()
  })

  test('names the reason of a null that is not unknown', () => {
    const row = new Float64Array(width)
    row[METRICS.indexOf('calmar')] = Number.POSITIVE_INFINITY
    row[METRICS.indexOf('sortino')] = Number.NaN
    expect(nullReasons(metricsOfRow(row))).toEqual({ calmar: 'no_loss' })
  })

  test('refuses a row that the table does not have', () => {
    expect(() => metricsOfRow(table, 2)).toThrow('Invariant')
    expect(() => metricsOfRow(table, -1)).toThrow('Invariant')
  })
})
