import { Database } from 'bun:sqlite'
import { join } from 'node:path'
import type { CandleColumns } from '../../core/candles.ts'
import { DataError } from '../../core/errors.ts'
import { mergeSpans, type Span } from '../../core/ranges.ts'
import { columnsOf, FILE_COLUMNS, vectorsOf } from '../columns.ts'
import { makeFolder, storageError } from '../files.ts'
import type { Hole, HoleCause, QuarantinedCandle } from '../repository.ts'
import type { SeriesKey } from '../store.ts'

export const LEDGER_FILE = '.ledger.sqlite'
export const LEDGER_VERSION = 1

/** How long a writer waits for another one's transaction. */
const BUSY_MS = 20_000

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

/** A committed page that is not in the lake yet. */
export interface PendingPage {
  readonly id: number
  readonly candles: CandleColumns
}

/**
 * What is known of the series of a lake beyond their candles: which ranges have been verified, holes, quarantine, and committed
 * pages that are not folded into the month files yet. A SQLite file in the lake; a transaction survives the end of the
 * process at any point.
 */
export class Ledger {
  readonly #db: Database
  readonly #path: string

  /** @throws DataError `LEDGER_DAMAGED`, PlatformError `FOLDER_READ_ONLY`, … */
  constructor(lake: string) {
    makeFolder(lake)
    this.#path = join(lake, LEDGER_FILE)
    this.#db = this.#guard(() => openDatabase(this.#path))
  }

  close(): void {
    this.#db.close()
  }

  /** Runs `work` as one transaction: all of it is stored, or nothing when it throws. */
  transaction<T>(work: () => T): T {
    return this.#guard(() => this.#db.transaction(work).immediate())
  }

  seriesId({ exchange, symbol, interval }: SeriesKey): number {
    const key = [exchange, symbol, interval]
    this.#run('INSERT OR IGNORE INTO series (exchange, symbol, interval) VALUES (?, ?, ?)', key)
    const [row] = this.#all<{ id: number }>(
      'SELECT id FROM series WHERE exchange = ? AND symbol = ? AND interval = ?',
      key,
    )
    return (row as { id: number }).id
  }

  coverage(series: number): readonly Span[] {
    return this.#all<Span>(
      'SELECT from_ms AS fromMs, to_ms AS toMs FROM coverage WHERE series = ? ORDER BY from_ms',
      [series],
    )
  }

  replaceCoverage(series: number, spans: readonly Span[]): void {
    this.#run('DELETE FROM coverage WHERE series = ?', [series])
    for (const { fromMs, toMs } of mergeSpans(spans)) {
      this.#run('INSERT INTO coverage VALUES (?, ?, ?)', [series, fromMs, toMs])
    }
  }

  holes(series: number): readonly Hole[] {
    return this.#all<Hole & { cause: HoleCause }>(
      `SELECT from_ms AS fromMs, to_ms AS toMs, cause, first_seen_ms AS firstSeenMs, last_check_ms AS lastCheckMs
       FROM holes WHERE series = ? ORDER BY from_ms`,
      [series],
    )
  }

  replaceHoles(series: number, holes: readonly Hole[]): void {
    this.#run('DELETE FROM holes WHERE series = ?', [series])
    for (const { fromMs, toMs, cause, firstSeenMs, lastCheckMs } of holes) {
      const values = [series, fromMs, toMs, cause, firstSeenMs, lastCheckMs]
      this.#run('INSERT INTO holes VALUES (?, ?, ?, ?, ?, ?)', values)
    }
  }

  quarantined(series: number): readonly QuarantinedCandle[] {
    return this.#all<Record<string, number | null> & { reason: string }>(
      'SELECT * FROM quarantine WHERE series = ? ORDER BY open_time',
      [series],
    ).map((row) => ({
      openTime: row.open_time as number,
      reason: row.reason,
      values: [row.open, row.high, row.low, row.close, row.volume].map(
        (value) => value ?? Number.NaN,
      ) as unknown as QuarantinedCandle['values'],
      seenMs: row.seen_ms as number,
    }))
  }

  /** Replaces the quarantined candles of a range. */
  replaceQuarantined(
    series: number,
    { fromMs, toMs }: Span,
    candles: readonly QuarantinedCandle[],
  ): void {
    this.#run('DELETE FROM quarantine WHERE series = ? AND open_time >= ? AND open_time < ?', [
      series,
      fromMs,
      toMs,
    ])
    for (const { openTime, reason, values, seenMs } of candles) {
      const row = [series, openTime, reason, ...values.map(finiteOrNull), seenMs]
      this.#run('INSERT INTO quarantine VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)', row)
    }
  }

  /** Pages of a range that are not in the lake yet, oldest commit first. */
  pages(series: number, range?: Span): readonly PendingPage[] {
    const rows = this.#all<{ id: number; columns: Uint8Array }>(
      'SELECT id, columns FROM pages WHERE series = ? AND from_ms < ? AND to_ms > ? ORDER BY id',
      [series, range?.toMs ?? Number.MAX_SAFE_INTEGER, range?.fromMs ?? -1],
    )
    return rows.map(({ id, columns }) => ({ id, candles: decodeColumns(columns) }))
  }

  addPage(series: number, { fromMs, toMs }: Span, candles: CandleColumns): void {
    const values = [series, fromMs, toMs, encodeColumns(candles)]
    this.#run('INSERT INTO pages (series, from_ms, to_ms, columns) VALUES (?, ?, ?, ?)', values)
  }

  /** Forgets the pages up to and including one. */
  removePages(series: number, lastId: number): void {
    this.#run('DELETE FROM pages WHERE series = ? AND id <= ?', [series, lastId])
  }

  /** Content hashes of the months as they were last found to agree with the coverage. */
  months(series: number): ReadonlyMap<string, string> {
    const rows = this.#all<{ month: string; hash: string }>(
      'SELECT month, hash FROM months WHERE series = ?',
      [series],
    )
    return new Map(rows.map(({ month, hash }) => [month, hash]))
  }

  recordMonth(series: number, month: string, hash: string): void {
    this.#run('INSERT OR REPLACE INTO months VALUES (?, ?, ?)', [series, month, hash])
  }

  #all<T>(sql: string, values: readonly Value[]): T[] {
    return this.#guard(() => this.#db.query(sql).all(...(values as Value[])) as T[])
  }

  #run(sql: string, values: readonly Value[]): void {
    this.#guard(() => this.#db.query(sql).run(...(values as Value[])))
  }

  #guard<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      throw ledgerError(error, this.#path)
    }
  }
}

