import { type TSchema, Type } from 'typebox'
import type { MetricUnit } from '../core/metric-spec.ts'
import {
  isNoLoss,
  METRIC_SPECS,
  METRICS,
  type MetricName,
  type Metrics,
  NULL_REASONS,
  UNBOUNDED_METRICS,
} from '../core/metrics.ts'
import { closed } from './leaves.ts'
import { count, decimal, money, percent, signedPercent } from './terminal/format.ts'
import { paintOf, type Style } from './terminal/style.ts'

const Money = Type.String({
  pattern: '^-?\\d+(\\.\\d+)?$',
  description: 'quote currency, exact decimal',
})

function metricSchema(name: MetricName): TSchema {
  const { unit, unbounded, meaning } = METRIC_SPECS[name]
  const rule = unbounded ? 'not computable or, see `reasons`, nothing was lost' : 'not computable'
  const description = `${meaning}; null when ${rule}`
  const value = unit === 'money' ? Money : Type.Number()
  return Type.Union([value, Type.Null()], { description })
}

export const MetricsDocument = Type.Object(
  Object.fromEntries(METRICS.map((name) => [name, metricSchema(name)])),
  closed,
)

/** Which nulls of the metrics are not unknown; without an entry a null is not computable. */
export const ReasonsDocument = Type.Object(
  Object.fromEntries(
    UNBOUNDED_METRICS.map((name) => [
      name,
      Type.Optional(
        Type.Enum([...NULL_REASONS], {
          description: '`no_loss`: a gain over no loss, ranked above every number',
        }),
      ),
    ]),
  ),
  { ...closed, description: 'why a metric is null although it is not unknown' },
)

export function metricsJson(metrics: Metrics): Record<MetricName, number | string | null> {
  const entries = METRICS.map((name) => {
    // Money is a decimal string, because a double is not what an account holds.
    const isMoney = METRIC_SPECS[name].unit === 'money'
    return [name, isMoney ? decimalString(metrics[name]) : finite(metrics[name])] as const
  })
  return Object.fromEntries(entries) as Record<MetricName, number | string | null>
}

/**
 * Writes a number as a plain decimal string that reads back as the same double: no exponent, no rounding.
 * Money in JSON has this form. Null for anything that is not finite.
 */
export function decimalString(value: number | null): string | null {
  if (value === null || !Number.isFinite(value)) return null
  const text = String(value)
  const match = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text)
  if (match === null) return text
  const [, sign = '', first = '', rest = '', exponent = '0'] = match
  const digits = first + rest
  const point = 1 + Number(exponent)
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`
  return sign + digits.padEnd(point, '0')
}

/** JSON has no infinity and no NaN: both are null, as everything that is not computable. */
function finite(value: number | null): number | null {
  return value === null || !Number.isFinite(value) ? null : value
}

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

/** The same in colour where it is a gain or a loss; the sign says it too. */
export function metricCell(name: MetricName, value: number | null, style: Style): string {
  const text = metricText(name, value)
  const { unit, min } = METRIC_SPECS[name]
  if (unit !== 'ratio' || min >= 0 || value === null || value === 0) return text
  const paint = paintOf(style)
  return value > 0 ? paint.good(text) : paint.bad(text)
}
