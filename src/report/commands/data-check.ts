import { basename, dirname } from 'node:path'
import { type Static, Type } from 'typebox'
import { formatInstant } from '../../core/units.ts'
import type { CheckProgress, SeriesCheck } from '../../data/index.ts'
import { AdviceDocument, adviceJson, checkAdvice } from '../check-advice.ts'
import { Causes, causeJson, causesText, gap, gapJson } from '../continuity.ts'
import { Count, closed, Instant, Nullable, span } from '../leaves.ts'
import type { Report } from '../report.ts'
import { factLines, warningLines } from '../terminal/blocks.ts'
import { count, decimal, instant, percent, plural } from '../terminal/format.ts'
import { clip, paintOf, type Style, wrapParts } from '../terminal/style.ts'
import type { Warning } from '../views.ts'

const BadRows = Type.Array(
  Type.Object(
    {
      path: Type.String(),
      rows: Count('rows that break a rule'),
      kinds: Type.Record(Type.String(), Type.Integer(), {
        description:
          'those rows by rule: `time`, `grid`, `duplicate`, `order`, `month`, `price`, `volume`, `ohlc`',
      }),
      examples: Type.Array(
        Type.Object(
          {
            row: Type.Integer({ minimum: 1 }),
            time: Nullable(Instant),
            kind: Type.String(),
            rule: Type.String(),
          },
          closed,
        ),
        { description: 'the first five' },
      ),
    },
    closed,
  ),
  {
    description: 'files with rows that break a rule of stored candles; reading stops at such a row',
  },
)

const Comparisons = Type.Array(
  Type.Object(
    {
      finer: Type.String({ description: 'interval of the finer stored series' }),
      compared: Count('candles that both have'),
      differing: Count('those of them that differ'),
      columns: Type.Record(Type.String(), Type.Integer(), { description: 'differing by column' }),
      examples: Type.Array(
        Type.Object(
          {
            time: Instant,
            column: Type.String(),
            stored: Type.Number(),
            resampled: Type.Number(),
          },
          closed,
        ),
        { description: 'the first five' },
      ),
    },
    closed,
  ),
  { description: 'stored candles against those that finer stored ones give' },
)

const ManifestFindings = Type.Array(
  Type.Object(
    {
      path: Type.String(),
      month: Nullable(Type.String({ description: 'null: the manifest itself' })),
      kind: Type.Enum(['wrong', 'outdated', 'unverified']),
      fields: Type.Array(Type.String(), { description: 'what differs, or is wrong' }),
    },
    closed,
  ),
  {
    description:
      'where the manifest is damaged or disagrees with its file (`wrong`), describes a file that is gone (`outdated`) or does not list one (`unverified`)',
  },
)

const Spikes = Type.Array(
  Type.Object(
    {
      time: Instant,
      side: Type.Enum(['high', 'low']),
      price: Type.Number(),
      ratio: Type.Number({ description: 'beyond the nearer neighbour, of the close before' }),
      ranges: Nullable(Type.Number({ description: 'the same in median true ranges' })),
    },
    closed,
  ),
  { description: 'the five largest' },
)

const Document = Type.Object(
  {
    problems: Count('findings that change results, in all series and the ledger'),
    notes: Count('findings that somebody should look at, in all series'),
    ledger: Type.Array(Type.String(), {
      description: 'what is wrong with the ledger of ingestion, which counts among the problems',
    }),
    series: Type.Array(
      Type.Object(
        {
          ...span,
          problems: Count('bad rows, unreadable files, differing candles, wrong manifests'),
          notes: Count(
            'gaps, candles without volume, stale runs, spikes, outdated manifests, unverified files',
          ),
          files: Count('months stored'),
          rows: Count('rows read'),
          start_time: Nullable(Instant),
          end_time: Nullable(Instant),
          bad_files: BadRows,
          unreadable: Type.Array(
            Type.Object({ path: Type.String(), reason: Type.String() }, closed),
          ),
          comparisons: Comparisons,
          manifest: ManifestFindings,
          advice: AdviceDocument,
          holes: Count('candles missing between the first and the last'),
          gaps: Count('ranges of missing candles'),
          longest_gaps: Type.Array(Type.Object({ ...gap, causes: Causes }, closed), {
            description: 'the five longest',
          }),
          causes: Causes,
          zero_volume: Count('candles without volume'),
          missing_volume: Count('candles whose volume is not known: null'),
          stale: Count('runs of five or more candles that repeat one price without volume'),
          longest_stale: Type.Array(
            Type.Object({ ...gap, candles: Count('candles of the run') }, closed),
            { description: 'the five longest' },
          ),
          spikes: Count('candles whose high or low is far beyond both neighbours'),
          largest_spikes: Spikes,
        },
        closed,
      ),
    ),
  },
  closed,
)

