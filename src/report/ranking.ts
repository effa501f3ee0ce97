import { Type } from 'typebox'
import type { RankedPoint } from '../backtesting/results.ts'
import {
  METRIC_SPECS,
  METRICS,
  type MetricName,
  type Metrics,
  nullReasons,
} from '../core/metrics.ts'
import { closed, Params } from './leaves.ts'
import { MetricsDocument, metricsJson, metricText, ReasonsDocument } from './metrics.ts'
import { assignments } from './terminal/blocks.ts'
import { paramValue } from './terminal/format.ts'
import { type Style, wrap } from './terminal/style.ts'
import { type Column, renderTable } from './terminal/table.ts'

/** The best points of a sweep. */

export const RankedPointDocument = Type.Object(
  {
    rank: Type.Integer({ minimum: 1 }),
    params: Params,
    metrics: MetricsDocument,
    reasons: ReasonsDocument,
  },
  closed,
)

export function rankedPointJson({ rank, params, metrics }: RankedPoint) {
  const reasons = { ...nullReasons(metrics) }
  return { rank, params: { ...params }, metrics: metricsJson(metrics), reasons }
}

interface MetricColumn {
  readonly metric: MetricName
  readonly title: string
  readonly priority: number
}

/** What a reader asks for first, under short titles. */
const FIRST_COLUMNS: readonly MetricColumn[] = [
  { metric: 'sharpe', title: 'Sharpe', priority: 12 },
  { metric: 'total_return', title: 'Return', priority: 14 },
  { metric: 'max_drawdown', title: 'Max DD', priority: 13 },
  { metric: 'trades', title: 'Trades', priority: 11 },
  { metric: 'win_rate', title: 'Win', priority: 9 },
  { metric: 'profit_factor', title: 'PF', priority: 8 },
  { metric: 'cagr', title: 'CAGR', priority: 7 },
  { metric: 'sortino', title: 'Sortino', priority: 6 },
  { metric: 'calmar', title: 'Calmar', priority: 5 },
  { metric: 'exposure', title: 'In mkt', priority: 4 },
  { metric: 'final_equity', title: 'Equity', priority: 10 },
  { metric: 'volatility', title: 'Vol', priority: 3 },
  { metric: 'fees', title: 'Fees', priority: 2 },
  { metric: 'sqn', title: 'SQN', priority: 1 },
]

const METRIC_COLUMNS: readonly MetricColumn[] = [
  ...FIRST_COLUMNS,
  ...METRICS.filter((name) => FIRST_COLUMNS.every(({ metric }) => metric !== name)).map(
    (metric) => ({ metric, title: METRIC_SPECS[metric].title, priority: 0 }),
  ),
]

/** Ranked points: rank, objective, every parameter, then as many other metrics as fit. */
export function topTable(
  top: readonly RankedPoint[],
  objective: MetricName,
  style: Style,
): string[] {
  const names = Object.keys(top[0]?.params ?? {})
  const first = METRIC_COLUMNS.find((column) => column.metric === objective) as MetricColumn
  const others = METRIC_COLUMNS.filter((column) => column.metric !== objective)
  const fixed = rankColumns(first, names)
  const isTooWide = fixed.reduce((sum, column) => sum + column.title.length + 2, 0) > style.width
  if (isTooWide) return [...topTableWithList(top, first, others, style)]
  const columns = [...fixed, ...others.map(toColumn)]
  const rows = top.map((point) => [
    ...rankCells(point, first, names),
    ...others.map(({ metric }) => metricText(metric, point.metrics[metric])),
  ])
  return renderTable({ columns, rows }, style)
}

/** With more parameters than columns, the parameters follow as a list: none is ever left out. */
function topTableWithList(
  top: readonly RankedPoint[],
  first: MetricColumn,
  others: readonly MetricColumn[],
  style: Style,
): string[] {
  const columns = [...rankColumns(first, []), ...others.map(toColumn)]
  const cells = (metrics: Metrics) =>
    others.map(({ metric }) => metricText(metric, metrics[metric]))
  const rows = top.map((point) => [...rankCells(point, first, []), ...cells(point.metrics)])
  const lists = top.flatMap((point) =>
    wrap(` ${String(point.rank).padStart(2)}  ${assignments(point.params)}`, style.width, '     '),
  )
  return [...renderTable({ columns, rows }, style), ...lists]
}

function toColumn({ title, priority }: MetricColumn): Column {
  return { title, priority, align: 'right' }
}

function rankColumns(first: MetricColumn, names: readonly string[]): Column[] {
  return ['#', first.title, ...names].map((title) => ({ title, align: 'right' }))
}

function rankCells(point: RankedPoint, first: MetricColumn, names: readonly string[]): string[] {
  const params = names.map((name) => paramValue(point.params[name] as number))
  return [String(point.rank), metricText(first.metric, point.metrics[first.metric]), ...params]
}
