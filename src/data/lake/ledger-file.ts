import { Database } from 'bun:sqlite'
import { existsSync } from 'node:fs'
import { DataError, PlatformError } from '../../core/errors.ts'
import { storageError } from '../files.ts'
import { addDigests, mendRows } from './ledger-check.ts'
import { hasTables, LEDGER_VERSION, SCHEMA, VERSION_WITHOUT_DIGESTS } from './ledger-tables.ts'

export const LEDGER_FILE = '.ledger.sqlite'

/** How long a writer waits for another one's transaction; each takes milliseconds. */
const BUSY_MS = 20_000

/** Measured: pages of a thousand candles cost the same as with SQLite's 4 kB, a month of minutes a third less. */
const PAGE_BYTES = 16_384
const CHECKPOINT_PAGES = 256

/** Told of what was damaged in a ledger, and what becomes of it. */
export type OnLedgerDamage = (message: string) => void

/**
 * Opens the ledger at a path, creating it where there is none. All of it is checked: rows that are damaged are taken out, with the
 * coverage that may depend on them. Errors are raw: `ledgerError` explains them.
 */
export function openLedgerFile(path: string, onDamage: OnLedgerDamage): Database {
  const db = new Database(path, { create: true, strict: true })
  try {
    db.run(`PRAGMA busy_timeout = ${BUSY_MS}`)
    db.run(`PRAGMA page_size = ${PAGE_BYTES}`)
    db.run('PRAGMA journal_mode = WAL')
    db.run(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`)
    // A commit is on the disk when it returns: neither the end of the process nor that of the machine takes it back. Measured:
    // 1 to 3 ms a commit, where the rate limit of a venue leaves 20 ms and more between two pages.
    db.run('PRAGMA synchronous = FULL')
    db.transaction(() => checked(db, path, onDamage)).immediate()
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/** Opens a copy in memory of the ledger at a path, checked as by `openLedgerFile`; an empty one where there is none. Errors are raw. */
export function copyLedgerFile(path: string, onDamage: OnLedgerDamage): Database {
  const db = existsSync(path)
    ? Database.deserialize(bytesOf(path), { strict: true })
    : new Database(':memory:', { strict: true })
  try {
    db.transaction(() => checked(db, path, onDamage))()
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

function checked(db: Database, path: string, onDamage: OnLedgerDamage): void {
  checkStructure(db, path)
  createTables(db, path)
  for (const message of mendRows(db)) onDamage(`${path}: ${message}`)
}

/** SQLite looks at the structure of the pages that a query happens to touch; a flipped bit in others loses rows without a word. */
function checkStructure(db: Database, path: string): void {
  const [found] = db.query('PRAGMA integrity_check(1)').values().flat()
  if (found !== 'ok') throw damagedLedger(path, String(found).replaceAll('\n', ' '))
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
  const { user_version: version } = db.query('PRAGMA user_version').get() as Record<string, number>
  const isEmpty = db.query('SELECT 1 FROM sqlite_schema').get() === null
  if (version === 0 && isEmpty) db.run(SCHEMA)
  else if (version === VERSION_WITHOUT_DIGESTS) addDigests(db)
  else if (version === 0) throw damagedLedger(path, 'it names no version')
  else if (version !== LEDGER_VERSION) throw otherVersion(path, version as number)
  if (!hasTables(db)) throw damagedLedger(path, 'its tables are not those of a ledger')
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
  // The statements are the program's own: one that does not fit the tables means other tables.
  if (/^SQLITE_(CORRUPT|NOTADB|ERROR|CONSTRAINT|MISMATCH|FORMAT)/.test(code)) {
    return damagedLedger(path, (error as Error).message, error)
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

export function damagedLedger(path: string, reason: string, cause?: unknown): DataError {
  return new DataError(
    'LEDGER_DAMAGED',
    `${path}: the ledger is damaged (${reason}). To go on, ${deleteText()}.`,
    { context: { path, reason }, cause },
  )
}

function deleteText(): string {
  return `delete it together with ${LEDGER_FILE}-wal and ${LEDGER_FILE}-shm: candles in the lake stay, pages that were not folded into it yet are fetched again, and everything that is fetched next is verified again`
}
