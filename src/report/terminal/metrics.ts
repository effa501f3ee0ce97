import { isNoLoss, type MetricName } from '../../core/metrics.ts'
import { count, decimal, money, percent, signedPercent } from './format.ts'

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
