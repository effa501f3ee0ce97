import type { BacktestRow } from '../../backtesting/results.ts'
import { METRIC_SPECS, METRICS, type MetricName } from '../../core/metrics.ts'
import { warningsOfRow } from '../warnings.ts'
import { assignments, factLines, warningLines } from './blocks.ts'
import { continuityLines } from './continuity.ts'
import { decimal, instant, plural } from './format.ts'
import { metricText } from './metrics.ts'
import { sparkline } from './sparkline.ts'
import { paintOf, type Style, wrap, wrapParts } from './style.ts'
import { renderTable } from './table.ts'

/** The lines of the metric table; how long the drawdown lasted is a note beside it. */
const METRIC_LINES = METRICS.filter((name) => name !== 'max_drawdown_days')

/** Returns the view of one or several rows: a comparison first when there is something to compare. */
export function backtestLines(rows: readonly BacktestRow[], style: Style): string[] {
  const details = rows.flatMap((row, i) => [...(i === 0 ? [] : ['']), ...rowLines(row, style)])
  return rows.length > 1 ? [...comparisonLines(rows, style), '', ...details] : details
}

/** What a person calls the backtests; nothing for one that has no title of its own. */
export function titleLines(
  titles: readonly (readonly [name: string, title: string])[],
  style: Style,
): string[] {
  const given = titles.filter(([name, title]) => title !== name)
  if (given.length === 0) return []
  const [only] = titles
  if (titles.length > 1 || only === undefined) return [...factLines(given, style), '']
  return [...wrap(only[1], style.width).map(paintOf(style).bold), '']
}

/** One row in full: strategy beside buy and hold, warnings beneath. */
export function rowLines(row: BacktestRow, style: Style): string[] {
  return [
    ...headLines(row, style),
    '',
    ...metricTable(row, style),
    ...continuityLines(row.continuity, style),
    ...warningLines(warningsOfRow(row), style),
  ]
}

function headLines(row: BacktestRow, style: Style): string[] {
  const market = `${row.symbol} ${row.interval}`
  const period = `${instant(row.firstMs)} .. ${instant(row.endMs)}`
  const bars = plural(row.bars, 'bar')
  const head = wrapParts([row.strategy, market, period, bars], style.width, '  ')
  const params = wrap(`${row.type} ${assignments(row.params)}`.trimEnd(), style.width - 2)
  return [
    ...head.map((line) => paintOf(style).bold(line)),
    ...params.map((line) => paintOf(style).dim(`  ${line}`)),
  ]
}

function metricTable(row: BacktestRow, style: Style): string[] {
  const rows = METRIC_LINES.map((metric) => [
    METRIC_SPECS[metric].title,
    metricText(metric, row.metrics[metric]),
    metricText(metric, row.benchmark[metric]),
    noteOf(row, metric, style),
  ])
  const columns = [
    { title: 'Metric' },
    { title: 'Strategy', align: 'right' },
    { title: 'Buy & hold', align: 'right' },
    { title: 'Equity and notes', priority: 1 },
  ] as const
  return renderTable({ columns, rows }, style)
}

/** What stands to the right of a line: the curve, the verdict, the length of the drawdown. */
function noteOf(row: BacktestRow, metric: MetricName, style: Style): string {
  if (metric === 'total_return') return sparkline(row.curve, 24, style)
  if (metric === 'cagr') return verdict(row, style)
  if (metric === 'max_drawdown') return drawdownNote(row.metrics.max_drawdown_days)
  return ''
}

function drawdownNote(days: number | null): string {
  return days === null ? '' : `lasted ${decimal(days, 1)} days`
}

function verdict(row: BacktestRow, style: Style): string {
  const own = row.metrics.total_return
  const held = row.benchmark.total_return
  if (own === null || held === null) return ''
  const paint = paintOf(style)
  if (own === held) return 'same return as buy & hold'
  return own > held ? paint.good('beats buy & hold') : paint.bad('less than buy & hold')
}

/** One line a row; columns go from the right kind of less important when the terminal is narrow. */
export function comparisonLines(rows: readonly BacktestRow[], style: Style): string[] {
  const backtests = new Set(rows.map((row) => row.backtest))
  const columns = [
    { title: 'Backtest', priority: backtests.size > 1 ? 11 : 0, lastResort: 16 },
    { title: 'Strategy', lastResort: 14 },
    { title: 'Market', priority: 12 },
    { title: 'Return', align: 'right' },
    { title: 'Hold', align: 'right', priority: 10 },
    { title: 'CAGR', align: 'right', priority: 3 },
    { title: 'Sharpe', align: 'right' },
    { title: 'Max DD', align: 'right', priority: 13 },
    { title: 'Trades', align: 'right', priority: 9 },
    { title: 'Win', align: 'right', priority: 5 },
    { title: 'PF', align: 'right', priority: 4 },
    { title: 'In mkt', align: 'right', priority: 2 },
    { title: 'Fees', align: 'right', priority: 1 },
    { title: 'Equity', align: 'right', priority: 6 },
    { title: 'Curve', priority: 7 },
  ] as const
  return renderTable({ columns, rows: rows.map((row) => comparisonCells(row, style)) }, style)
}

function comparisonCells(row: BacktestRow, style: Style): string[] {
  const { metrics, benchmark } = row
  const show = (name: MetricName) => metricText(name, metrics[name])
  return [
    row.backtest,
    row.strategy,
    `${row.symbol} ${row.interval}`,
    show('total_return'),
    metricText('total_return', benchmark.total_return),
    show('cagr'),
    show('sharpe'),
    show('max_drawdown'),
    show('trades'),
    show('win_rate'),
    show('profit_factor'),
    show('exposure'),
    show('fees'),
    show('final_equity'),
    sparkline(row.curve, 12, style),
  ]
}
