import { Type } from 'typebox'
import { formatInstant } from '../../core/units.ts'
import { Count, closed, Instant, span } from '../leaves.ts'
import type { Report } from '../report.ts'
import { warningLines } from '../terminal/blocks.ts'
import { bytes, count, instant } from '../terminal/format.ts'
import type { Style } from '../terminal/style.ts'
import { renderTable } from '../terminal/table.ts'
import type { SeriesView, Warning } from '../views.ts'

const Document = Type.Object(
  {
    series: Type.Array(
      Type.Object(
        {
          ...span,
          rows: Count('stored candles'),
          holes: Count('candles missing between the first and the last'),
          start_time: Instant,
          end_time: Instant,
          bytes: Count('size on disk'),
          source: Type.String({ description: '`sample`, `lake` or `mixed`' }),
        },
        closed,
      ),
    ),
  },
  closed,
)

interface StoredSeries {
  readonly series: readonly SeriesView[]
  /** One for each series that cannot be read. */
  readonly warnings: readonly Warning[]
}

export const dataListReport: Report<StoredSeries, typeof Document> = {
  id: 'crypto/data.list@1',
  schema: Document,
  json: ({ series }) => ({ series: series.map(seriesJson) }),
  lines: ({ series, warnings }, style) => [
    ...(series.length + warnings.length === 0 ? ['no candles are stored'] : []),
    ...(series.length === 0 ? [] : seriesTable(series, style)),
    ...warningLines(warnings, style),
  ],
  warnings: ({ warnings }) => warnings,
}

function seriesJson(one: SeriesView) {
  return {
    exchange: one.exchange,
    symbol: one.symbol,
    interval: one.interval,
    rows: one.rows,
    holes: one.holes,
    start_time: formatInstant(one.fromMs),
    end_time: formatInstant(one.toMs),
    bytes: one.bytes,
    source: one.source,
  }
}

/** Stored series, one line each. */
function seriesTable(series: readonly SeriesView[], style: Style): string[] {
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