interface Checked {
  readonly checks: readonly SeriesCheck[]
  /** What is wrong with the ledger of ingestion. */
  readonly ledger: readonly string[]
  /** What was not checked, and why. */
  readonly warnings: readonly Warning[]
}

export const dataCheckReport: Report<Checked, typeof Document> = {
  id: 'crypto/data.check@1',
  schema: Document,
  json: ({ checks, ledger }) => ({
    ...totals(checks, ledger),
    ledger: [...ledger],
    series: checks.map(seriesCheckJson),
  }),
  lines: checkLines,
  warnings: ({ warnings }) => warnings,
}

function totals(checks: readonly SeriesCheck[], ledger: readonly string[]) {
  return {
    problems: checks.reduce((sum, check) => sum + check.problems, ledger.length),
    notes: checks.reduce((sum, check) => sum + check.notes, 0),
  }
}

function seriesCheckJson(check: SeriesCheck): Static<typeof Document>['series'][number] {
  return {
    exchange: check.exchange,
    symbol: check.symbol,
    interval: check.interval,
    problems: check.problems,
    notes: check.notes,
    files: check.files,
    rows: check.rows,
    start_time: instantJson(check.fromMs),
    end_time: instantJson(check.toMs),
    bad_files: check.badFiles.map(({ path, rows, kinds, examples }) => ({
      path,
      rows,
      kinds: { ...kinds },
      examples: examples.map(({ row, openTime, kind, rule }) => ({
        row,
        time: Number.isSafeInteger(openTime) ? instantJson(openTime) : null,
        kind,
        rule,
      })),
    })),
    unreadable: check.unreadable.map(({ path, reason }) => ({ path, reason })),
    comparisons: check.comparisons.map((comparison) => ({
      finer: comparison.finer,
      compared: comparison.compared,
      differing: comparison.differing,
      columns: { ...comparison.columns },
      examples: comparison.examples.map(({ openTime, column, stored, resampled }) => ({
        time: formatInstant(openTime),
        column,
        stored,
        resampled,
      })),
    })),
    manifest: check.manifest.map(({ path, month, kind, fields }) => ({
      path,
      month,
      kind,
      fields: [...fields],
    })),
    advice: checkAdvice(check).map(adviceJson),
    holes: check.missing,
    gaps: check.gaps,
    longest_gaps: check.longestGaps.map((gap) => ({
      ...gapJson(gap),
      causes: gap.causes.map(causeJson),
    })),
    causes: check.causes.map(causeJson),
    zero_volume: check.zeroVolume,
    missing_volume: check.missingVolume,
    stale: check.stale,
    longest_stale: check.longestStale.map(gapJson),
    spikes: check.spikes,
    largest_spikes: check.largestSpikes.map(({ openTime, side, price, ratio, ranges }) => ({
      time: formatInstant(openTime),
      side,
      price,
      ratio,
      // A market that stood still has no range to measure by.
      ranges: Number.isFinite(ranges) ? ranges : null,
    })),
  }
}

/** Null where there is no candle, or a time that no calendar has. */
function instantJson(ms: number | null): string | null {
  return ms === null || Math.abs(ms) > 8.64e15 ? null : formatInstant(ms)
}

type Fact = readonly [label: string, text: string]

const INDENT = '  '

/** Examples shown of one finding; the document has more. */
const SHOWN_MAX = 3

/** One block a series: what is wrong first, what to look at after it; then a line that sums up. */
function checkLines({ checks, ledger, warnings }: Checked, style: Style): string[] {
  const { problems, notes } = totals(checks, ledger)
  const damage = ledger.map((text): Fact => ['ledger', text])
  return [
    ...checks.flatMap((check) => blockLines(check, style)),
    ...factLines(damage, style),
    `${plural(checks.length, 'series', 'series')} checked: ${verdict(problems, notes, style)}`,
    ...warningLines(warnings, style),
  ]
}

export function checkProgressLine({ done, total, series }: CheckProgress, style: Style): string {
  const { exchange, symbol, interval } = series ?? { exchange: '', symbol: '', interval: '' }
  return clip(
    `check ${done}/${total}  ${exchange} ${symbol} ${interval}`.trimEnd(),
    style.width,
    style,
  )
}

function verdict(problems: number, notes: number, style: Style): string {
  const paint = paintOf(style)
  const noted = notes === 0 ? '' : plural(notes, 'note')
  if (problems > 0) {
    return [paint.bad(plural(problems, 'problem')), noted].filter((text) => text !== '').join(', ')
  }
  return notes === 0 ? paint.good('ok') : `${paint.good('ok')}, ${noted}`
}

