import { Type } from 'typebox'
import { Count, closed, span } from '../leaves.ts'
import type { Report } from '../report.ts'
import { warningLines } from '../terminal/blocks.ts'
import { count, duration, plural } from '../terminal/format.ts'
import type { Style } from '../terminal/style.ts'
import { renderTable } from '../terminal/table.ts'
import type { SyncedSeriesView, Warning } from '../views.ts'

const Months = (description: string) => Type.Array(Type.String(), { description })

const Document = Type.Object(
  {
    series: Type.Array(
      Type.Object(
        {
          ...span,
          exported: Months('months copied from the database, such as `2024-01`'),
          unchanged: Count('months that were equal already'),
          removed: Months('months removed, because the database no longer has them'),
          conflicts: Months('months left alone: the lake has other candles, of its own'),
          rows: Count('candles copied'),
          seconds: Type.Number({ minimum: 0 }),
        },
        closed,
      ),
    ),
  },
  closed,
)

export const dataSyncReport: Report<readonly SyncedSeriesView[], typeof Document> = {
  id: 'crypto/data.sync@1',
  schema: Document,
  json: (series) => ({ series: series.map(seriesJson) }),
  lines: (series, style) => [
    ...(series.length === 0 ? ['no candles are stored'] : seriesTable(series, style)),
    ...warningLines(warningsOfSync(series), style),
  ],
  warnings: warningsOfSync,
}

function seriesJson(one: SyncedSeriesView) {
  return {
    exchange: one.exchange,
    symbol: one.symbol,
    interval: one.interval,
    exported: [...one.exported],
    unchanged: one.unchanged.length,
    removed: [...one.removed],
    conflicts: [...one.conflicts],
    rows: one.rows,
    seconds: one.seconds,
  }
}

/** What was copied of one series. */
export function syncedLine({ symbol, interval, exported, rows }: SyncedSeriesView): string {
  return `${symbol} ${interval}  ${plural(exported.length, 'month')}, ${plural(rows, 'candle')}`
}

/** What a sync did, one row a series. */
function seriesTable(series: readonly SyncedSeriesView[], style: Style): string[] {
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
