import type { CandleColumns } from '../../core/candles.ts'
import { invariant } from '../../core/errors.ts'
import { ceilToGrid, type IntervalGrid, isAligned, parseInterval } from '../../core/intervals.ts'
import { intersectSpans, mergeSpans, subtractSpans } from '../../core/ranges.ts'
import { FILE_COLUMNS, findViolation, vectorsOf } from '../columns.ts'
import type { DuckDb } from '../duckdb.ts'
import { replaceHoles, withoutStored } from '../holes.ts'
import { mergeMonth } from '../import/merge.ts'
import { candlesWithin, compareCandles, NO_CANDLES, overlay, overlayAll } from '../overlay.ts'
import type {
  Hole,
  QuarantinedCandle,
  SeriesWriter,
  VerifiedPage,
  WriteCounts,
} from '../repository.ts'
import type { SeriesKey, TimeRange } from '../store.ts'
import { findPartitions, type LakeRoot, monthOf, monthRange, overlaps } from './lake.ts'
import type { Ledger } from './ledger.ts'
import { factsOf, type PartitionFacts, recordFacts } from './manifest.ts'
import { readColumns } from './read-columns.ts'

export interface LocalWriterOptions {
  readonly key: SeriesKey
  readonly roots: readonly LakeRoot[]
  readonly ledger: Ledger
  /** Gives the database that reads and writes month files. */
  readonly open: () => Promise<DuckDb>
  /** Runs one piece of work at a time: months are merged from a table that has one name. */
  readonly alone: <T>(work: () => Promise<T>) => Promise<T>
  readonly release: () => void
}

/**
 * Writes one series of a lake. Committed pages wait in the ledger; `flush` folds them into the month files: first the file,
 * whole or not at all, then the ledger forgets the pages. A crash in between repeats a merge that changes nothing.
 */
export class LocalWriter implements SeriesWriter {
  readonly key: SeriesKey
  readonly #roots: readonly LakeRoot[]
  readonly #ledger: Ledger
  readonly #open: () => Promise<DuckDb>
  readonly #alone: LocalWriterOptions['alone']
  readonly #release: () => void
  readonly #grid: IntervalGrid
  readonly #series: number

  constructor({ key, roots, ledger, open, alone, release }: LocalWriterOptions) {
    this.key = key
    this.#roots = roots
    this.#ledger = ledger
    this.#open = open
    this.#alone = alone
    this.#release = release
    this.#grid = parseInterval(key.interval)
    this.#series = ledger.seriesId(key)
  }