function blockLines(check: SeriesCheck, style: Style): string[] {
  const { exchange, symbol, interval, fromMs, toMs, rows, files, problems, notes } = check
  const head = [
    paintOf(style).bold(`${exchange} ${symbol} ${interval}`),
    `${instant(fromMs)} .. ${instant(toMs)}`,
    `${plural(rows, 'row')} in ${plural(files, 'file')}`,
    verdict(problems, notes, style),
  ]
  const facts = [...problemFacts(check), ...noteFacts(check)]
  const inner = { ...style, width: style.width - INDENT.length }
  return [
    ...wrapParts(head, style.width, INDENT),
    ...factLines(facts, inner).map((line) => `${INDENT}${line}`),
  ]
}

function problemFacts(check: SeriesCheck): Fact[] {
  const files = [...check.unreadable, ...check.badFiles, ...check.manifest]
  const folders = new Set(files.map(({ path }) => dirname(path)))
  return [
    ...[...folders].map((folder): Fact => ['folder', folder]),
    ...check.unreadable.map(
      ({ path, reason }): Fact => ['unreadable', `${basename(path)}: ${reason}`],
    ),
    ...check.badFiles.flatMap(({ path, rows, kinds, examples }) => [
      ['bad rows', `${basename(path)}: ${plural(rows, 'row')} (${countsText(kinds)})`] as const,
      ...examples
        .slice(0, SHOWN_MAX)
        .map(
          ({ row, openTime, rule }): Fact => ['', `row ${row} (${timeText(openTime)}): ${rule}`],
        ),
    ]),
    ...check.comparisons.flatMap(comparisonFacts),
    ...check.manifest.map(
      ({ path, kind, fields }): Fact => [
        'manifest',
        fields.length === 0
          ? `${basename(path)}: ${kind}`
          : `${kind} for ${basename(path)}: ${fields.join(', ')}`,
      ],
    ),
    ...checkAdvice(check).map(({ text }): Fact => ['to do', text]),
  ]
}

function comparisonFacts({
  finer,
  compared,
  differing,
  columns,
  examples,
}: SeriesCheck['comparisons'][number]): readonly Fact[] {
  const candles = plural(compared, 'candle')
  if (differing === 0) return [['agrees', `with ${finer} in ${candles}`]]
  return [
    ['differs', `from ${finer} in ${count(differing)} of ${candles} (${countsText(columns)})`],
    ...examples
      .slice(0, SHOWN_MAX)
      .map(
        ({ openTime, column, stored, resampled }): Fact => [
          '',
          `${instant(openTime)} ${column}: stored ${stored}, from ${finer} ${resampled}`,
        ],
      ),
  ]
}

function noteFacts(check: SeriesCheck): Fact[] {
  return [...gapFacts(check), ...volumeFacts(check), ...spikeFacts(check)]
}

function gapFacts({ missing, gaps, causes, longestGaps }: SeriesCheck): Fact[] {
  if (gaps === 0) return []
  const longest = longestGaps.slice(0, SHOWN_MAX)
  return [
    ['holes', `${plural(missing, 'candle')} in ${plural(gaps, 'gap')}${causesText(causes)}`],
    ...longest.map(
      (gap): Fact => ['', `${rangeText(gap)}  ${count(gap.candles)}${causesText(gap.causes)}`],
    ),
  ]
}

function volumeFacts({ zeroVolume, missingVolume, stale, longestStale }: SeriesCheck): Fact[] {
  const idle: Fact[] = zeroVolume === 0 ? [] : [['no volume', plural(zeroVolume, 'candle')]]
  if (missingVolume > 0) idle.push(['volume', `not known of ${plural(missingVolume, 'candle')}`])
  if (stale === 0) return idle
  const runs = longestStale.slice(0, SHOWN_MAX)
  return [
    ...idle,
    ['stale', `${plural(stale, 'run')} of one price without volume`],
    ...runs.map((run): Fact => ['', `${rangeText(run)}  ${plural(run.candles, 'candle')}`]),
  ]
}

function spikeFacts({ spikes, largestSpikes }: SeriesCheck): Fact[] {
  if (spikes === 0) return []
  return [
    ['spikes', `${plural(spikes, 'candle')} far beyond both neighbours`],
    ...largestSpikes.slice(0, SHOWN_MAX).map(({ openTime, side, price, ratio, ranges }): Fact => {
      const reach = `${percent(ratio)} beyond, ${decimal(ranges, 0)} median ranges`
      return ['', `${instant(openTime)}  ${side} ${price}  ${reach}`]
    }),
  ]
}

function rangeText({ fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }): string {
  return `${instant(fromMs)} .. ${instant(toMs)}`
}

/** `ohlc 2, duplicate 1` */
function countsText(counts: Readonly<Record<string, number | undefined>>): string {
  return Object.entries(counts)
    .map(([name, value]) => `${name} ${count(value)}`)
    .join(', ')
}

function timeText(openTime: number): string {
  return Math.abs(openTime) <= 8.64e15 ? instant(openTime) : 'no time'
}
