import { invariant } from './errors.ts'

/**
 * What a metric is measured in. A `ratio` is a fraction: 0.2 is 20 %. `number` has no unit, `per_year` counts traded
 * equities a year, `money` is in quote currency.
 */
export type MetricUnit = 'ratio' | 'number' | 'days' | 'count' | 'per_year' | 'money'

/** What every value of a metric has in common, whatever the strategy. */
export interface MetricSpec {
  readonly unit: MetricUnit
  /** No value lies below `min` or above `max`; infinite where there is no bound. */
  readonly min: number
  readonly max: number
  /** What a ranking puts first. */
  readonly better: 'more' | 'less'
  /** Whether a sample may be unable to carry it. */
  readonly nullable: boolean
  /** Without a loss it is +Infinity in a row, above every number: unbounded, not unknown. */
  readonly unbounded: boolean
}

const INFINITE = Number.POSITIVE_INFINITY
const CERTAIN = { better: 'more', nullable: false, unbounded: false } as const
const NULLABLE = { better: 'more', nullable: true, unbounded: false } as const
const UNBOUNDED = { better: 'more', nullable: true, unbounded: true } as const
const COST = { better: 'less', nullable: false, unbounded: false } as const

/**
 * The metrics of one backtest, in the order in which the kernel writes them into a result row.
 * Formulas and sources: docs/metrics.md. NaN in a row means "not computable" and is null in JSON.
 */
export const METRIC_SPECS = {
  total_return: { unit: 'ratio', min: -1, max: INFINITE, ...CERTAIN },
  cagr: { unit: 'ratio', min: -1, max: INFINITE, ...NULLABLE },
  volatility: { unit: 'ratio', min: 0, max: INFINITE, ...NULLABLE, better: 'less' },
  sharpe: { unit: 'number', min: -INFINITE, max: INFINITE, ...NULLABLE },
  sortino: { unit: 'number', min: -INFINITE, max: INFINITE, ...UNBOUNDED },
  calmar: { unit: 'number', min: -INFINITE, max: INFINITE, ...UNBOUNDED },
  max_drawdown: { unit: 'ratio', min: 0, max: 1, ...COST },
  max_drawdown_days: { unit: 'days', min: 0, max: INFINITE, ...COST },
  exposure: { unit: 'ratio', min: 0, max: 1, ...COST },
  turnover: { unit: 'per_year', min: 0, max: INFINITE, ...COST },
  trades: { unit: 'count', min: 0, max: INFINITE, ...CERTAIN },
  win_rate: { unit: 'ratio', min: 0, max: 1, ...NULLABLE },
  profit_factor: { unit: 'number', min: 0, max: INFINITE, ...UNBOUNDED },
  // Both fees on top of all that was paid in: with the largest commission that configuration takes, nearly twice.
  expectancy: { unit: 'ratio', min: -2, max: INFINITE, ...NULLABLE },
  sqn: { unit: 'number', min: -INFINITE, max: INFINITE, ...NULLABLE },
  fees: { unit: 'money', min: 0, max: INFINITE, ...COST },
  final_equity: { unit: 'money', min: 0, max: INFINITE, ...CERTAIN },
} as const satisfies Readonly<Record<string, MetricSpec>>

export type MetricName = keyof typeof METRIC_SPECS

export const METRICS = Object.freeze(Object.keys(METRIC_SPECS)) as readonly [
  MetricName,
  ...MetricName[],
]

function metricsWhere(holds: (spec: MetricSpec) => boolean): readonly MetricName[] {
  return METRICS.filter((name) => holds(METRIC_SPECS[name]))
}

/** Metrics where less is better; a ranking by one of them sorts ascending. */
export const LOWER_IS_BETTER: ReadonlySet<MetricName> = new Set(
  metricsWhere(({ better }) => better === 'less'),
)

/** Metrics that are +Infinity in a row where nothing was lost. No other metric is ever infinite. */
export const UNBOUNDED_METRICS = metricsWhere(({ unbounded }) => unbounded)

/** One row of metrics; null where the sample does not carry the figure, +Infinity where nothing was lost. */
export type Metrics = Readonly<Record<MetricName, number | null>>

/** Why a metric is null in JSON and in files although it is not unknown. */
export const NULL_REASONS = ['no_loss'] as const
export type NullReason = (typeof NULL_REASONS)[number]

/** Returns row `row` of a row-major table of metric values as a record. */
export function metricsOfRow(table: Float64Array, row = 0): Metrics {
  const start = row * METRICS.length
  const isWithin = start >= 0 && start + METRICS.length <= table.length
  invariant(isWithin, `row ${row} lies within the table of ${table.length / METRICS.length} rows`)
  const entries = METRICS.map((name, i) => {
    const value = table[start + i] as number
    return [name, Number.isFinite(value) || isNoLoss(name, value) ? value : null] as const
  })
  return Object.fromEntries(entries) as Metrics
}

/** Tells a metric that is unbounded because nothing was lost. */
export function isNoLoss(name: MetricName, value: number | null): boolean {
  return value === INFINITE && METRIC_SPECS[name].unbounded
}

/** Returns the reasons of the metrics that leave the program as null without being unknown. */
export function nullReasons(metrics: Metrics): Readonly<Partial<Record<MetricName, NullReason>>> {
  const names = UNBOUNDED_METRICS.filter((name) => isNoLoss(name, metrics[name]))
  return Object.fromEntries(names.map((name) => [name, 'no_loss']))
}
