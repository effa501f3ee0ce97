import { Type } from 'typebox'
import type { AxisSpan, RankedPoint } from '../backtesting/results.ts'
import { METRIC_SPECS, METRICS, type MetricName, nullReasons } from '../core/metrics.ts'
import { closed, Params } from './leaves.ts'
import { MetricsDocument, metricCell, metricsJson, metricText, ReasonsDocument } from './metrics.ts'
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

/** What the ranking of a sweep was asked for. */
export interface RankingView {
  readonly top: readonly RankedPoint[]
  readonly objective: MetricName
  readonly constraints?: readonly string[]
  /** What is known of the grid; without it every parameter is shown. */
  readonly axes?: readonly AxisSpan[]
}

/** Ranked points: rank, objective, swept parameters and constrained metrics, then as many other metrics as fit. */
export function topTable(view: RankingView, style: Style): string[] {
  const { top, objective, axes = [] } = view
  const fixed = new Set(axes.filter(({ count }) => count === 1).map(({ name }) => name))
  const names = Object.keys(top[0]?.params ?? {}).filter((name) => !fixed.has(name))
  const first = METRIC_COLUMNS.find((column) => column.metric === objective) as MetricColumn
  const asked = constrainedMetrics(view)
  const others = METRIC_COLUMNS.filter(({ metric }) => metric !== objective)
  const wanted = [
    ...others.filter(({ metric }) => asked.has(metric)),
    ...others.filter(({ metric }) => !asked.has(metric)),
  ].map((column) => toColumn(column, asked))
  const groups = groupEqual(top)
  const isTooWide = widthOf([...rankColumns(first, names), ...wanted]) > style.width
  const shown = isTooWide ? [] : names
  const columns = [...rankColumns(first, shown), ...wanted.map(({ column }) => column)]
  const rows = groups.map(({ point, count }) => [
    ...rankCells(point, count, first, shown),
    ...wanted.map(({ metric }) => metricCell(metric, point.metrics[metric], style)),
  ])
  return [
    ...fixedLines(top, fixed, style),
    ...renderTable({ columns, rows }, style),
    ...(isTooWide ? groups.flatMap(({ point }) => paramLines(point, names, style)) : []),
  ]
}

/** The columns that must stay. */
function widthOf(columns: readonly (Column | { readonly column: Column })[]): number {
  return columns
    .map((one) => ('column' in one ? one.column : one))
    .filter(({ priority }) => priority === undefined)
    .reduce((sum, { title }) => sum + title.length + 2, 0)
}

function constrainedMetrics({ constraints = [] }: RankingView): ReadonlySet<MetricName> {
  const words = new Set(constraints.flatMap((text) => text.match(/[a-z_]+/g) ?? []))
  return new Set(METRICS.filter((name) => words.has(name)))
}

/** Parameters that have one value in the whole grid stand once above the table. */
function fixedLines(
  [best]: readonly RankedPoint[],
  fixed: ReadonlySet<string>,
  style: Style,
): readonly string[] {
  const params = Object.entries(best?.params ?? {}).filter(([name]) => fixed.has(name))
  if (params.length === 0) return []
  return wrap(`fixed  ${assignments(Object.fromEntries(params))}`, style.width, '  ')
}

/** With more parameters than columns, they follow as a list: none is ever left out. */
function paramLines(
  { rank, params }: RankedPoint,
  names: readonly string[],
  style: Style,
): readonly string[] {
  const swept = Object.fromEntries(names.map((name) => [name, params[name] as number]))
  return wrap(` ${String(rank).padStart(2)}  ${assignments(swept)}`, style.width, '     ')
}

interface EqualPoints {
  readonly point: RankedPoint
  /** How many points in a row have its figures. */
  readonly count: number
}

/** Neighbours in the ranking whose figures are all the same: what differs in their parameters changed nothing. */
function groupEqual(top: readonly RankedPoint[]): readonly EqualPoints[] {
  const groups: EqualPoints[] = []
  for (const point of top) {
    const last = groups.at(-1)
    const isSame =
      last !== undefined &&
      METRICS.every((name) => Object.is(last.point.metrics[name], point.metrics[name]))
    if (isSame) groups[groups.length - 1] = { ...last, count: last.count + 1 }
    else groups.push({ point, count: 1 })
  }
  return groups
}

function toColumn({ metric, title, priority }: MetricColumn, asked: ReadonlySet<MetricName>) {
  const column: Column = asked.has(metric)
    ? { title, align: 'right' }
    : { title, priority, align: 'right' }
  return { metric, column }
}

function rankColumns(first: MetricColumn, names: readonly string[]): Column[] {
  return ['#', first.title, ...names].map((title) => ({ title, align: 'right' }))
}

function rankCells(
  point: RankedPoint,
  count: number,
  first: MetricColumn,
  names: readonly string[],
): string[] {
  const params = names.map((name) => paramValue(point.params[name] as number))
  const rank = count === 1 ? String(point.rank) : `${point.rank}-${point.rank + count - 1}`
  return [rank, metricText(first.metric, point.metrics[first.metric]), ...params]
}
