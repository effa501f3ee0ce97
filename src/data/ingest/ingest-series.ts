import { ConnectivityError, PlatformError } from '../../core/errors.ts'
import { countCandles, type IntervalGrid, parseInterval } from '../../core/intervals.ts'
import { intersectSpans, mergeSpans, subtractSpans } from '../../core/ranges.ts'
import { backoff } from '../../core/retry.ts'
import { DAY_MS, formatInstant } from '../../core/units.ts'
import { NO_CANDLES } from '../overlay.ts'
import type { CandleRepository, SeriesBooks, SeriesWriter, VerifiedPage } from '../repository.ts'
import type { SeriesKey, TimeRange } from '../store.ts'
import { type ArchiveSource, archivePages } from './archive-pages.ts'
import { PageReader } from './page-reader.ts'
import type { FetchContext } from './repeat-request.ts'
import { addReports, type SeriesProgress, type SeriesReport } from './report.ts'

/** What is to be stored of one series. */
export interface SeriesJob {
  readonly key: SeriesKey
  /** Open times; whole candles that are closed by the venue's clock. */
  readonly range: TimeRange
  /** Ask again for every known hole of the range, and for months whose file is damaged: it is set aside. */
  readonly repair: boolean
  /** Closed candles before each end of what is stored that are read again: venues correct them late. */
  readonly recheckCandles: number
  /** The venue's time, epoch ms. */
  readonly venueMs: number
  readonly archive?: ArchiveSource | undefined
  /** Why the venue cannot be asked: only the archive is read. */
  readonly away?: ConnectivityError | undefined
}

export interface SeriesContext extends FetchContext {
  readonly repository: CandleRepository
  /** Monotonic milliseconds. */
  readonly elapsed: () => number
  readonly onProgress: (progress: SeriesProgress) => void
  readonly warn: (message: string) => void
}

/**
 * Pages and candles between two flushes: a killed run leaves no more than these to be folded into the lake by the next one. Files of
 * an archive count by their candles.
 */
const PAGES_PER_FLUSH = 50
const CANDLES_PER_FLUSH = 250_000

/** A hole that was last checked sooner than this after it opened may be filled late by the venue. */
const YOUNG_HOLE_MS = DAY_MS

/** How often a store that went away in mid-run is opened again: half a minute in all, which a restart of a database takes. */
const REOPENINGS = { retries: 5, delayMs: 1_000, delayMsMax: 16_000 }

/**
 * Brings a series up to date: what the ledger does not cover, the last candles before each end of it, and holes that may
 * have been filled since. Each page is committed before the next one is asked for, so a killed run repeats at most one; so does
 * one whose store went away, which opens the series again.
 */
export async function ingestSeries(job: SeriesJob, context: SeriesContext): Promise<SeriesResult> {
  let result = await ingestOnce(job, context)
  for (let again = 1; again <= REOPENINGS.retries && isAway(result, again, context); again++) {
    const waitMs = backoff(REOPENINGS, again)
    context.warn(`${result.error?.message} Going on in ${waitMs / 1000} s.`)
    await context.clock.sleep(waitMs, context.signal).catch(() => {})
    if (context.signal?.aborted) break
    const next = await ingestOnce(job, context)
    result = { ...next, report: addReports(result.report, next.report) }
  }
  return result
}

/** After a lost connection the series can still be locked by it for a while. */
function isAway({ error }: SeriesResult, again: number, { repository }: SeriesContext): boolean {
  if (error === undefined) return false
  return repository.isAway?.(error) === true || (again > 1 && error.code === 'SERIES_BUSY')
}

async function ingestOnce(job: SeriesJob, context: SeriesContext): Promise<SeriesResult> {
  try {
    const writer = await context.repository.openSeries(job.key, {
      ...(job.repair && { onDamaged: context.warn }),
    })
    try {
      return await new SeriesIngest(job, context, writer).run()
    } finally {
      await writer.close()
    }
  } catch (error) {
    // Bugs end the command; what the world does to one series does not end the others.
    if (!(error instanceof PlatformError)) throw error
    return { report: nothingDone(job), error }
  }
}

/** What became of one series. With an error the report has what was stored before it. */
export interface SeriesResult {
  readonly report: SeriesReport
  readonly error?: PlatformError
}

