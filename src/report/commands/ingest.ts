import { type Static, Type } from 'typebox'
import { parseInterval } from '../../core/intervals.ts'
import { formatInstant } from '../../core/units.ts'
import { Count, closed, Instant, Nullable, span } from '../leaves.ts'
import type { Report } from '../report.ts'
import { factLines, warningLines } from '../terminal/blocks.ts'
import { count, duration, instant, plural, rate } from '../terminal/format.ts'
import { clip, glyphsOf, paintOf, type Style } from '../terminal/style.ts'
import { renderTable } from '../terminal/table.ts'
import type { IngestPlanView, IngestProgressView, IngestSeriesView, Warning } from '../views.ts'

const period = {
  from: Instant,
  to: Instant,
}

const Document = Type.Object(
  {
    target: Type.String({ description: 'where the candles are recorded' }),
    series: Type.Array(
      Type.Object(
        {
          ...span,
          ...period,
          pages: Count('answers of the exchange'),
          fetched: Count('candles in them, repeated ones included'),
          archived: Count('candles taken from an archive'),
          written: Count('candles that were not stored before'),
          changed: Count('candles that were stored with other values'),
          holes: Count('candles of the period that the exchange does not have'),
          quarantined: Count('candles of the period that were refused'),
          unverified: Count('candles of the period that were not asked for'),
          seconds: Type.Number({ minimum: 0 }),
          error: Nullable(Type.Object({ code: Type.String(), message: Type.String() }, closed)),
        },
        closed,
      ),
    ),
  },
  closed,
)

const PlanDocument = Type.Object(
  {
    series: Type.Array(
      Type.Object(
        {
          ...span,
          ...period,
          candles: Count('candles to ask for'),
          pages: Count('requests that takes when nothing fails'),
        },
        closed,
      ),
    ),
  },
  closed,
)

interface Ingested {
  readonly series: readonly IngestSeriesView[]
  /** Where the candles went. */
  readonly target: string
  /** What was said on the way: it is on the terminal already. */
  readonly warnings: readonly Warning[]
}

export const ingestReport: Report<Ingested, typeof Document> = {
  id: 'crypto/ingest@1',
  schema: Document,
  json: ({ target, series }) => ({ target, series: series.map(seriesJson) }),
  lines: ingestLines,
  warnings: ({ series, warnings }) => [...warnings, ...warningsOfIngest(series)],
}

/** What an ingestion would fetch. */
export const ingestPlanReport: Report<readonly IngestPlanView[], typeof PlanDocument> = {
  id: 'crypto/ingest.plan@1',
  schema: PlanDocument,
  json: (plans) => ({
    series: plans.map((one) => ({ ...keyOf(one), candles: one.candles, pages: one.pages })),
  }),
  lines: planLines,
}

function seriesJson(one: IngestSeriesView): Static<typeof Document>['series'][number] {
  return {
    ...keyOf(one),
    pages: one.pages,
    fetched: one.fetched,
    archived: one.archived,
    written: one.written,
    changed: one.changed,
    holes: one.holes,
    quarantined: one.quarantined,
    unverified: one.unverified,
    seconds: one.seconds,
    error: one.error ?? null,
  }
}

function keyOf({ exchange, symbol, interval, fromMs, toMs }: IngestPlanView | IngestSeriesView) {
  return { exchange, symbol, interval, from: formatInstant(fromMs), to: formatInstant(toMs) }
}

/** What an ingestion did, one row a series, and where the candles are. */
function ingestLines({ series, target }: Ingested, style: Style): string[] {
  const columns = [
    { title: 'Symbol' },
    { title: 'Interval' },
    { title: 'From', priority: 2 },
    { title: 'To', priority: 2 },
    { title: 'New', align: 'right' },
    { title: 'Changed', align: 'right' },
    { title: 'Holes', align: 'right' },
    { title: 'Refused', align: 'right', priority: 3 },
    { title: 'Pages', align: 'right', priority: 1 },
    { title: 'Time', align: 'right', priority: 4 },
  ] as const
  const rows = series.map((one) => [
    one.symbol,
    one.interval,
    instant(one.fromMs),
    instant(one.toMs),
    count(one.written),
    count(one.changed),
    count(one.holes),
    count(one.quarantined),
    count(one.pages),
    duration(one.seconds),
  ])
  return [
    ...renderTable({ columns, rows }, style),
    ...warningLines(warningsOfIngest(series), style),
    ...factLines([['stored in', target]], style),
  ]
}

