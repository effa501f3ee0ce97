import { type Static, Type } from 'typebox'
import type { SweepEstimate, SweepProgress, SweepResult } from '../../backtesting/results.ts'
import type { MarketChoice } from '../../config/index.ts'
import { METRICS } from '../../core/metrics.ts'
import { formatInstant } from '../../core/units.ts'
import { fewTrades, holes, shortSample } from '../caveats.ts'
import { ContinuityDocument, continuityJson, continuityLines } from '../continuity.ts'
import { Count, closed, Instant } from '../leaves.ts'
import { metricText } from '../metrics.ts'
import { RankedPointDocument, rankedPointJson, topTable } from '../ranking.ts'
import type { Report } from '../report.ts'
import { assignments, factLines, warningLines } from '../terminal/blocks.ts'
import { bytes, count, duration, instant, paramValue, plural, rate } from '../terminal/format.ts'
import { clip, glyphsOf, paintOf, type Style, wrap, wrapParts } from '../terminal/style.ts'
import type { Warning } from '../views.ts'

const Document = Type.Object(
  {
    sweep: Type.String({ description: 'key in sweeps.yaml' }),
    strategy: Type.String(),
    symbol: Type.String(),
    interval: Type.String(),
    start_time: Instant,
    end_time: Instant,
    combinations: Count('parameter points of the sweep'),
    completed: Count('points computed; fewer after an interruption'),
    interrupted: Type.Boolean(),
    bars: Count('bars judged'),
    holes: Count('candles missing among them'),
    continuity: ContinuityDocument,
    workers: Type.Integer({ minimum: 1 }),
    seconds: Type.Number({ minimum: 0, description: 'wall time of the computation' }),
    bar_combinations_per_second: Type.Number({ minimum: 0 }),
    peak_rss_bytes: Count('largest resident memory of the process'),
    digest: Type.String({
      description: 'sha-256 over all rows; the same for every number of workers',
    }),
    rows_file: Type.String({
      description: 'Parquet of all rows; NAME.partial.parquet after an interruption',
    }),
    manifest_file: Type.String({ description: 'JSON beside it: what made the rows' }),
    objective: Type.Enum([...METRICS]),
    constraints: Type.Array(Type.String()),
    eligible: Count('points that satisfied every constraint'),
    without_objective: Count(
      'of those, how many rank last because the objective is not computable',
    ),
    undecided: Type.Array(
      Type.Object(
        { constraint: Type.String(), rows: Count('points without a value that it needs') },
        closed,
      ),
      { description: 'constraints that points did not decide for want of a value' },
    ),
    top: Type.Array(RankedPointDocument),
  },
  closed,
)

export const backtestSweepReport: Report<SweepResult, typeof Document> = {
  id: 'crypto/backtest.sweep@1',
  schema: Document,
  json: sweepJson,
  lines: sweepLines,
  warnings: warningsOfSweep,
}

function sweepJson(result: SweepResult): Static<typeof Document> {
  return {
    sweep: result.sweep,
    strategy: result.strategy,
    symbol: result.symbol,
    interval: result.interval,
    start_time: formatInstant(result.firstMs),
    end_time: formatInstant(result.endMs),
    combinations: result.combinations,
    completed: result.completed,
    interrupted: result.interrupted,
    bars: result.bars,
    holes: result.holes,
    continuity: continuityJson(result.continuity),
    workers: result.workers,
    seconds: result.seconds,
    bar_combinations_per_second: result.barCombinationsPerSecond,
    peak_rss_bytes: result.peakRssBytes,
    digest: result.digest,
    rows_file: result.rowsFile,
    manifest_file: result.manifestFile,
    objective: result.objective,
    constraints: [...result.constraints],
    eligible: result.eligible,
    without_objective: result.withoutObjective,
    undecided: result.undecided.map(({ constraint, rows }) => ({ constraint, rows })),
    top: result.top.map(rankedPointJson),
  }
}

function warningsOfSweep(result: SweepResult): Warning[] {
  return [
    ...interruption(result),
    ...texts('TILE_RETRIED', result.warnings),
    ...texts('PARAM_UNUSED', result.unused),
    ...texts('PERIOD', result.notes),
    ...nothingEligible(result),
    ...withoutObjective(result),
    ...undecided(result),
    ...fewTrades(result.top[0]?.metrics.trades ?? null, 'the winner made '),
    ...shortSample(result),
    ...holes(result),
    ...atEdge(result),
    ...equalRows(result),
    ...bestOfMany(result),
  ]
}

