import { Database } from 'bun:sqlite'
import { existsSync } from 'node:fs'
import { DataError, PlatformError } from '../../core/errors.ts'
import { storageError } from '../files.ts'

export const LEDGER_FILE = '.ledger.sqlite'
export const LEDGER_VERSION = 1

/** How long a writer waits for another one's transaction; each takes milliseconds. */
const BUSY_MS = 20_000

/** Measured: pages of a thousand candles cost the same as with SQLite's 4 kB, a month of minutes a third less. */
const PAGE_BYTES = 16_384
const CHECKPOINT_PAGES = 256

/** Times are epoch milliseconds. A page waits here, columns one after the other as doubles, until it is folded into the lake. */
const SCHEMA = `
  CREATE TABLE series (id INTEGER PRIMARY KEY, exchange TEXT NOT NULL, symbol TEXT NOT NULL, interval TEXT NOT NULL,
    UNIQUE (exchange, symbol, interval));
  CREATE TABLE coverage (series INTEGER NOT NULL, from_ms INTEGER NOT NULL, to_ms INTEGER NOT NULL,
    PRIMARY KEY (series, from_ms)) WITHOUT ROWID;
  CREATE TABLE holes (series INTEGER NOT NULL, from_ms INTEGER NOT NULL, to_ms INTEGER NOT NULL, cause TEXT NOT NULL,
    first_seen_ms INTEGER NOT NULL, last_check_ms INTEGER NOT NULL, PRIMARY KEY (series, from_ms)) WITHOUT ROWID;
  CREATE TABLE quarantine (series INTEGER NOT NULL, open_time INTEGER NOT NULL, reason TEXT NOT NULL, open REAL, high REAL,
    low REAL, close REAL, volume REAL, seen_ms INTEGER NOT NULL, PRIMARY KEY (series, open_time)) WITHOUT ROWID;
  CREATE TABLE pages (id INTEGER PRIMARY KEY AUTOINCREMENT, series INTEGER NOT NULL, from_ms INTEGER NOT NULL,
    to_ms INTEGER NOT NULL, columns BLOB NOT NULL);
  CREATE INDEX pages_of_series ON pages (series, id);
  CREATE TABLE months (series INTEGER NOT NULL, month TEXT NOT NULL, hash TEXT NOT NULL,
    PRIMARY KEY (series, month)) WITHOUT ROWID;
  PRAGMA user_version = ${LEDGER_VERSION};`

/** Opens the ledger at a path, creating it where there is none. Errors are raw: `ledgerError` explains them. */
export function openLedgerFile(path: string): Database {
  const db = new Database(path, { create: true, strict: true })
  try {
    db.run(`PRAGMA busy_timeout = ${BUSY_MS}`)
    db.run(`PRAGMA page_size = ${PAGE_BYTES}`)
    db.run('PRAGMA journal_mode = WAL')
    db.run(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`)
    // A commit is on the disk when it returns: neither the end of the process nor that of the machine takes it back. Measured:
    // 1 to 3 ms a commit, where the rate limit of a venue leaves 20 ms and more between two pages.
    db.run('PRAGMA synchronous = FULL')
    db.transaction(() => createTables(db, path)).immediate()
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/** Opens a copy in memory of the ledger at a path; an empty one where there is none. Errors are raw. */
export function copyLedgerFile(path: string): Database {
  const db = existsSync(path)
    ? Database.deserialize(bytesOf(path), { strict: true })
    : new Database(':memory:', { strict: true })
  try {
    db.transaction(() => createTables(db, path))()
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/** Returns the bytes of the ledger with all that was committed, as those of a database without a log, which memory has not. */
function bytesOf(path: string): Uint8Array {
  // Not `readonly`: whoever closes it last would leave its log behind then.
  using db = new Database(path, { readwrite: true })
  db.run(`PRAGMA busy_timeout = ${BUSY_MS}`)
  // A damaged file is said to be one here; `serialize` would call it a lack of memory.
  db.query('SELECT 1 FROM sqlite_schema').get()
  const bytes = db.serialize()
  for (const at of FORMAT_BYTES) bytes[at] = WITHOUT_LOG
  return bytes
}

/** Where the header says whether the database has a log. https://www.sqlite.org/fileformat2.html#file_format_version_numbers */
const FORMAT_BYTES = [18, 19]
const WITHOUT_LOG = 1

function createTables(db: Database, path: string): void {
  const version = db.query('PRAGMA user_version').get() as { user_version: number }
  if (version.user_version === LEDGER_VERSION) return
  if (version.user_version !== 0) throw otherVersion(path, version.user_version)
  db.run(SCHEMA)
}

function otherVersion(path: string, version: number): DataError {
  return new DataError(
    'LEDGER_VERSION',
    `${path}: was written by another version of this program (layout ${version}, this one knows ${LEDGER_VERSION}). Update the program, or ${deleteText()}.`,
    { context: { path, version } },
  )
}

/** Turns what SQLite reports about a ledger into an error that says what to do. */
export function ledgerError(error: unknown, path: string): unknown {
  const code = String((error as { readonly code?: unknown } | undefined)?.code)
  const options = { context: { path }, cause: error }
  if (/^SQLITE_(CORRUPT|NOTADB)/.test(code)) {
    return new DataError(
      'LEDGER_DAMAGED',
      `${path}: the ledger is damaged (${(error as Error).message}). To go on, ${deleteText()}.`,
      options,
    )
  }
  if (/^SQLITE_(BUSY|LOCKED)/.test(code)) {
    return new PlatformError(
      'LEDGER_BUSY',
      `${path}: another process has held the ledger for more than ${BUSY_MS / 1000} s; nothing was stored. End or resume the process that hangs (or the program that has the file open), then repeat the command.`,
      options,
    )
  }
  return /^SQLITE_(FULL|READONLY|CANTOPEN|IOERR)/.test(code) ? storageError(error, path) : error
}

function deleteText(): string {
  return `delete it together with ${LEDGER_FILE}-wal and ${LEDGER_FILE}-shm: candles in the lake stay, pages that were not folded into it yet are fetched again, and everything that is fetched next is verified again`
}
