import { Database } from 'bun:sqlite'
import type { Span } from '../../core/ranges.ts'
import { digestBytes } from './digest.ts'

export const LEDGER_VERSION = 2
/** Its rows had no digest. */
export const VERSION_WITHOUT_DIGESTS = 1

/**
 * Times are epoch milliseconds. A page waits here, columns one after the other as doubles, until it is folded into the lake. Every row
 * has a digest of its values: SQLite checks none.
 */
export const SCHEMA = `
  CREATE TABLE series (id INTEGER PRIMARY KEY, exchange TEXT NOT NULL, symbol TEXT NOT NULL, interval TEXT NOT NULL,
    digest TEXT NOT NULL, UNIQUE (exchange, symbol, interval));
  CREATE TABLE coverage (series INTEGER NOT NULL, from_ms INTEGER NOT NULL, to_ms INTEGER NOT NULL, digest TEXT NOT NULL,
    PRIMARY KEY (series, from_ms)) WITHOUT ROWID;
  CREATE TABLE holes (series INTEGER NOT NULL, from_ms INTEGER NOT NULL, to_ms INTEGER NOT NULL, cause TEXT NOT NULL,
    first_seen_ms INTEGER NOT NULL, last_check_ms INTEGER NOT NULL, digest TEXT NOT NULL,
    PRIMARY KEY (series, from_ms)) WITHOUT ROWID;
  CREATE TABLE quarantine (series INTEGER NOT NULL, open_time INTEGER NOT NULL, reason TEXT NOT NULL, open REAL, high REAL,
    low REAL, close REAL, volume REAL, seen_ms INTEGER NOT NULL, digest TEXT NOT NULL,
    PRIMARY KEY (series, open_time)) WITHOUT ROWID;
  CREATE TABLE pages (id INTEGER PRIMARY KEY AUTOINCREMENT, series INTEGER NOT NULL, from_ms INTEGER NOT NULL,
    to_ms INTEGER NOT NULL, columns_digest TEXT NOT NULL, digest TEXT NOT NULL, columns BLOB NOT NULL);
  CREATE INDEX pages_of_series ON pages (series, id);
  CREATE TABLE months (series INTEGER NOT NULL, month TEXT NOT NULL, hash TEXT NOT NULL, digest TEXT NOT NULL,
    PRIMARY KEY (series, month)) WITHOUT ROWID;
  PRAGMA user_version = ${LEDGER_VERSION};`

/** The columns of each table that the digest of a row is taken of, in order. */
export const DIGESTED = {
  series: ['id', 'exchange', 'symbol', 'interval'],
  coverage: ['series', 'from_ms', 'to_ms'],
  holes: ['series', 'from_ms', 'to_ms', 'cause', 'first_seen_ms', 'last_check_ms'],
  quarantine: [
    'series',
    'open_time',
    'reason',
    'open',
    'high',
    'low',
    'close',
    'volume',
    'seen_ms',
  ],
  // Not the id: it says in which order pages came, and the order of rows is part of the structure that SQLite checks.
  pages: ['series', 'from_ms', 'to_ms', 'columns_digest'],
  months: ['series', 'month', 'hash'],
} as const

export type LedgerTable = keyof typeof DIGESTED
export type LedgerValue = string | number | null | Uint8Array
export type LedgerRow = Readonly<Record<string, LedgerValue>>

export function spanOf({ from_ms: fromMs, to_ms: toMs }: LedgerRow): Span {
  return { fromMs: fromMs as number, toMs: toMs as number }
}

const encoder = new TextEncoder()

/** @param values of the digested columns, in order */
export function rowDigest(table: LedgerTable, values: readonly LedgerValue[]): string {
  // SQLite keeps UTF-8, which has no lone surrogates.
  const kept = values.map((value) => (typeof value === 'string' ? value.toWellFormed() : value))
  return digestBytes(encoder.encode(JSON.stringify([table, ...kept])))
}

/** Whether the digest of a row is that of its values; of a page, whose candles are not in it, apart from them. */
export function isSoundRow(table: LedgerTable, row: LedgerRow): boolean {
  const values = DIGESTED[table].map((column) => row[column] as LedgerValue)
  return row.digest === rowDigest(table, values)
}

/** SQL that adds a row with the digested columns, its digest, and what else is named. */
export function insertSql(table: LedgerTable, more: readonly string[] = []): string {
  const columns = [...DIGESTED[table], 'digest', ...more]
  return `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`
}

let expected: string | undefined

/** Whether the tables are those of the schema, word by word: another type or key would give other rows. */
export function hasTables(db: Database): boolean {
  expected ??= tablesOfSchema()
  return tablesIn(db) === expected
}

function tablesOfSchema(): string {
  using db = new Database(':memory:')
  db.run(SCHEMA)
  return tablesIn(db)
}

function tablesIn(db: Database): string {
  const sql = `SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_stat%' ORDER BY name`
  return JSON.stringify(db.query(sql).values())
}