  async coverage(): Promise<readonly TimeRange[]> {
    const covered = this.#ledger.coverage(this.#series)
    const doubtful = await this.#doubtfulMonths(covered)
    if (doubtful.length === 0) return covered
    const left = covered.flatMap((range) => subtractSpans(range, doubtful))
    this.#ledger.transaction(() => {
      this.#ledger.replaceCoverage(this.#series, left)
      const holes = this.#ledger.holes(this.#series)
      const kept = holes.flatMap((hole) =>
        subtractSpans(hole, doubtful).map((part) => ({ ...hole, ...part })),
      )
      this.#ledger.replaceHoles(this.#series, kept)
    })
    return left
  }

  async holes(range?: TimeRange): Promise<readonly Hole[]> {
    const holes = this.#ledger.holes(this.#series)
    if (range === undefined) return holes
    return holes.flatMap((hole) => {
      const shared = intersectSpans(hole, range)
      return shared === undefined ? [] : [{ ...hole, ...shared }]
    })
  }

  async quarantined(): Promise<readonly QuarantinedCandle[]> {
    return this.#ledger.quarantined(this.#series)
  }

  async read(range: TimeRange): Promise<CandleColumns> {
    const stored = await this.#readMonths(range)
    return this.#ledger
      .pages(this.#series, range)
      .reduce((lower, page) => overlay(lower, candlesWithin(page.candles, range)), stored)
  }

  async commit(page: VerifiedPage): Promise<WriteCounts> {
    const { range, candles, quarantined } = page
    this.#check(page)
    const stored = await this.read(range)
    const { changed, ...counts } = compareCandles(candles, stored)
    const found = withoutStored(page.holes, stored.openTime, this.#grid)
    this.#ledger.transaction(() => {
      if (changed.openTime.length > 0) this.#ledger.addPage(this.#series, range, changed)
      const covered = this.#ledger.coverage(this.#series)
      this.#ledger.replaceCoverage(this.#series, mergeSpans([...covered, range]))
      const holes = this.#ledger.holes(this.#series)
      this.#ledger.replaceHoles(this.#series, replaceHoles(holes, range, found))
      this.#ledger.replaceQuarantined(this.#series, range, quarantined)
    })
    return counts
  }

  async flush(): Promise<void> {
    const pages = this.#ledger.pages(this.#series)
    const last = pages.at(-1)
    if (last === undefined) return
    const candles = overlayAll(pages.map((page) => page.candles))
    const months = await this.#alone(() => this.#mergeMonths(candles))
    await recordFacts(this.#lake.path, this.key, months)
    this.#ledger.transaction(() => {
      this.#ledger.removePages(this.#series, last.id)
      for (const [month, { hash }] of months) {
        this.#ledger.recordMonth(this.#series, month, hash)
      }
    })
  }

  async close(): Promise<void> {
    this.#release()
  }

  get #lake(): LakeRoot {
    return this.#roots[0] as LakeRoot
  }

  /** What a caller hands in has been verified; anything else is a bug of the caller. */
  #check({ range, candles }: VerifiedPage): void {
    const { fromMs, toMs } = range
    const isOnGrid = isAligned(fromMs, this.#grid) && isAligned(toMs, this.#grid)
    invariant(fromMs < toMs && isOnGrid, 'a page is a range of whole candles')
    invariant(
      candlesWithin(candles, range).openTime.length === candles.openTime.length,
      'the candles of a page lie in its range',
    )
    const violation = findViolation(candles, this.#grid, -Infinity)
    invariant(violation === undefined, `the candles of a page are valid (${violation?.rule})`)
  }

  async #readMonths(range: TimeRange): Promise<CandleColumns> {
    const partitions = findPartitions(this.#roots, this.key).filter(({ month }) =>
      overlaps(monthRange(month), range),
    )
    if (partitions.length === 0) return NO_CANDLES
    const facts = await factsOf(partitions, this.key, this.#grid, this.#open)
    // The next page of a growing series lies behind everything that is stored: no file has to be opened to know that.
    const isBehind = facts.every(({ first, last }) => last < range.fromMs || first >= range.toMs)
    if (isBehind) return NO_CANDLES
    const request = { partitions, grid: this.#grid, range }
    return (await readColumns(await this.#open(), request)).columns
  }

  /** Folds candles into the files of their months. */
  async #mergeMonths(candles: CandleColumns): Promise<ReadonlyMap<string, PartitionFacts>> {
    const db = await this.#open()
    const written = new Map<string, PartitionFacts>()
    await stageClean(db, candles)
    try {
      for (const [month, rows] of countMonths(candles.openTime)) {
        const merged = await mergeMonth(db, this.#roots, this.key, this.#grid, { month, rows })
        if (merged.facts !== undefined) written.set(month, merged.facts)
      }
    } finally {
      await db.run('DROP TABLE IF EXISTS clean')
    }
    return written
  }

  /** Months whose candles are not what the coverage says: somebody deleted or changed them. */
  async #doubtfulMonths(covered: readonly TimeRange[]): Promise<readonly TimeRange[]> {
    const months = monthsOf(covered)
    const partitions = findPartitions(this.#roots, this.key)
    const known = this.#ledger.months(this.#series)
    const doubtful: TimeRange[] = []
    for (const month of months) {
      const partition = partitions.find((one) => one.month === month)
      const hash = await this.#hashOf(partition)
      if (hash !== '' && hash === known.get(month)) continue
      const slots = slotsOf(month, this.#grid)
      if (!(await this.#agrees(covered, slots))) doubtful.push(slots)
      else if (hash !== '') this.#ledger.recordMonth(this.#series, month, hash)
    }
    return doubtful
  }

  async #hashOf(partition: ReturnType<typeof findPartitions>[number] | undefined): Promise<string> {
    if (partition === undefined) return ''
    const [facts] = await factsOf([partition], this.key, this.#grid, this.#open)
    return facts?.hash ?? ''
  }

  /** Whether every covered slot of a month is a candle or a known hole. */
  async #agrees(covered: readonly TimeRange[], month: TimeRange): Promise<boolean> {
    const { openTime } = await this.read(month)
    const holes = this.#ledger.holes(this.#series)
    return covered.every((range) => {
      const part = intersectSpans(range, month)
      if (part === undefined) return true
      const slots = Array.from(openTime, (fromMs) => ({ fromMs, toMs: fromMs + this.#grid.ms }))
      return subtractSpans(part, [...slots, ...holes]).length === 0
    })
  }
}

/** Returns the slots that open in a month; the last week of a month ends in the next one. */
function slotsOf(month: string, grid: IntervalGrid): TimeRange {
  const { fromMs, toMs } = monthRange(month)
  return { fromMs: ceilToGrid(fromMs, grid), toMs: ceilToGrid(toMs, grid) }
}

/** Creates the table `clean` that months are merged from. */
async function stageClean(db: DuckDb, candles: CandleColumns): Promise<void> {
  const types = FILE_COLUMNS.map((name) => `${name} DOUBLE`).join(', ')
  await db.run(`CREATE OR REPLACE TABLE clean (${types})`)
  const appender = await db.appender('clean')
  appender.append(vectorsOf(candles))
  appender.close()
}

/** Counts sorted open times by month. */
function countMonths(openTime: Float64Array): ReadonlyMap<string, number> {
  const months = new Map<string, number>()
  for (let row = 0; row < openTime.length; ) {
    const month = monthOf(openTime[row] as number)
    const { toMs } = monthRange(month)
    const start = row
    while (row < openTime.length && (openTime[row] as number) < toMs) row++
    months.set(month, row - start)
  }
  return months
}

/** Returns the months that ranges touch, in order. */
function monthsOf(ranges: readonly TimeRange[]): readonly string[] {
  const months = new Set<string>()
  for (const { fromMs, toMs } of ranges) {
    for (let at = fromMs; at < toMs; at = monthRange(monthOf(at)).toMs) months.add(monthOf(at))
  }
  return [...months].sort()
}