/** Returns what would be fetched. Nothing is fetched or changed, and another process may write the series meanwhile. */
export async function planSeries(
  job: SeriesJob,
  context: Pick<SeriesContext, 'repository' | 'exchange'>,
): Promise<{ readonly candles: number; readonly pages: number }> {
  const grid = parseInterval(job.key.interval)
  const pageMs = context.exchange.candlesPerPage * grid.ms
  const books = await context.repository.readBooks(job.key, job.range)
  const work = workOf(books, job, grid, pageMs)
  const pagesOf = ({ fromMs, toMs }: TimeRange) => Math.ceil((toMs - fromMs) / pageMs)
  return {
    candles: countCandles(work, grid),
    pages: work.reduce((total, range) => total + pagesOf(range), 0),
  }
}

class SeriesIngest {
  readonly #job: SeriesJob
  readonly #context: SeriesContext
  readonly #writer: SeriesWriter
  readonly #grid: IntervalGrid
  readonly #reader: PageReader
  readonly #startedMs: number
  readonly #counts = { fetched: 0, written: 0, changed: 0, archived: 0 }
  #pagesSinceFlush = 0
  #candlesSinceFlush = 0
  #done = 0
  #total = 0

  constructor(job: SeriesJob, context: SeriesContext, writer: SeriesWriter) {
    this.#job = job
    this.#context = context
    this.#writer = writer
    this.#grid = parseInterval(job.key.interval)
    this.#reader = new PageReader(context, job.key, this.#grid)
    this.#startedMs = context.elapsed()
  }

