import type { ImportView, SeriesView } from '../views.ts'
import { warningLines } from './blocks.ts'
import { bytes, count, instant, plural } from './format.ts'
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
    { title: 'Store', priority: 2 },
  ] as const
  const rows = series.map((one) => [
    one.exchange,
    one.symbol,
    one.interval,
    instant(one.firstMs),
    instant(one.endMs),
    count(one.candles),
    count(one.holes),
    bytes(one.bytes),
    one.store,
  ])
  return renderTable({ columns, rows }, style)
}

/** What an import did, and what is missing in the series now. */
export function importLines(result: ImportView, style: Style): string[] {
  const period = `${instant(result.firstMs)} .. ${instant(result.endMs)}`
  const lines = [
    `${result.exchange} ${result.symbol} ${result.interval}  ${period}  ${plural(result.candles, 'candle')} stored`,
    `  ${plural(result.rows, 'row')} read, ${count(result.added)} new, ${plural(result.partitions.length, 'partition')} written`,
  ]
  const holes = {
    code: 'HOLES',
    message: `${plural(result.holes, 'candle')} missing between the first and the last; none was invented`,
  }
  return [
    ...lines.flatMap((line) => wrap(line, style.width, '  ')),
    ...(result.holes === 0 ? [] : warningLines([holes], style)),
  ]
}
