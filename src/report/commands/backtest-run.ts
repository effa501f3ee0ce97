import { type Static, Type } from 'typebox'
import type { BacktestRow } from '../../backtesting/results.ts'
import { METRIC_SPECS, METRICS, type MetricName, nullReasons } from '../../core/metrics.ts'
import { formatInstant } from '../../core/units.ts'
import { fewTrades, holes, shortSample } from '../caveats.ts'
import { ContinuityDocument, continuityJson, continuityLines } from '../continuity.ts'
import { Count, closed, Instant, Nullable, Params } from '../leaves.ts'
import { MetricsDocument, metricCell, metricsJson, ReasonsDocument } from '../metrics.ts'
import type { Report } from '../report.ts'
import { assignments, factLines, warningLines } from '../terminal/blocks.ts'
import { decimal, instant, plural } from '../terminal/format.ts'
import { sparkline } from '../terminal/sparkline.ts'
import { paintOf, type Style, wrap, wrapParts } from '../terminal/style.ts'
import { renderTable } from '../terminal/table.ts'
import type { Warning } from '../views.ts'

const RowDocument = Type.Object(
  {
    backtest: Type.String({
      description: 'key in backtests.yaml, or of the sweep for a re-run point',
    }),
    strategy: Type.String({ description: 'key in strategies.yaml' }),
    type: Type.String({ description: 'registered strategy' }),
    symbol: Type.String(),
    interval: Type.String(),
    params: Params,
    bars: Count('bars judged'),
    holes: Count('candles missing among them'),
    continuity: ContinuityDocument,
    start_time: Instant,
    end_time: Instant,
    open_position: Type.Boolean({ description: 'a position is open at the end' }),
    metrics: MetricsDocument,
    reasons: ReasonsDocument,
    benchmark: MetricsDocument,
    benchmark_reasons: ReasonsDocument,
  },
  closed,
)

const Document = Type.Object(
  {
    rows: Type.Array(RowDocument),
    trades_file: Nullable(Type.String({ description: 'file of --trades, when there is one run' })),
    equity_file: Nullable(Type.String({ description: 'file of --equity, when there is one run' })),
    files: Type.Array(
      Type.Object(
        { kind: Type.String({ description: '`trades` or `equity`' }), path: Type.String() },
        closed,
      ),
      { description: 'everything that was written' },
    ),
  },
  closed,
)

interface BacktestRuns {
  /** Title of the backtest; undefined for a point of a sweep. */
  readonly title: string | undefined
  readonly rows: readonly BacktestRow[]
  /** What was written: kind and path. */
  readonly files: readonly (readonly [kind: string, path: string])[]
  /** About the judged bars. */
  readonly notes: readonly string[]
  /** About the runs. */
  readonly warnings: readonly Warning[]
}

export const backtestRunReport: Report<BacktestRuns, typeof Document> = {
  id: 'crypto/backtest.run@1',
  schema: Document,
  json: ({ rows, files }) => ({
    rows: rows.map(rowJson),
    trades_file: onlyFile(files, 'trades'),
    equity_file: onlyFile(files, 'equity'),
    files: files.map(([kind, path]) => ({ kind, path })),
  }),
  lines: (runs, style) => [
    ...titleLines(runs.title, style),
    ...backtestLines(runs.rows, style),
    ...warningLines(warningsOfRuns(runs), style),
    ...factLines(runs.files, style),
  ],
  warnings: (runs) => [...warningsOfRuns(runs), ...warningsOfRows(runs.rows)],
}

/** With several runs there are several files, none of which has the name that was asked for. */
function onlyFile(files: BacktestRuns['files'], wanted: string): string | null {
  const [first, ...more] = files.filter(([kind]) => kind === wanted)
  return first === undefined || more.length > 0 ? null : first[1]
}

function rowJson(row: BacktestRow): Static<typeof RowDocument> {
  return {
    backtest: row.backtest,
    strategy: row.strategy,
    type: row.type,
    symbol: row.symbol,
    interval: row.interval,
    params: { ...row.params },
    bars: row.bars,
    holes: row.holes,
    continuity: continuityJson(row.continuity),
    start_time: formatInstant(row.firstMs),
    end_time: formatInstant(row.endMs),
    open_position: row.openPosition,
    metrics: metricsJson(row.metrics),
    reasons: { ...nullReasons(row.metrics) },
    benchmark: metricsJson(row.benchmark),
    benchmark_reasons: { ...nullReasons(row.benchmark) },
  }
}

function warningsOfRuns({ warnings, notes }: BacktestRuns): readonly Warning[] {
  return [...warnings, ...notes.map((message) => ({ code: 'PERIOD', message }))]
}

/** Returns the warnings of several rows, each naming its row when there is more than one. */
function warningsOfRows(rows: readonly BacktestRow[]): Warning[] {
  if (rows.length === 1) return warningsOfRow(rows[0] as BacktestRow)
  return rows.flatMap((row) =>
    warningsOfRow(row).map(({ code, message }) => ({
      code,
      message: `${row.strategy} ${row.symbol} ${row.interval}: ${message}`,
    })),
  )
}

/** Returns what a reader of one backtest has to know before believing its figures. */
function warningsOfRow(row: BacktestRow): Warning[] {
  return [
    ...fewTrades(row.metrics.trades),
    ...shortSample(row),
    ...openAtEnd(row),
    ...holes(row),
    ...notComputable(row),
  ]
}

function openAtEnd(row: BacktestRow): Warning[] {
  if (!row.openPosition) return []
  const message = 'a position is open at the end, valued at the last close without an exit fee'
  return [{ code: 'OPEN_AT_END', message }]
}

function notComputable(row: BacktestRow): Warning[] {
  const names = Object.entries(row.metrics).flatMap(([name, value]) =>
    value === null ? [name] : [],
  )
  if (names.length === 0) return []
  const message = `the sample does not carry ${names.join(', ')}`
  return [{ code: 'NOT_COMPUTABLE', message }]
}

/** The lines of the metric table; how long the drawdown lasted is a note beside it. */
const METRIC_LINES = METRICS.filter((name) => name !== 'max_drawdown_days')

/** Returns the view of one or several rows: a comparison first when there is something to compare. */
function backtestLines(rows: readonly BacktestRow[], style: Style): string[] {
  const details = rows.flatMap((row, i) => [...(i === 0 ? [] : ['']), ...rowLines(row, style)])
  return rows.length > 1 ? [...comparisonLines(rows, style), '', ...details] : details
}

/** What a person calls the backtests; nothing for one that has no title of its own. */
function titleLines(title: string | undefined, style: Style): string[] {
  return title === undefined ? [] : [...wrap(title, style.width).map(paintOf(style).bold), '']
}

/** One row in full: strategy beside buy and hold, warnings beneath. */
function rowLines(row: BacktestRow, style: Style): string[] {
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
    metricCell(metric, row.metrics[metric], style),
    metricCell(metric, row.benchmark[metric], style),
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
function comparisonLines(rows: readonly BacktestRow[], style: Style): string[] {
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
  const show = (name: MetricName) => metricCell(name, metrics[name], style)
  return [
    row.backtest,
    row.strategy,
    `${row.symbol} ${row.interval}`,
    show('total_return'),
    metricCell('total_return', benchmark.total_return, style),
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
