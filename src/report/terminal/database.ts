import { usedFeatures } from '../database-json.ts'
import type { DatabaseMigrationView, DatabaseStatusView, DatabaseView } from '../views.ts'
import { factLines, warningLines } from './blocks.ts'
import { bytes, count, instant, plural } from './format.ts'
import type { Style } from './style.ts'
import { renderTable } from './table.ts'

/** What was applied, and what the database does without. */
export function databaseMigrationLines(view: DatabaseMigrationView, style: Style): string[] {
  const done =
    view.applied.length === 0
      ? 'nothing to do: every migration that the database can have is applied'
      : `applied ${view.applied.join(', ')}`
  return [
    ...factLines([...placeFacts(view), ['migrations', done]], style),
    ...noteLines(view, style),
  ]
}

/** The database at a glance, and the state of each migration. */
export function databaseStatusLines(view: DatabaseStatusView, style: Style): string[] {
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

function placeFacts(view: DatabaseView): readonly (readonly [label: string, text: string])[] {
  const { host, port, name, user, tls, features } = view
  return [
    ['database', `${host}:${port}/${name} as ${user}, TLS ${tls}`],
    ['server', `PostgreSQL ${features.serverVersion}`],
    ['timescale', timescaleText(view)],
  ]
}

function timescaleText(view: DatabaseView): string {
  const { tier, timescaleVersion, timescaleOffered } = view.features
  if (timescaleVersion === null) {
    return timescaleOffered === null ? 'none' : `${timescaleOffered} offered, not switched on`
  }
  const used = Object.entries(usedFeatures(view)).filter(([, isUsed]) => isUsed)
  const names = used.map(([name]) => name.replace('_', ' ')).join(', ')
  const licence = tier === 'tsl' ? 'Timescale licence' : 'Apache licence'
  return `${timescaleVersion}, ${licence}; in use: ${names || 'nothing'}`
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

function noteLines({ note }: DatabaseView, style: Style): string[] {
  return note === undefined ? [] : warningLines([{ code: 'DATABASE_NOTE', message: note }], style)
}
