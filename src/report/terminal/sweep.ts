import type {
  RankedPoint,
  SweepEstimate,
  SweepProgress,
  SweepResult,
} from '../../backtesting/results.ts'
import { METRIC_SPECS, METRICS, type MetricName, type Metrics } from '../../core/metrics.ts'
import { warningsOfSweep } from '../warnings.ts'
import { assignments, factLines, nextLines, warningLines } from './blocks.ts'
import { continuityLines } from './continuity.ts'
import { bytes, count, duration, instant, paramValue, plural, rate } from './format.ts'
import { metricText } from './metrics.ts'
import { clip, glyphsOf, paintOf, type Style, wrap, wrapParts } from './style.ts'
import { type Column, renderTable } from './table.ts'

const BAR_WIDTH = 20
/** Rows of the ranking in the panel: it has to fit a low terminal. */
const PANEL_TOP_MAX = 5

/** What a sweep says before it starts. */
export function estimateLines(estimate: SweepEstimate, style: Style): string[] {
  const dropped = estimate.gridPoints - estimate.combinations
  const grid =
    dropped === 0 ? '' : ` of ${count(estimate.gridPoints)} (${count(dropped)} excluded by where)`
  const holes = estimate.holes === 0 ? '' : `, ${plural(estimate.holes, 'candle')} missing`
  const bars = `${plural(estimate.bars, 'bar')} after ${count(estimate.warmupBars)} of warm-up${holes}`
  const size = `adds about ${bytes(estimate.memoryBytes)} of memory, a rows file of at most ${bytes(estimate.rowsBytes)}`
  const lines = [
    `sweep ${estimate.sweep}  ${plural(estimate.combinations, 'combination')}${grid}`,
    `  ${bars}`,
    `  on ${plural(estimate.workers, 'worker')}, ${size}`,
  ]
  return lines.flatMap((line) => wrap(line, style.width, '    '))
}

interface Pace {
  readonly share: number
  readonly backtestsPerSecond: number
  readonly barsPerSecond: number
  /** Seconds; null before the first block. */
  readonly remaining: number | null
}

function paceOf(progress: SweepProgress): Pace {
  const { done, total, bars, seconds } = progress
  const perSecond = seconds > 0 ? done / seconds : 0
  return {
    share: total === 0 ? 1 : done / total,
    backtestsPerSecond: perSecond,
    barsPerSecond: perSecond * bars,
    remaining: perSecond > 0 ? (total - done) / perSecond : null,
  }
}

function percentDone(share: number): string {
  return `${Math.floor(share * 100)}%`
}

/** The panel that redraws in place: bar, throughput, time left, current top. No line is wider than the terminal. */
export function panelLines(progress: SweepProgress, style: Style): string[] {
  const pace = paceOf(progress)
  const lines = [
    `sweep ${progress.sweep}  ${plural(progress.workers, 'worker')}  ${duration(progress.seconds)}`,
    `${progressBar(pace.share, style)} ${percentDone(pace.share).padStart(4)}  ${count(progress.done)}/${count(progress.total)}  eta ${duration(pace.remaining)}`,
    `${rate(pace.backtestsPerSecond)} backtests/s  ${rate(pace.barsPerSecond)} bar${glyphsOf(style).times}combinations/s`,
  ]
  const top =
    progress.top.length === 0
      ? []
      : topTable(progress.top.slice(0, PANEL_TOP_MAX), progress.objective, style)
  const hint = paintOf(style).dim('Ctrl-C stops and keeps what is done')
  return [...lines, ...top, hint].map((line) => clip(line, style.width, style))
}

function progressBar(share: number, style: Style): string {
  const { barFull, barEmpty } = glyphsOf(style)
  const full = Math.floor(Math.min(1, Math.max(0, share)) * BAR_WIDTH)
  return paintOf(style).good(barFull.repeat(full)) + barEmpty.repeat(BAR_WIDTH - full)
}

/** The same facts as one line, for logs and pipes; the best parameters only where they fit. */
export function plainProgressLine(progress: SweepProgress, style: Style): string {
  const pace = paceOf(progress)
  const line = [
    `sweep ${progress.sweep} ${percentDone(pace.share)}`,
    `${progress.done}/${progress.total}`,
    `${rate(pace.backtestsPerSecond)} bt/s`,
    `eta ${duration(pace.remaining)}`,
  ].join('  ')
  const best = progress.top[0]
  if (best === undefined) return clip(line, style.width, style)
  const { objective } = progress
  const withBest = `${line}  best ${metricText(objective, best.metrics[objective])}`
  const whole = `${withBest} ${assignments(best.params)}`
  return whole.length <= style.width ? whole : clip(withBest, style.width, style)
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

/** The result of a sweep: what was searched, the top, warnings, speed, where the rows are, how to see the winner. */
export function sweepLines(result: SweepResult, style: Style): string[] {
  return [
    ...headLines(result, style),
    '',
    ...(result.top.length === 0 ? [] : [...topTable(result.top, result.objective, style), '']),
    ...continuityLines(result.continuity, style),
    ...warningLines(warningsOfSweep(result), style),
    ...speedLines(result, style),
    `digest ${result.digest}`,
    ...factLines(
      [
        ['rows', result.rowsFile],
        ['manifest', result.manifestFile],
      ],
      style,
    ),
  ]
}

function headLines(result: SweepResult, style: Style): string[] {
  const market = `${result.symbol} ${result.interval}`
  const period = `${instant(result.firstMs)} .. ${instant(result.endMs)}`
  const head = [result.sweep, result.strategy, market, period, plural(result.bars, 'bar')]
  const eligible = `${count(result.eligible)} of ${count(result.completed)}`
  const rules =
    result.constraints.length === 0 ? '' : `; ${eligible} satisfy ${result.constraints.join(', ')}`
  const ranking = `ranked by ${result.objective}${rules}`
  return [
    ...wrapParts(head, style.width, '  ').map((line) => paintOf(style).bold(line)),
    ...wrap(`  ${ranking}`, style.width, '  ').map((line) => paintOf(style).dim(line)),
  ]
}

function speedLines(result: SweepResult, style: Style): string[] {
  const perSecond = result.seconds > 0 ? result.completed / result.seconds : null
  const dot = glyphsOf(style).times
  const parts = [
    plural(result.completed, 'backtest'),
    duration(result.seconds),
    plural(result.workers, 'worker'),
    `${rate(perSecond)} backtests/s`,
    `${rate(result.barCombinationsPerSecond)} bar${dot}combinations/s`,
    `peak ${bytes(result.peakRssBytes)}`,
  ]
  return wrapParts(parts, style.width)
}

/** The command that runs the winner alone, with its curve and trades; nothing when there is no winner. */
export function winnerCommandLines(
  result: SweepResult,
  style: Style,
  shared: readonly string[] = [],
): string[] {
  const winner = result.top[0]
  if (winner === undefined) return []
  const words = ['backtest run', `--sweep ${result.sweep}`, `--set ${assignments(winner.params)}`]
  return nextLines([...words, ...shared], style)
}