  async run(): Promise<SeriesResult> {
    let failure: PlatformError | undefined
    try {
      await this.#readAll()
    } catch (error) {
      if (!(error instanceof PlatformError)) throw error
      failure = error
    }
    try {
      // What was committed becomes readable also when the venue failed or the user stopped.
      await this.#writer.flush()
      const report = await this.#finish()
      return failure === undefined ? { report } : { report, error: failure }
    } catch (error) {
      if (!(error instanceof PlatformError)) throw error
      return { report: { ...nothingDone(this.#job), ...this.#spent }, error: failure ?? error }
    }
  }

  /** What the run did and took so far. */
  get #spent() {
    return {
      ...this.#counts,
      pages: this.#reader.requests,
      seconds: (this.#context.elapsed() - this.#startedMs) / 1000,
    }
  }

  async #readAll(): Promise<void> {
    const { archive, range, away } = this.#job
    if (archive !== undefined) await this.#readArchive(archive)
    const coverage = await this.#writer.coverage(range)
    if (away !== undefined) {
      if (!this.#isStopped) this.#refuseGaps(subtractSpans(range, coverage), away)
      return
    }
    const holes = await this.#writer.holes(range)
    const work = workOf({ coverage, holes }, this.#job, this.#grid, this.#reader.pageMs)
    this.#total = this.#done + countCandles(work, this.#grid)
    this.#report()
    for (const range of work) await this.#fetch(range)
  }

  get #isStopped(): boolean {
    return this.#context.signal?.aborted === true
  }

  /** Stores what the archive holds of the gaps; what it lacks is left to the venue. */
  async #readArchive(archive: ArchiveSource): Promise<void> {
    const { range, key } = this.#job
    const { signal, warn } = this.#context
    const ranges = subtractSpans(range, await this.#writer.coverage(range))
    this.#total = countCandles(ranges, this.#grid)
    const pages = archivePages(archive, { ...key, ranges, signal }, warn)
    for (;;) {
      const next = await this.#stoppable(() => pages.next())
      if (next === undefined || next.done) return
      this.#counts.archived += next.value.candles.openTime.length
      await this.#commit(next.value)
      if (this.#isStopped) return
    }
  }

  /** @throws ConnectivityError the reason why the venue cannot be asked for them */
  #refuseGaps(gaps: readonly TimeRange[], { code, message, context }: ConnectivityError): void {
    const [first, last] = [gaps[0], gaps.at(-1)]
    if (first === undefined || last === undefined) return
    const [from, to] = [formatInstant(first.fromMs), formatInstant(last.toMs)]
    const lack = `The archive lacks candles between ${from} and ${to}.`
    throw new ConnectivityError(code, `${message} ${lack}`, { context })
  }

  async #fetch(range: TimeRange): Promise<void> {
    const { venueMs } = this.#job
    for (let fromMs = range.fromMs; fromMs < range.toMs && !this.#isStopped; ) {
      const toMs = Math.min(range.toMs, fromMs + this.#reader.pageMs)
      const page = await this.#stoppable(() => this.#reader.read({ fromMs, toMs }, venueMs))
      if (page === undefined) return
      this.#counts.fetched += page.rows
      await this.#commit(page)
      fromMs = toMs
      const isEmpty = page.candles.openTime.length === 0 && page.quarantined.length === 0
      if (isEmpty && fromMs < range.toMs) {
        fromMs = await this.#skipEmpty({ fromMs, toMs: range.toMs })
      }
    }
  }

  /** Behind an empty page there may be years without a candle, such as before a listing. Returns where to go on. */
  async #skipEmpty(rest: TimeRange): Promise<number> {
    const { venueMs } = this.#job
    if (!this.#reader.seeksForward) return rest.fromMs
    const found = await this.#stoppable(async () => ({
      next: (await this.#reader.findNext(rest, venueMs)) ?? rest.toMs,
    }))
    const next = found?.next ?? rest.fromMs
    if (next > rest.fromMs) {
      const hole = { fromMs: rest.fromMs, toMs: next, firstSeenMs: venueMs, lastCheckMs: venueMs }
      await this.#commit({
        range: { fromMs: rest.fromMs, toMs: next },
        candles: NO_CANDLES,
        holes: [{ ...hole, cause: 'venue' }],
        quarantined: [],
      })
    }
    return next
  }

  /** Returns undefined instead of failing when the user stopped meanwhile: what is committed by then is the result. */
  async #stoppable<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work()
    } catch (error) {
      if (this.#isStopped) return undefined
      throw error
    }
  }

  async #commit(page: VerifiedPage): Promise<void> {
    const { added, replaced } = await this.#writer.commit(page)
    this.#counts.written += added
    this.#counts.changed += replaced
    this.#done += countCandles([page.range], this.#grid)
    this.#report()
    this.#pagesSinceFlush += 1
    this.#candlesSinceFlush += page.candles.openTime.length
    const isDue =
      this.#pagesSinceFlush >= PAGES_PER_FLUSH || this.#candlesSinceFlush >= CANDLES_PER_FLUSH
    if (!isDue) return
    this.#pagesSinceFlush = 0
    this.#candlesSinceFlush = 0
    await this.#writer.flush()
  }

  #report(): void {
    const { key } = this.#job
    const seconds = (this.#context.elapsed() - this.#startedMs) / 1000
    this.#context.onProgress({
      ...key,
      done: this.#done,
      total: Math.max(this.#total, this.#done),
      ...this.#counts,
      seconds,
    })
  }

  async #finish(): Promise<SeriesReport> {
    const { key, range } = this.#job
    const holes = await this.#writer.holes(range)
    const quarantined = (await this.#writer.quarantined()).filter(
      ({ openTime }) => openTime >= range.fromMs && openTime < range.toMs,
    )
    const left = subtractSpans(range, await this.#writer.coverage(range))
    return {
      ...key,
      ...range,
      ...this.#spent,
      holes: countCandles(holes, this.#grid),
      holeRanges: holes,
      quarantined: quarantined.length,
      unverified: countCandles(left, this.#grid),
    }
  }
}

function nothingDone({ key, range }: SeriesJob): SeriesReport {
  const slots = countCandles([range], parseInterval(key.interval))
  const counts = { fetched: 0, written: 0, changed: 0, archived: 0, pages: 0, seconds: 0 }
  const found = { holes: 0, holeRanges: [], quarantined: 0, unverified: slots }
  return { ...key, ...range, ...counts, ...found }
}

/** What has to be asked for: gaps of the ledger, candles that may have been corrected, holes that may have been filled. */
function workOf(
  { coverage, holes }: SeriesBooks,
  { range, repair, recheckCandles }: SeriesJob,
  grid: IntervalGrid,
  pageMs: number,
): readonly TimeRange[] {
  const gaps = subtractSpans(range, coverage)
  const recheckMs = recheckCandles * grid.ms
  const ends = [...gaps.map(({ fromMs }) => fromMs), range.toMs]
  const recent = ends.map((toMs) => ({ fromMs: toMs - recheckMs, toMs }))
  const doubtful = holes.filter((hole) => repair || hole.toMs > hole.lastCheckMs - YOUNG_HOLE_MS)
  const wanted = mergeSpans([...gaps, ...recent, ...doubtful])
  return joinedWithin(
    wanted.flatMap((one) => intersectSpans(one, range) ?? []),
    pageMs,
  )
}

/** Joins sorted ranges that one page holds, with what lies between them: a market without trades has hundreds of holes in a day. */
function joinedWithin(ranges: readonly TimeRange[], pageMs: number): readonly TimeRange[] {
  const joined: TimeRange[] = []
  for (const range of ranges) {
    const last = joined.at(-1)
    if (last === undefined || range.toMs - last.fromMs > pageMs) joined.push(range)
    else joined[joined.length - 1] = { fromMs: last.fromMs, toMs: range.toMs }
  }
  return joined
}
