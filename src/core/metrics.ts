import { invariant } from './errors.ts'
import type { MetricSpec } from './metric-spec.ts'
import { METRIC_SPECS } from './metrics-table.ts'

export { METRIC_SPECS }

const INFINITE = Number.POSITIVE_INFINITY

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
