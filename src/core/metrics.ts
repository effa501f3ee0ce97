import { invariant } from './errors.ts'

/**
 * The metrics of one backtest, in the order in which the kernel writes them into a result row.
 * Formulas and sources: docs/metrics.md. NaN in a row means "not computable" and is null in JSON.
 */
export const METRICS = [
  'total_return',
  'cagr',
  'volatility',
  'sharpe',
  'sortino',
  'calmar',
  'max_drawdown',
  'max_drawdown_days',
  'exposure',
  'turnover',
  'trades',
  'win_rate',
  'profit_factor',
  'expectancy',
  'sqn',
  'fees',
  'final_equity',
] as const

export type MetricName = (typeof METRICS)[number]

/** One row of metrics; null where the sample does not carry the figure. */
export type Metrics = Readonly<Record<MetricName, number | null>>

/** Metrics where less is better; a ranking by one of them sorts ascending. */
export const LOWER_IS_BETTER: ReadonlySet<MetricName> = new Set<MetricName>([
  'volatility',
  'max_drawdown',
  'max_drawdown_days',
  'exposure',
  'turnover',
  'fees',
])

/** Returns row `row` of a row-major table of metric values as a record. */
export function metricsOfRow(table: Float64Array, row = 0): Metrics {
  const start = row * METRICS.length
  const isWithin = start >= 0 && start + METRICS.length <= table.length
  invariant(isWithin, `row ${row} lies within the table of ${table.length / METRICS.length} rows`)
  const entries = METRICS.map((name, i) => {
    const value = table[start + i] as number
    return [name, Number.isNaN(value) ? null : value] as const
  })
  return Object.fromEntries(entries) as Metrics
}
