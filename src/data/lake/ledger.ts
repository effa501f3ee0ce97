import type { Database } from 'bun:sqlite'
import { join } from 'node:path'
import type { CandleColumns } from '../../core/candles.ts'
import { DataError } from '../../core/errors.ts'
import { mergeSpans, type Span } from '../../core/ranges.ts'
import { columnsOf, FILE_COLUMNS, vectorsOf } from '../columns.ts'
import { makeFolder } from '../files.ts'
import type { Hole, QuarantinedCandle } from '../repository.ts'
import type { SeriesKey } from '../store.ts'
import { digestBytes } from './digest.ts'
import {
  copyLedgerFile,
  LEDGER_FILE,
  ledgerError,
  type OnLedgerDamage,
  openLedgerFile,
} from './ledger-file.ts'
import {
  DIGESTED,
  insertSql,
  isSoundRow,
  type LedgerRow,
  type LedgerTable,
  type LedgerValue,
  rowDigest,
  spanOf,
} from './ledger-tables.ts'

/** Candles of a committed page that are not in the lake yet. */
export interface PendingPage extends Span {
  readonly id: number
}

/**
 * What is known of the series of a lake beyond their candles: which ranges have been verified, holes, quarantine, and committed
 * pages that are not folded into the month files yet. A SQLite file in the lake; a transaction survives the end of the process
 * or of the machine at any point.
 */
export class Ledger {
  readonly #db: Database
  readonly #path: string

  private constructor(lake: string, open: (path: string) => Database) {
    this.#path = join(lake, LEDGER_FILE)
    this.#db = this.#guard(() => open(this.#path))
  }

  /**
   * Opens the ledger of a lake. Rows that are damaged are taken out of it: what they vouched for counts as not asked for.
   * @param onDamage told of them
   * @throws DataError `LEDGER_DAMAGED` or `LEDGER_VERSION`, PlatformError `FOLDER_READ_ONLY`, `DISK_FULL`, `LEDGER_BUSY`, …
   */
  static open(lake: string, onDamage: OnLedgerDamage): Ledger {
    makeFolder(lake)
    return new Ledger(lake, (path) => openLedgerFile(path, onDamage))
  }

  /**
   * Returns a copy in memory of the ledger as it is, whoever writes into it; an empty one where there is none. What is changed in
   * the copy stays there, and so is what is damaged taken out of the copy alone.
   * @throws as `open`
   */
  static copy(lake: string, onDamage: OnLedgerDamage): Ledger {
    return new Ledger(lake, (path) => copyLedgerFile(path, onDamage))
  }

  close(): void {
    this.#db.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  /** Runs `work` as one transaction: all of it is stored, or nothing when it throws. */
  transaction<T>(work: () => T): T {
    return this.#guard(() => this.#db.transaction(work).immediate())
  }

  seriesId({ exchange, symbol, interval }: SeriesKey): number {
    const key = [exchange, symbol, interval]
    const known = this.#seriesId(key)
    if (known !== undefined) return known
    // Another process may add it first. Its number is part of the digest, so that it is chosen here.
    this.transaction(() => {
      if (this.#seriesId(key) !== undefined) return
      const [last] = this.#all<{ id: number | null }>('SELECT max(id) AS id FROM series', [])
      this.#insert('series', [(last?.id ?? 0) + 1, ...key])
    })
    return this.#seriesId(key) as number
  }

  #seriesId(key: readonly string[]): number | undefined {
    const where = 'exchange = ? AND symbol = ? AND interval = ?'
    return this.#rows('series', where, key)[0]?.id as number | undefined
  }

  coverage(series: number): readonly Span[] {
    return this.#rows('coverage', 'series = ? ORDER BY from_ms', [series]).map(spanOf)
  }

  /** Adds a range to the coverage. Ranges that it touches become one with it. */
  addCoverage(series: number, range: Span): void {
    const touching = this.#around('coverage', series, range).map(spanOf)
    this.#remove('coverage', series, touching)
    this.#insertCoverage(series, [...touching, range])
  }

  replaceCoverage(series: number, spans: readonly Span[]): void {
    this.#run('DELETE FROM coverage WHERE series = ?', [series])
    this.#insertCoverage(series, spans)
  }

  holes(series: number): readonly Hole[] {
    return this.#rows('holes', 'series = ? ORDER BY from_ms', [series]).map(holeOf)
  }

  /** The holes that overlap or touch a range, sorted. */
  holesAround(series: number, range: Span): readonly Hole[] {
    return this.#around('holes', series, range).map(holeOf)
  }

  /** Puts holes in the place of known ones. */
  replaceHoles(series: number, known: readonly Hole[], holes: readonly Hole[]): void {
    this.#remove('holes', series, known)
    for (const { fromMs, toMs, cause, firstSeenMs, lastCheckMs } of holes) {
      this.#insert('holes', [series, fromMs, toMs, cause, firstSeenMs, lastCheckMs])
    }
  }

  quarantined(series: number): readonly QuarantinedCandle[] {
    return this.#rows('quarantine', 'series = ? ORDER BY open_time', [series]).map((row) => ({
      openTime: row.open_time as number,
      reason: row.reason as string,
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
      this.#insert('quarantine', [series, openTime, reason, ...values.map(numberOrNull), seenMs])
    }
  }