function texts(code: string, messages: readonly string[] = []): Warning[] {
  return messages.map((message) => ({ code, message }))
}

function interruption(result: SweepResult): Warning[] {
  if (!result.interrupted) return []
  const message = `interrupted: ${count(result.completed)} of ${count(result.combinations)} combinations done; the ranking covers those only`
  return [{ code: 'INTERRUPTED', message }]
}

function nothingEligible(result: SweepResult): Warning[] {
  if (result.eligible > 0) return []
  const rule =
    result.constraints.length === 0
      ? 'has a value'
      : `satisfies ${result.constraints.join(' and ')}`
  return [
    {
      code: 'NOTHING_ELIGIBLE',
      message: `no combination ${rule}: there is nothing to rank. The rows file holds all rows; relax the constraints to rank them`,
    },
  ]
}

function withoutObjective({ objective, withoutObjective: rows }: SweepResult): Warning[] {
  if (rows === 0) return []
  const message = `${plural(rows, 'combination')} ${rows === 1 ? 'has' : 'have'} no ${objective} (not computable) and ${rows === 1 ? 'ranks' : 'rank'} last`
  return [{ code: 'NO_OBJECTIVE', message }]
}

function undecided(result: SweepResult): Warning[] {
  return result.undecided.map(({ constraint, rows }) => ({
    code: 'CONSTRAINT_UNDECIDED',
    message: `${plural(rows, 'combination')} cannot be judged by '${constraint}': a metric in it is not computable, and a comparison without a value is false`,
  }))
}

/** Better values may lie outside of a grid whose first or last value won. */
function atEdge({ axes, top: [winner] }: SweepResult): Warning[] {
  if (winner === undefined) return []
  const edges = axes.flatMap(({ name, count: values, min, max }) => {
    const value = winner.params[name]
    if (values < 3 || (value !== min && value !== max)) return []
    return [`${name}=${paramValue(value)} is the ${value === min ? 'lowest' : 'highest'}`]
  })
  if (edges.length === 0) return []
  const message = `the winner lies at the edge of the grid: ${edges.join(', ')} of its values. Better ones may lie outside`
  return [{ code: 'WINNER_AT_EDGE', message }]
}

/** Parameters that differ between points of equal figures. */
function equalRows({ top }: SweepResult): Warning[] {
  const idle = new Set<string>()
  for (const [i, point] of top.entries()) {
    const next = top[i + 1]
    if (
      next === undefined ||
      !METRICS.every((name) => Object.is(point.metrics[name], next.metrics[name]))
    )
      continue
    for (const [name, value] of Object.entries(point.params)) {
      if (next.params[name] !== value) idle.add(name)
    }
  }
  if (idle.size === 0) return []
  const message = `rows of the ranking have equal figures: there ${[...idle].join(', ')} made no difference`
  return [{ code: 'EQUAL_ROWS', message }]
}

function bestOfMany(result: SweepResult): Warning[] {
  if (result.eligible < 2) return []
  const message = `the best of ${count(result.completed)} tries on the same bars flatters itself: check it on other data`
  return [{ code: 'BEST_OF_MANY', message }]
}

/** The result of a sweep: what was searched, the top, warnings, speed, where the rows are, how to see the winner. */
function sweepLines(result: SweepResult, style: Style): string[] {
  return [
    ...headLines(result, style),
    '',
    ...(result.top.length === 0 ? [] : [...topTable(result, style), '']),
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
export function winnerCommand({ sweep, top: [winner] }: SweepResult): readonly string[] {
  if (winner === undefined) return []
  return ['backtest run', `--sweep ${sweep}`, `--set ${assignments(winner.params)}`]
}

/** The same on candles that the sweep has not seen. */
export function otherDataCommand(
  result: SweepResult,
  otherData: MarketChoice | undefined,
): readonly string[] {
  const winner = winnerCommand(result)
  if (winner.length === 0 || otherData === undefined) return []
  const { symbols = [], fromMs } = otherData
  const time = fromMs === undefined ? [] : [`--from ${formatInstant(fromMs)}`]
  return [...winner, ...symbols.map((symbol) => `--symbol ${symbol}`), ...time]
}

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

const BAR_WIDTH = 20
/** Rows of the ranking in the panel: it has to fit a low terminal. */
const PANEL_TOP_MAX = 5

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
      : topTable({ ...progress, top: progress.top.slice(0, PANEL_TOP_MAX) }, style)
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
