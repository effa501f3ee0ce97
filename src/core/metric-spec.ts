/**
 * What a metric is measured in. A `ratio` is a fraction: 0.2 is 20 %. `number` has no unit, `per_year` counts traded
 * equities a year, `money` is in quote currency.
 */
export type MetricUnit = 'ratio' | 'number' | 'days' | 'count' | 'per_year' | 'money'

/** What every value of a metric has in common, whatever the strategy. The kernel's table of metrics has it. */
export interface MetricSpec {
  /** What a table of figures calls it. */
  readonly title: string
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
  /** What it is, in a few words. Formulas and sources: docs/metrics.md. */
  readonly meaning: string
}
