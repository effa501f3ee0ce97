import { isNoLoss, METRIC_SPECS, type MetricName, type MetricUnit } from '../../core/metrics.ts'
import { count, decimal, money, percent, signedPercent } from './format.ts'

type Show = (value: number | null) => string

const FORMATS: Readonly<Record<Exclude<MetricUnit, 'ratio'>, Show>> = {
  number: decimal,
  days: (value) => decimal(value, 1),
  count,
  per_year: (value) => decimal(value, 1),
  money,
}

/** Where a reader expects more than the unit says: a drawdown goes down, and the mean trade is small. */
const EXCEPTIONS: Readonly<Partial<Record<MetricName, Show>>> = {
  max_drawdown: (value) => signedPercent(value === null ? null : -value),
  expectancy: (value) => signedPercent(value, 2),
}

/** A metric as tables show it: `no loss` where a gain over no loss is unbounded, `-` where it is not computable. */
export function metricText(name: MetricName, value: number | null): string {
  return isNoLoss(name, value) ? 'no loss' : (EXCEPTIONS[name] ?? formatOf(name))(value)
}

function formatOf(name: MetricName): Show {
  const { unit, min } = METRIC_SPECS[name]
  if (unit !== 'ratio') return FORMATS[unit]
  return min < 0 ? signedPercent : percent
}
