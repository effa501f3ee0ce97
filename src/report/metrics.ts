import { type TSchema, Type } from 'typebox'
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

const METRIC_MEANINGS: Readonly<Record<MetricName, string>> = {
  total_return: 'signed ratio over the whole period',
  cagr: 'signed ratio a year of 365 days',
  volatility: 'ratio a year, from daily returns',
  sharpe: 'annualised, from daily returns',
  sortino: 'annualised, from daily returns',
  calmar: 'cagr / max_drawdown',
  max_drawdown: 'positive ratio, at bar resolution',
  max_drawdown_days: 'days from peak to recovery of the deepest drawdown',
  exposure: 'share of bars with a position',
  turnover: 'traded value / mean equity, a year',
  trades: 'round trips',
  win_rate: 'wins / (wins + losses)',
  profit_factor: 'money won / money lost',
  expectancy: 'mean return of a trade, signed ratio',
  sqn: 'system quality number',
  fees: 'money paid as commission',
  final_equity: 'equity at the last close',
}

/** Metrics that are money: decimal strings in JSON, because a double is not what an account holds. */
const MONEY_METRICS: ReadonlySet<MetricName> = new Set(
  METRICS.filter((name) => METRIC_SPECS[name].unit === 'money'),
)

const Money = Type.String({
  pattern: '^-?\\d+(\\.\\d+)?$',
  description: 'quote currency, exact decimal',
})

function metricSchema(name: MetricName): TSchema {
  const isUnbounded = METRIC_SPECS[name].unbounded
  const rule = isUnbounded ? 'not computable or, see `reasons`, nothing was lost' : 'not computable'
  const description = `${METRIC_MEANINGS[name]}; null when ${rule}`
  const value = MONEY_METRICS.has(name) ? Money : Type.Number()
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
    const value = metrics[name]
    return [name, MONEY_METRICS.has(name) ? decimalString(value) : finite(value)] as const
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

const drawdown: Show = (value) => signedPercent(value === null ? null : -value)

const FORMATS: Readonly<Record<MetricName, Show>> = {
  total_return: signedPercent,
  cagr: signedPercent,
  volatility: percent,
  sharpe: decimal,
  sortino: decimal,
  calmar: decimal,
  max_drawdown: drawdown,
  max_drawdown_days: (value) => decimal(value, 1),
  exposure: percent,
  turnover: (value) => decimal(value, 1),
  trades: count,
  win_rate: percent,
  profit_factor: decimal,
  expectancy: (value) => signedPercent(value, 2),
  sqn: decimal,
  fees: money,
  final_equity: money,
}

/** A metric as tables show it: `no loss` where a gain over no loss is unbounded, `-` where it is not computable. */
export function metricText(name: MetricName, value: number | null): string {
  return isNoLoss(name, value) ? 'no loss' : FORMATS[name](value)
}
