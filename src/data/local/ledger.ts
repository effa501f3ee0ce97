import type { Database } from 'bun:sqlite'
import { join } from 'node:path'
import type { CandleColumns } from '../../core/candles.ts'
import { mergeSpans, type Span } from '../../core/ranges.ts'
import { columnsOf, FILE_COLUMNS, vectorsOf } from '../columns.ts'
import { makeFolder } from '../files.ts'
import type { Hole, QuarantinedCandle } from '../repository.ts'
import type { SeriesKey } from '../store.ts'
import { copyLedgerFile, LEDGER_FILE, ledgerError, openLedgerFile } from './ledger-file.ts'

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

  /** @throws DataError `LEDGER_DAMAGED` or `LEDGER_VERSION`, PlatformError `FOLDER_READ_ONLY`, `DISK_FULL`, `LEDGER_BUSY`, … */
  static open(lake: string): Ledger {
    makeFolder(lake)
    return new Ledger(lake, openLedgerFile)
  }

  /**
   * Returns a copy in memory of the ledger as it is, whoever writes into it; an empty one where there is none. What is changed in
   * the copy stays there.
   * @throws as `open`
   */
  static copy(lake: string): Ledger {
    return new Ledger(lake, copyLedgerFile)
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
    const find = () =>
      this.#all<{ id: number }>(
        'SELECT id FROM series WHERE exchange = ? AND symbol = ? AND interval = ?',
        key,
      )[0]?.id
    const known = find()
    if (known !== undefined) return known
    this.#run('INSERT OR IGNORE INTO series (exchange, symbol, interval) VALUES (?, ?, ?)', key)
    return find() as number
  }

  coverage(series: number): readonly Span[] {
    return this.#all<Span>(`SELECT ${SPAN} FROM coverage WHERE series = ? ORDER BY from_ms`, [
      series,
    ])
  }

  /** Adds a range to the coverage. Ranges that it touches become one with it. */
  addCoverage(series: number, range: Span): void {
    const touching = this.#around<Span>(SPAN, 'coverage', series, range)
    this.#remove('coverage', series, touching)
    this.#insertCoverage(series, [...touching, range])
  }

  replaceCoverage(series: number, spans: readonly Span[]): void {
    this.#run('DELETE FROM coverage WHERE series = ?', [series])
    this.#insertCoverage(series, spans)
  }

  holes(series: number): readonly Hole[] {
    return this.#all<Hole>(`SELECT ${HOLE} FROM holes WHERE series = ? ORDER BY from_ms`, [series])
  }

  /** The holes that overlap or touch a range, sorted. */
  holesAround(series: number, range: Span): readonly Hole[] {
    return this.#around<Hole>(HOLE, 'holes', series, range)
  }

  /** Puts holes in the place of known ones. */
  replaceHoles(series: number, known: readonly Hole[], holes: readonly Hole[]): void {
    this.#remove('holes', series, known)
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
      const row = [series, openTime, reason, ...values.map(numberOrNull), seenMs]
      this.#run('INSERT INTO quarantine VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)', row)
    }
  }

  /** Pages that are not in the lake yet, oldest commit first, without their candles. */
  pages(series: number): readonly PendingPage[] {
    return this.#all<PendingPage>(`SELECT id, ${SPAN} FROM pages WHERE series = ? ORDER BY id`, [
      series,
    ])
  }

  /** Candles of the pages that share time with a range, oldest commit first; some may lie outside of it. */
  pageCandles(series: number, { fromMs, toMs }: Span): readonly CandleColumns[] {
    const rows = this.#all<{ columns: Uint8Array }>(
      'SELECT columns FROM pages WHERE series = ? AND from_ms < ? AND to_ms > ? ORDER BY id',
      [series, toMs, fromMs],
    )
    return rows.map(({ columns }) => decodeColumns(columns))
  }

  /** @param range the time that the candles take */
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

  forgetMonth(series: number, month: string): void {
    this.#run('DELETE FROM months WHERE series = ? AND month = ?', [series, month])
  }

  /**
   * Rows of a table of spans that are apart and sorted, as far as they overlap or touch a range. Of those that begin before it
   * only the last one can, so that the cost does not grow with the table.
   */
  #around<T extends Span>(
    columns: string,
    table: 'coverage' | 'holes',
    series: number,
    { fromMs, toMs }: Span,
  ): readonly T[] {
    return this.#all<T>(
      `SELECT ${columns} FROM ${table} WHERE series = ?1 AND from_ms <= ?3 AND to_ms >= ?2 AND from_ms >=
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
      this.#run('INSERT INTO coverage VALUES (?, ?, ?)', [series, fromMs, toMs])
    }
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

const SPAN = 'from_ms AS fromMs, to_ms AS toMs'
const HOLE = `${SPAN}, cause, first_seen_ms AS firstSeenMs, last_check_ms AS lastCheckMs`

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
