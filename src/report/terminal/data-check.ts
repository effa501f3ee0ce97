import { basename, dirname } from 'node:path'
import type { CheckProgress, SeriesCheck } from '../../data/index.ts'
import { checkAdvice } from '../check-advice.ts'
import { factLines } from './blocks.ts'
import { causesText } from './continuity.ts'
import { count, decimal, instant, percent, plural } from './format.ts'
import { clip, paintOf, type Style, wrapParts } from './style.ts'

type Fact = readonly [label: string, text: string]

const INDENT = '  '

/** Examples shown of one finding; the document has more. */
const SHOWN_MAX = 3

/** One block a series: what is wrong first, what to look at after it; a last line sums up. */
export function checkLines(
  checks: readonly SeriesCheck[],
  ledger: readonly string[],
  style: Style,
): string[] {
  return [
    ...checks.flatMap((check) => blockLines(check, style)),
    ...factLines(
      ledger.map((text): Fact => ['ledger', text]),
      style,
    ),
    summaryLine(checks, ledger, style),
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

function summaryLine(
  checks: readonly SeriesCheck[],
  ledger: readonly string[],
  style: Style,
): string {
  const problems = checks.reduce((sum, check) => sum + check.problems, ledger.length)
  const notes = checks.reduce((sum, check) => sum + check.notes, 0)
  return `${plural(checks.length, 'series', 'series')} checked: ${verdict(problems, notes, style)}`
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

function volumeFacts({ zeroVolume, stale, longestStale }: SeriesCheck): Fact[] {
  const idle: Fact[] = zeroVolume === 0 ? [] : [['no volume', plural(zeroVolume, 'candle')]]
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
