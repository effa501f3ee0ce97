import type { CandleColumns } from '../../core/candles.ts'
import { candlesOpeningIn, type IntervalGrid, parseInterval } from '../../core/intervals.ts'
import { intersectSpans, mergeSpans, spansWithin, subtractSpans } from '../../core/ranges.ts'
import { firstFrom } from '../../core/sorted-times.ts'
import { holesWithin, replaceHoles, withoutStored } from '../holes.ts'
import { candlesWithin, compareCandles, overlay, overlayAll } from '../overlay.ts'
import type {
  Hole,
  QuarantinedCandle,
  SeriesWriter,
  VerifiedPage,
  WriteCounts,
} from '../repository.ts'
import type { SeriesKey, TimeRange } from '../store.ts'
import { checkComplete, checkPage } from '../verified-page.ts'
import { monthOf, monthRange, monthsIn } from './lake.ts'
import type { Ledger } from './ledger.ts'
import type { PartitionFacts } from './manifest.ts'
import { MonthFiles, type MonthFilesOptions } from './month-files.ts'

export interface LakeWriterOptions extends Pick<MonthFilesOptions, 'roots' | 'open' | 'alone'> {
  readonly key: SeriesKey
  readonly ledger: Ledger
  /** Told of month files that were set aside because they are damaged. */
  readonly onDamaged?: ((message: string) => void) | undefined
  readonly release: () => void
}

/** A page of whole months with at least as many new candles goes straight into their files: through the ledger it would be written three times. */
const BULK_CANDLES = 20_000

/**
 * Writes one series of a lake. Committed pages wait in the ledger; `flush` folds them into the month files: first the file,
 * whole or not at all, then the ledger forgets the pages. A crash in between repeats a merge that changes nothing.
 */
export class LakeWriter implements SeriesWriter {
  readonly key: SeriesKey
  readonly #ledger: Ledger
  readonly #files: MonthFiles
  readonly #release: () => void
  readonly #grid: IntervalGrid
  readonly #series: number
  /** Months whose files were last found to agree with the coverage. */
  #sound: readonly string[] = []

  constructor({ key, ledger, onDamaged, release, ...surroundings }: LakeWriterOptions) {
    this.key = key
    this.#ledger = ledger
    this.#release = release
    this.#grid = parseInterval(key.interval)
    this.#series = ledger.seriesId(key)
    const onSetAside = (month: string | undefined, message: string) => {
      if (month !== undefined) this.#forget([this.#slotsOf(month)])
      onDamaged?.(message)
    }
    const grid = this.#grid
    this.#files = new MonthFiles({ key, grid, ...surroundings, ...(onDamaged && { onSetAside }) })
  }

