import { Type } from 'typebox'
import { databaseFields, databaseJson, noteLines, placeFacts } from '../database.ts'
import { Count, closed, Nullable } from '../leaves.ts'
import type { Report } from '../report.ts'
import { factLines } from '../terminal/blocks.ts'
import { bytes, count, instant, plural } from '../terminal/format.ts'
import type { Style } from '../terminal/style.ts'
import { renderTable } from '../terminal/table.ts'
import type { DatabaseStatusView } from '../views.ts'

const Document = Type.Object(
  {
    ...databaseFields,
    bytes: Count('of the whole database'),
    stored: Nullable(
      Type.Object(
        {
          series: Count('series of candles'),
          candles_estimate: Nullable(
            Count('by the statistics of the server; null while it has none'),
          ),
          bytes: Count('of the candles and their index'),
          chunks: Nullable(Count('null for an ordinary table')),
          compressed_chunks: Nullable(Count('of them compressed')),
        },
        { ...closed, description: 'null while the database has no tables' },
      ),
    ),
  },
  closed,
)

export const dbStatusReport: Report<DatabaseStatusView, typeof Document> = {
  id: 'crypto/db.status@1',
  schema: Document,
  json: (view) => ({
    ...databaseJson(view),
    bytes: view.bytes,
    stored: view.stored === undefined ? null : storedJson(view.stored),
  }),
  lines: statusLines,
}

function storedJson({
  series,
  candlesEstimate,
  bytes,
  chunks,
}: NonNullable<DatabaseStatusView['stored']>) {
  return {
    series,
    candles_estimate: candlesEstimate,
    bytes,
    chunks: chunks?.count ?? null,
    compressed_chunks: chunks?.compressed ?? null,
  }
}

/** The database at a glance, and the state of each migration. */
function statusLines(view: DatabaseStatusView, style: Style): string[] {
  const columns = [
    { title: 'Migration' },
    { title: 'Status' },
    { title: 'Applied', priority: 1 },
    { title: 'Requires', priority: 2 },
  ] as const
  const rows = view.migrations.map(({ name, status, requires, appliedMs }) => [
    name,
    status,
    instant(appliedMs),
    requires ?? '-',
  ])
  const facts = [
    ...placeFacts(view),
    ['candles', candlesText(view)],
    ['size', bytes(view.bytes)],
  ] as const
  return [
    ...factLines(facts, style),
    '',
    ...renderTable({ columns, rows }, style),
    ...noteLines(view, style),
  ]
}

function candlesText({ stored }: DatabaseStatusView): string {
  if (stored === undefined) return 'no tables'
  const { series, candlesEstimate, chunks } = stored
  const candles =
    candlesEstimate === 0
      ? 'no candles'
      : candlesEstimate === null
        ? 'candles not counted yet'
        : `about ${plural(candlesEstimate, 'candle')}`
  const split =
    chunks === null
      ? ''
      : `, ${plural(chunks.count, 'chunk')} (${count(chunks.compressed)} compressed)`
  return `${plural(series, 'series', 'series')}, ${candles}, ${bytes(stored.bytes)}${split}`
}
