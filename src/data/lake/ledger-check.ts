import type { Database } from 'bun:sqlite'
import { subtractSpans } from '../../core/ranges.ts'
import { digestBytes } from './digest.ts'
import {
  DIGESTED,
  insertSql,
  isSoundRow,
  type LedgerRow,
  type LedgerTable,
  type LedgerValue,
  rowDigest,
  SCHEMA,
  spanOf,
} from './ledger-tables.ts'

const TABLES = Object.keys(DIGESTED) as readonly LedgerTable[]

/**
 * Takes the rows out of a ledger whose digest is not that of their values, with what may depend on them:
 *
 * - a page whose candles are damaged: what its range was covered by, so that it is fetched again;
 * - a range of coverage or the hash of a month: nothing else, for less is known then, and never more;
 * - anything else, whose place in time is not known then: all coverage, so that everything is verified again.
 *
 * Returns what was found, for people. To be called in a transaction.
 */
export function mendRows(db: Database): readonly string[] {
  const rows = new Map(TABLES.map((table) => [table, rowsOf(db, table)]))
  const sound = new Map(TABLES.map((table) => [table, soundRows(rows, table)]))
  const pages = sound.get('pages') as readonly LedgerRow[]
  const harmed = pages.filter(({ id, columns_digest: digest }) => digest !== columnsDigest(db, id))
  const lost = TABLES.map((table) => {
    const [all, left] = [rows.get(table), sound.get(table)] as (readonly LedgerRow[])[]
    return { table, count: (all?.length ?? 0) - (left?.length ?? 0) }
  }).filter(({ count }) => count > 0)
  if (harmed.length === 0 && lost.length === 0) return []
  const isAdrift = lost.some(({ table }) => table !== 'coverage' && table !== 'months')
  const coverage = sound.get('coverage') as readonly LedgerRow[]
  sound.set('coverage', isAdrift ? [] : withoutSpans(coverage, harmed))
  if (isAdrift) sound.set('months', [])
  sound.set(
    'pages',
    pages.filter((page) => !harmed.includes(page)),
  )
  rewrite(db, sound)
  return messagesOf(harmed.length, lost, isAdrift)
}

function messagesOf(
  pages: number,
  lost: readonly { readonly table: LedgerTable; readonly count: number }[],
  isAdrift: boolean,
): readonly string[] {
  const messages: string[] = []
  if (pages > 0) {
    messages.push(
      `${pages} page(s) of candles that waited for the lake did not agree with their hash and were dropped. Their range counts as not asked for: ingestion fetches it again.`,
    )
  }
  if (lost.length > 0) {
    const rows = lost.map(({ table, count }) => `${count} of ${table}`).join(', ')
    const what = isAdrift ? 'Everything' : 'What they vouched for'
    messages.push(
      `rows that did not agree with their hash were dropped (${rows}). ${what} counts as not asked for: ingestion verifies it again.`,
    )
  }
  return messages
}

/** Rows that agree with their digest, and belong to a series that does. */
function soundRows(
  rows: ReadonlyMap<LedgerTable, readonly LedgerRow[]>,
  table: LedgerTable,
): readonly LedgerRow[] {
  const sound = (rows.get(table) as readonly LedgerRow[]).filter((row) => isSoundRow(table, row))
  if (table === 'series') return sound
  const known = new Set(soundRows(rows, 'series').map(({ id }) => id))
  return sound.filter(({ series }) => known.has(series as LedgerValue))
}

/** Without the candles of pages. */
function rowsOf(db: Database, table: LedgerTable): readonly LedgerRow[] {
  const columns = [...DIGESTED[table], 'digest', ...(table === 'pages' ? ['id'] : [])]
  // Every row as it lies in the table: an index may hide one.
  return db.query(`SELECT ${columns.join(', ')} FROM ${table} NOT INDEXED`).all() as LedgerRow[]
}

function columnsDigest(db: Database, id: LedgerValue | undefined): string {
  const row = db.query('SELECT columns FROM pages WHERE id = ?').get(id as number)
  const { columns } = (row ?? {}) as { readonly columns?: unknown }
  return columns instanceof Uint8Array ? digestBytes(columns) : ''
}

/** Cuts the ranges of damaged pages out of the coverage. */
function withoutSpans(
  coverage: readonly LedgerRow[],
  pages: readonly LedgerRow[],
): readonly LedgerRow[] {
  return coverage.flatMap((row) => {
    const spans = pages.filter(({ series }) => series === row.series).map(spanOf)
    return subtractSpans(spanOf(row), spans).map(({ fromMs, toMs }) => ({
      series: row.series as number,
      from_ms: fromMs,
      to_ms: toMs,
    }))
  })
}

/** Leaves rows in the tables, and no others. Pages stay where they are, which keeps their order. */
function rewrite(db: Database, rows: ReadonlyMap<LedgerTable, readonly LedgerRow[]>): void {
  const kept = new Set((rows.get('pages') as readonly LedgerRow[]).map(({ id }) => id))
  for (const { id } of rowsOf(db, 'pages')) {
    if (!kept.has(id)) db.query('DELETE FROM pages WHERE id = ?').run(id as number)
  }
  for (const table of TABLES.filter((name) => name !== 'pages')) {
    db.run(`DELETE FROM ${table}`)
    insertAll(db, table, rows.get(table) as readonly LedgerRow[])
  }
}

function insertAll(db: Database, table: LedgerTable, rows: readonly LedgerRow[]): void {
  const insert = db.query(insertSql(table))
  for (const row of rows) {
    const values = DIGESTED[table].map((column) => row[column] as LedgerValue)
    insert.run(...values, rowDigest(table, values))
  }
}

/**
 * Gives the rows of a ledger of version 1 their digests. What flipped before cannot be told any more: from here on they count as
 * they are.
 */
export function addDigests(db: Database): void {
  const old = (table: LedgerTable) => db.query(`SELECT * FROM ${table}`).all() as LedgerRow[]
  const rows = new Map(TABLES.map((table) => [table, old(table)]))
  for (const table of TABLES) db.run(`DROP TABLE ${table}`)
  db.run(SCHEMA)
  for (const table of TABLES.filter((name) => name !== 'pages')) {
    insertAll(db, table, rows.get(table) as readonly LedgerRow[])
  }
  const insert = db.query(insertSql('pages', ['columns', 'id']))
  for (const { series, from_ms, to_ms, columns, id } of rows.get('pages') as LedgerRow[]) {
    const values = [series, from_ms, to_ms, digestBytes(columns as Uint8Array)] as LedgerValue[]
    insert.run(...values, rowDigest('pages', values), columns as Uint8Array, id as number)
  }
}