type Value = string | number | null | Uint8Array

function openDatabase(path: string): Database {
  const db = new Database(path, { create: true, strict: true })
  db.run(`PRAGMA busy_timeout = ${BUSY_MS}`)
  db.run('PRAGMA journal_mode = WAL')
  // The end of the process loses nothing; that of the machine at most the last commits, coverage and pages alike.
  db.run('PRAGMA synchronous = NORMAL')
  const create = () => {
    const version = db.query('PRAGMA user_version').get() as { user_version: number }
    if (version.user_version === 0) db.run(SCHEMA)
    else if (version.user_version !== LEDGER_VERSION) throw newerLedger(path, version.user_version)
  }
  db.transaction(create).immediate()
  return db
}

function newerLedger(path: string, version: number): DataError {
  return new DataError(
    'LEDGER_VERSION',
    `${path}: was written by another version of this program (layout ${version}, this one knows ${LEDGER_VERSION}). Update the program, or delete the file: everything that is fetched next is then verified again.`,
    { context: { path, version } },
  )
}

function ledgerError(error: unknown, path: string): unknown {
  const code = (error as { readonly code?: unknown } | undefined)?.code
  if (code === 'SQLITE_CORRUPT' || code === 'SQLITE_NOTADB') {
    return new DataError(
      'LEDGER_DAMAGED',
      `${path}: the ledger is damaged (${(error as Error).message}). Delete it together with ${LEDGER_FILE}-wal and ${LEDGER_FILE}-shm: candles in the lake stay, everything that is fetched next is verified again.`,
      { context: { path }, cause: error },
    )
  }
  const isStorage = typeof code === 'string' && /^SQLITE_(FULL|READONLY|CANTOPEN|IOERR)/.test(code)
  return isStorage ? storageError(error, path) : error
}

function finiteOrNull(value: number): number | null {
  return Number.isNaN(value) ? null : value
}

function encodeColumns(candles: CandleColumns): Uint8Array {
  const rows = candles.openTime.length
  const all = new Float64Array(rows * FILE_COLUMNS.length)
  vectorsOf(candles).forEach((vector, column) => {
    all.set(vector, column * rows)
  })
  return new Uint8Array(all.buffer)
}

function decodeColumns(bytes: Uint8Array): CandleColumns {
  const all = new Float64Array(bytes.slice().buffer)
  const rows = all.length / FILE_COLUMNS.length
  return columnsOf(
    FILE_COLUMNS.map((_, column) => all.subarray(column * rows, (column + 1) * rows)),
  )
}