function planLines(plans: readonly IngestPlanView[], style: Style): string[] {
  const columns = [
    { title: 'Symbol' },
    { title: 'Interval' },
    { title: 'From' },
    { title: 'To' },
    { title: 'Candles', align: 'right' },
    { title: 'Requests', align: 'right' },
  ] as const
  const rows = plans.map((one) => [
    one.symbol,
    one.interval,
    instant(one.fromMs),
    instant(one.toMs),
    count(one.candles),
    count(one.pages),
  ])
  return [...renderTable({ columns, rows }, style), 'nothing was fetched (--dry-run)']
}

/** Says what the reader of a finished ingestion should know. */
function warningsOfIngest(series: readonly IngestSeriesView[]): readonly Warning[] {
  return series.flatMap((one) => {
    const name = `${one.symbol} ${one.interval}`
    const warnings: Warning[] = []
    if (one.error !== undefined) {
      const left =
        one.unverified === 0 ? '' : ` ${plural(one.unverified, 'candle')} of the period are left.`
      warnings.push({ code: one.error.code, message: `${name}: ${one.error.message}${left}` })
    }
    if (one.absent > 0) {
      const longest = `the longest of ${plural(one.longestHole, 'candle')}`
      const message = `${name}: the exchange has no candles for ${plural(one.absent, 'slot')} of the period, ${longest}; none was invented. --repair asks for them again`
      warnings.push({ code: 'HOLES', message })
    }
    if (one.quarantined > 0) {
      const message = `${name}: ${plural(one.quarantined, 'candle')} broke the rules and stay in quarantine. --repair asks for them again`
      warnings.push({ code: 'QUARANTINE', message })
    }
    if (one.unverified > 0 && one.error === undefined) {
      const message = `${name}: stopped with ${plural(one.unverified, 'candle')} to go; the same command goes on from there`
      warnings.push({ code: 'INTERRUPTED', message })
    }
    return warnings
  })
}

/** What a follower does once it has caught up. */
export function waitingLine(series: readonly IngestSeriesView[]): string {
  const [first] = series
  if (first === undefined) return 'waiting; Ctrl-C ends'
  const { interval, toMs } = first
  const closesMs = toMs + parseInterval(interval).ms
  const symbols = series.map(({ symbol }) => symbol).join(', ')
  return `${symbols}: waiting for the ${interval} candle that closes at ${formatInstant(closesMs)}; Ctrl-C ends`
}

/** What a round of `--follow` added to a series. */
export function roundLine({ symbol, interval, written, changed }: IngestSeriesView): string {
  const corrected = changed === 0 ? '' : `, ${changed} corrected`
  return `${symbol} ${interval}  ${written} new${corrected}`
}

const BAR_WIDTH = 16

/** One line of the panel or of a pipe: how far a series is. */
export function ingestProgressLine(progress: IngestProgressView, style: Style): string {
  const { symbol, interval, written } = progress
  const text = `${symbol} ${interval} ${percentDone(progress)}  ${paceOf(progress)}`
  return clip(`ingest ${text}  ${count(written)} new`, style.width, style)
}

/** The panel that redraws in place: a line with a bar for each series under way. */
export function ingestPanelLines(
  latest: readonly IngestProgressView[],
  style: Style,
): readonly string[] {
  const width = Math.max(0, ...latest.map(({ symbol }) => Bun.stringWidth(symbol)))
  const lines = latest.map((one) => {
    const pad = ' '.repeat(width - Bun.stringWidth(one.symbol))
    const name = `${one.symbol}${pad} ${one.interval}`
    return `  ${name}  ${bar(one, style)} ${percentDone(one).padStart(4)}  ${paceOf(one)}  ${count(one.written)} new`
  })
  const hint = paintOf(style).dim('Ctrl-C stops and keeps what is stored')
  return [...lines, hint].map((line) => clip(line, style.width, style))
}

function bar({ done, total }: IngestProgressView, style: Style): string {
  const { barFull, barEmpty } = glyphsOf(style)
  const full = total === 0 ? BAR_WIDTH : Math.floor((done / total) * BAR_WIDTH)
  return paintOf(style).good(barFull.repeat(full)) + barEmpty.repeat(BAR_WIDTH - full)
}

function percentDone({ done, total }: IngestProgressView): string {
  return `${total === 0 ? 100 : Math.floor((done / total) * 100)}%`
}

function paceOf({ done, total, seconds }: IngestProgressView): string {
  const perSecond = seconds > 0 ? done / seconds : 0
  const left = perSecond > 0 ? (total - done) / perSecond : null
  return `${count(done)}/${count(total)}  ${rate(perSecond)}/s  eta ${duration(left)}`
}