  async coverage(range?: TimeRange): Promise<readonly TimeRange[]> {
    await this.#files.inspect(range)
    const doubtful = await this.#doubtfulMonths(range)
    if (doubtful.length > 0) this.#forget(doubtful)
    return spansWithin(this.#ledger.coverage(this.#series), range)
  }

  async holes(range?: TimeRange): Promise<readonly Hole[]> {
    if (range === undefined) return this.#ledger.holes(this.#series)
    return holesWithin(this.#ledger.holesAround(this.#series, range), [range])
  }

  async quarantined(): Promise<readonly QuarantinedCandle[]> {
    return this.#ledger.quarantined(this.#series)
  }

  async read(range: TimeRange): Promise<CandleColumns> {
    return overlay(await this.#files.read(range), this.#pending(range))
  }

  async commit(page: VerifiedPage): Promise<WriteCounts> {
    const { range, candles, quarantined } = page
    checkPage(page, this.#grid)
    const stored = await this.read(range)
    const { changed, ...counts } = compareCandles(candles, stored)
    const found = withoutStored(page.holes, stored.openTime, this.#grid)
    checkComplete(range, stored.openTime.length + counts.added, found, this.#grid)
    const isBulk = changed.openTime.length >= BULK_CANDLES && this.#isWholeMonths(range)
    const written = isBulk ? await this.#writeThrough(changed) : NOTHING_WRITTEN
    this.#ledger.transaction(() => {
      if (!isBulk && changed.openTime.length > 0) {
        this.#ledger.addPage(this.#series, this.#extentOf(changed), changed)
      }
      // Every slot of these months has just been accounted for.
      for (const [month, { hash }] of written) this.#ledger.recordMonth(this.#series, month, hash)
      this.#ledger.addCoverage(this.#series, range)
      const known = this.#ledger.holesAround(this.#series, range)
      this.#ledger.replaceHoles(this.#series, known, replaceHoles(known, range, found))
      this.#ledger.replaceQuarantined(this.#series, range, quarantined)
    })
    return counts
  }

  async flush(): Promise<void> {
    await this.#files.recordMeasured(this.#sound)
    const pages = this.#ledger.pages(this.#series)
    const last = pages.at(-1)
    if (last === undefined) return
    const months = monthsIn(mergeSpans(pages))
    const known = await this.#knownMonths(months)
    const written = await this.#files.fold(months, (month) => this.#pending(monthRange(month)))
    this.#ledger.transaction(() => {
      this.#ledger.removePages(this.#series, last.id)
      for (const [month, { hash }] of written) {
        if (known.has(month)) this.#ledger.recordMonth(this.#series, month, hash)
      }
    })
  }

  async close(): Promise<void> {
    this.#release()
  }

  #isWholeMonths({ fromMs, toMs }: TimeRange): boolean {
    const first = this.#slotsOf(monthOf(fromMs))
    return first.fromMs === fromMs && this.#slotsOf(monthOf(toMs)).fromMs === toMs
  }

  /** The slots that open in a month: its last week ends in the next one. */
  #slotsOf(month: string): TimeRange {
    return candlesOpeningIn(monthRange(month), this.#grid)
  }

  /** Folds candles into their files. Pages that were committed before go first, or they would come back over newer candles. */
  async #writeThrough(candles: CandleColumns): Promise<ReadonlyMap<string, PartitionFacts>> {
    await this.flush()
    const months = monthsIn([this.#extentOf(candles)])
    return await this.#files.fold(months, (month) => candlesWithin(candles, monthRange(month)))
  }

  /** Committed candles of a range that are not in the files yet. */
  #pending(range: TimeRange): CandleColumns {
    const pages = this.#ledger.pageCandles(this.#series, range)
    return overlayAll(pages.map((candles) => candlesWithin(candles, range)))
  }

  #extentOf({ openTime }: CandleColumns): TimeRange {
    const [fromMs, last] = [openTime[0] as number, openTime.at(-1) as number]
    return { fromMs, toMs: last + this.#grid.ms }
  }

  /** Takes back what was said of months: they count as not asked for. */
  #forget(months: readonly TimeRange[]): void {
    this.#ledger.transaction(() => {
      const covered = this.#ledger.coverage(this.#series)
      const left = covered.flatMap((range) => subtractSpans(range, months))
      this.#ledger.replaceCoverage(this.#series, left)
      for (const month of months) {
        const known = this.#ledger.holesAround(this.#series, month)
        this.#ledger.replaceHoles(this.#series, known, replaceHoles(known, month, []))
        this.#ledger.forgetMonth(this.#series, monthOf(month.fromMs))
      }
    })
  }

  /**
   * Months whose file is the one that agreed with the coverage, or that have none and never had. What is folded into another file
   * does not make up for what somebody took from it, so that the next look at the coverage has to be a close one.
   */
  async #knownMonths(months: readonly string[]): Promise<ReadonlySet<string>> {
    const agreed = this.#ledger.months(this.#series)
    const hashes = await this.#files.hashesOf(months)
    return new Set(months.filter((month) => hashes.get(month) === (agreed.get(month) ?? '')))
  }

  /** Months whose candles are not what the coverage was given for: somebody deleted or changed them, or they are damaged. */
  async #doubtfulMonths(range: TimeRange | undefined): Promise<readonly TimeRange[]> {
    const covered = this.#ledger.coverage(this.#series)
    const agreed = this.#ledger.months(this.#series)
    const waiting = this.#ledger.pages(this.#series)
    const doubtful: TimeRange[] = []
    const sound: string[] = []
    const fresh: [month: string, hash: string][] = []
    const hashes = await this.#files.hashesOf(monthsIn(spansWithin(covered, range)))
    for (const [month, hash] of hashes) {
      const known = agreed.get(month)
      if (hash !== undefined && hash !== '' && hash === known) {
        sound.push(month)
        continue
      }
      const slots = this.#slotsOf(month)
      // A file that changed while none of our pages waits for it was changed by somebody else: what the venue has of it is not known.
      const isForeign = known !== undefined && !waiting.some((page) => intersectSpans(page, slots))
      const isDoubtful = isForeign || hash === undefined || !(await this.#agrees(covered, slots))
      if (isDoubtful) doubtful.push(slots)
      else {
        sound.push(month)
        if (hash !== '') fresh.push([month, hash])
      }
    }
    this.#sound = sound
    if (fresh.length > 0) {
      this.#ledger.transaction(() => {
        for (const [month, hash] of fresh) this.#ledger.recordMonth(this.#series, month, hash)
      })
    }
    return doubtful
  }

  /** Whether every covered slot of a month is a candle or a known hole. Holes that somebody filled are forgotten. */
  async #agrees(covered: readonly TimeRange[], month: TimeRange): Promise<boolean> {
    const { openTime } = await this.read(month)
    const known = this.#ledger.holesAround(this.#series, month)
    const holes = withoutStored(known, openTime, this.#grid)
    const isFilled = holes.length !== known.length || holes.some((hole, i) => hole !== known[i])
    if (isFilled) {
      this.#ledger.transaction(() => this.#ledger.replaceHoles(this.#series, known, holes))
    }
    return covered.every((range) => {
      const part = intersectSpans(range, month)
      if (part === undefined) return true
      const candles = firstFrom(openTime, part.toMs) - firstFrom(openTime, part.fromMs)
      const missingMs = holes.reduce((total, hole) => {
        const shared = intersectSpans(hole, part)
        return shared === undefined ? total : total + shared.toMs - shared.fromMs
      }, 0)
      return candles * this.#grid.ms + missingMs === part.toMs - part.fromMs
    })
  }
}

const NOTHING_WRITTEN: ReadonlyMap<string, PartitionFacts> = new Map()