  /** Pages that are not in the lake yet, oldest commit first, without their candles. */
  pages(series: number): readonly PendingPage[] {
    return this.#rows('pages', 'series = ? ORDER BY id', [series], ['id']).map((row) => ({
      id: row.id as number,
      ...spanOf(row),
    }))
  }

  /**
   * Candles of the pages that share time with a range, oldest commit first; some may lie outside of it.
   * @throws DataError `LEDGER_DAMAGED` when one was damaged since the ledger was opened
   */
  pageCandles(series: number, { fromMs, toMs }: Span): readonly CandleColumns[] {
    const where = 'series = ? AND from_ms < ? AND to_ms > ? ORDER BY id'
    return this.#rows('pages', where, [series, toMs, fromMs], ['columns']).map((row) => {
      const columns = row.columns as Uint8Array
      if (digestBytes(columns) !== row.columns_digest) throw this.#damaged('a page of candles')
      return decodeColumns(columns)
    })
  }

  /** @param range the time that the candles take */
  addPage(series: number, { fromMs, toMs }: Span, candles: CandleColumns): void {
    const columns = encodeColumns(candles)
    this.#insert('pages', [series, fromMs, toMs, digestBytes(columns)], { columns })
  }

  /** Forgets the pages up to and including one. */
  removePages(series: number, lastId: number): void {
    this.#run('DELETE FROM pages WHERE series = ? AND id <= ?', [series, lastId])
  }

  /** Content hashes of the months as they were last found to agree with the coverage. */
  months(series: number): ReadonlyMap<string, string> {
    const rows = this.#rows('months', 'series = ?', [series])
    return new Map(rows.map(({ month, hash }) => [month as string, hash as string]))
  }

  recordMonth(series: number, month: string, hash: string): void {
    this.forgetMonth(series, month)
    this.#insert('months', [series, month, hash])
  }

  forgetMonth(series: number, month: string): void {
    this.#run('DELETE FROM months WHERE series = ? AND month = ?', [series, month])
  }

  /**
   * Rows of a table of spans that are apart and sorted, as far as they overlap or touch a range. Of those that begin before it
   * only the last one can, so that the cost does not grow with the table.
   */
  #around(
    table: 'coverage' | 'holes',
    series: number,
    { fromMs, toMs }: Span,
  ): readonly LedgerRow[] {
    return this.#rows(
      table,
      `series = ?1 AND from_ms <= ?3 AND to_ms >= ?2 AND from_ms >=
         (SELECT coalesce(max(from_ms), ?2) FROM ${table} WHERE series = ?1 AND from_ms < ?2) ORDER BY from_ms`,
      [series, fromMs, toMs],
    )
  }

  #remove(table: 'coverage' | 'holes', series: number, spans: readonly Span[]): void {
    for (const { fromMs } of spans) {
      this.#run(`DELETE FROM ${table} WHERE series = ? AND from_ms = ?`, [series, fromMs])
    }
  }

  #insertCoverage(series: number, spans: readonly Span[]): void {
    for (const { fromMs, toMs } of mergeSpans(spans)) {
      this.#insert('coverage', [series, fromMs, toMs])
    }
  }

  /** Returns rows of a table; each is what was written. @param more columns beyond those of the digest */
  #rows(
    table: LedgerTable,
    where: string,
    values: readonly LedgerValue[],
    more: readonly string[] = [],
  ): readonly LedgerRow[] {
    const columns = [...DIGESTED[table], 'digest', ...more].join(', ')
    const rows = this.#all<LedgerRow>(`SELECT ${columns} FROM ${table} WHERE ${where}`, values)
    if (!rows.every((row) => isSoundRow(table, row))) throw this.#damaged(`a row of ${table}`)
    return rows
  }

  #insert(
    table: LedgerTable,
    values: readonly LedgerValue[],
    more: Readonly<Record<string, LedgerValue>> = {},
  ): void {
    const sql = insertSql(table, Object.keys(more))
    this.#run(sql, [...values, rowDigest(table, values), ...Object.values(more)])
  }

  #damaged(what: string): DataError {
    return new DataError(
      'LEDGER_DAMAGED',
      `${this.#path}: ${what} does not agree with its hash. Repeat the command: what is damaged is dropped then, and fetched again.`,
      { context: { path: this.#path } },
    )
  }

  #all<T>(sql: string, values: readonly LedgerValue[]): T[] {
    return this.#guard(() => this.#db.query(sql).all(...(values as LedgerValue[])) as T[])
  }

  #run(sql: string, values: readonly LedgerValue[]): void {
    this.#guard(() => this.#db.query(sql).run(...(values as LedgerValue[])))
  }

  #guard<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      throw ledgerError(error, this.#path)
    }
  }
}

function holeOf(row: LedgerRow): Hole {
  return {
    ...spanOf(row),
    cause: row.cause as Hole['cause'],
    firstSeenMs: row.first_seen_ms as number,
    lastCheckMs: row.last_check_ms as number,
  }
}

/** SQLite takes NaN for NULL; this says so. */
function numberOrNull(value: number): number | null {
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
  // Doubles have to lie at a multiple of eight bytes, which nobody promises of a blob.
  const isAligned = bytes.byteOffset % 8 === 0
  const { buffer, byteOffset, byteLength } = isAligned ? bytes : bytes.slice()
  const all = new Float64Array(buffer, byteOffset, byteLength / 8)
  const rows = all.length / FILE_COLUMNS.length
  return columnsOf(
    FILE_COLUMNS.map((_, column) => all.subarray(column * rows, (column + 1) * rows)),
  )
}
