import type { ExportSummary } from '../../data/index.ts'
import type { ImportView, SeriesView, SyncedSeriesView, Warning } from '../views.ts'
import { warningLines } from './blocks.ts'
import { builtFrom } from './continuity.ts'
import { bytes, count, duration, instant, plural } from './format.ts'
import { type Style, wrap } from './style.ts'
import { renderTable } from './table.ts'

/** Stored series, one line each. */
export function seriesListLines(series: readonly SeriesView[], style: Style): string[] {
  const columns = [
    { title: 'Exchange' },
    { title: 'Symbol' },
    { title: 'Interval' },
    { title: 'From' },
    { title: 'To' },
    { title: 'Candles', align: 'right' },
    { title: 'Holes', align: 'right', priority: 3 },
    { title: 'Size', align: 'right', priority: 1 },
    { title: 'Source', priority: 2 },
  ] as const
  const rows = series.map((one) => [
    one.exchange,
    one.symbol,
    one.interval,
    instant(one.fromMs),
    instant(one.toMs),
    count(one.rows),
    count(one.holes),
    bytes(one.bytes),
    one.source,
  ])
  return renderTable({ columns, rows }, style)
}

/** What an export wrote, and what is missing in it. */
export function exportLines(written: ExportSummary, style: Style): string[] {
  const { exchange, symbol, interval, holes, resampledFrom, incomplete } = written
  const period = `${instant(written.fromMs)} .. ${instant(written.toMs)}`
  const built = builtFrom(resampledFrom, written.isSparse)
  const missing = holes === 0 ? 'no hole' : `${plural(holes, 'candle')} missing`
  const parts = incomplete === 0 ? '' : `, ${count(incomplete)} incomplete left out`
  return [
    `${exchange} ${symbol} ${interval}  ${period}  ${plural(written.rows, 'candle')}${built}`,
    `  ${missing}${parts}; written to ${written.file}`,
  ].flatMap((line) => wrap(line, style.width, '  '))
}

/** What a sync did, one row a series. */
export function syncLines(series: readonly SyncedSeriesView[], style: Style): string[] {
  const columns = [
    { title: 'Exchange', priority: 2 },
    { title: 'Symbol' },
    { title: 'Interval' },
    { title: 'Copied', align: 'right' },
    { title: 'Unchanged', align: 'right' },
    { title: 'Removed', align: 'right' },
    { title: 'Candles', align: 'right' },
    { title: 'Time', align: 'right', priority: 1 },
  ] as const
  const rows = series.map((one) => [
    one.exchange,
    one.symbol,
    one.interval,
    plural(one.exported.length, 'month'),
    count(one.unchanged.length),
    count(one.removed.length),
    count(one.rows),
    duration(one.seconds),
  ])
  return renderTable({ columns, rows }, style)
}

/** Months that a sync left alone. */
export function warningsOfSync(series: readonly SyncedSeriesView[]): readonly Warning[] {
  return series
    .filter(({ conflicts }) => conflicts.length > 0)
    .map(({ exchange, symbol, interval, conflicts }) => ({
      code: 'SYNC_CONFLICT',
      message: `${exchange} ${symbol} ${interval}: ${plural(conflicts.length, 'month')} of the lake (${spanOf(conflicts)}) did not come from this database and differ from it. To keep them, import their files into it: crypto data import; to drop them, delete the files`,
    }))
}

function spanOf(months: readonly string[]): string {
  const [first, last] = [months[0], months.at(-1)]
  return first === last ? `${first}` : `${first} to ${last}`
}

/** What an import did, and what is missing in the file. */
export function importLines(result: ImportView, style: Style): string[] {
  const { exchange, symbol, interval, duplicates, holes } = result
  const period = `${instant(result.fromMs)} .. ${instant(result.toMs)}`
  const repeats = duplicates === 0 ? '' : `, ${plural(duplicates, 'repeat')} dropped`
  const lines = [
    `${exchange} ${symbol} ${interval}  ${period}  ${plural(result.rows, 'row')} read${repeats}`,
    `  ${count(result.added)} new, ${count(result.replaced)} replaced, ${count(result.unchanged)} unchanged`,
    `  ${plural(result.partitions.length, 'month')} written to ${result.folder}`,
  ]
  const missing = `${plural(holes, 'candle')} missing between the first and the last; none was invented`
  return [
    ...lines.flatMap((line) => wrap(line, style.width, '  ')),
    ...(holes === 0 ? [] : warningLines([{ code: 'HOLES', message: missing }], style)),
  ]
}
