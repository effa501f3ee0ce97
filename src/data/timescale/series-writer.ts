import type { CandleColumns } from '../../core/candles.ts'
import { ConnectivityError, invariant, PlatformError } from '../../core/errors.ts'
import { type IntervalGrid, parseInterval } from '../../core/intervals.ts'
import { mergeSpans, spansWithin } from '../../core/ranges.ts'
import { holesWithin, replaceHoles, withoutStored } from '../holes.ts'
import { monthsIn } from '../lake/lake.ts'
import type {
  Hole,
  QuarantinedCandle,
  SeriesWriter,
  VerifiedPage,
  WriteCounts,
} from '../repository.ts'
import type { SeriesKey, TimeRange } from '../store.ts'
import { checkCandles, checkComplete, checkPage } from '../verified-page.ts'
import {
  addCoverage,
  beginKeeping,
  dropCoverage,
  findSeriesId,
  monthsOf,
  readCoverage,
  readHoles,
  readQuarantine,
  replaceQuarantine,
  settleMonths,
  updateHoles,
} from './books.ts'
import { copyOut } from './copy.ts'
import { databaseError } from './errors.ts'
import { findMonthsWithLosses } from './lost-candles.ts'
import type { OpenedDatabase } from './open.ts'
import { refreshRollups } from './rollups.ts'
import { lockSeries, unlockSeries } from './series-lock.ts'
import type { Session } from './session.ts'
import { type Written, writeCandles } from './write-candles.ts'

/**
 * One series, written over one connection that holds its lock: a connection that breaks takes lock and transaction with it, so
 * that nothing is ever written without the lock. Whoever does not learn whether a commit arrived opens the series again and
 * repeats it; what is stored already counts as unchanged.
 */
export class TimescaleSeriesWriter implements SeriesWriter {
  readonly key: SeriesKey
  readonly #opened: OpenedDatabase
  readonly #session: Session
  readonly #id: number
  readonly #grid: IntervalGrid
  /** Only this writer changes them, so they are read once. */
  #holes: readonly Hole[]
  #hasQuarantine: boolean
  /** Months whose candles were all there. */
  readonly #counted = new Set<string>()
  /** Where candles changed since the aggregates were refreshed. */
  #touched: readonly TimeRange[] = []
  #isClosed = false

  private constructor(parts: WriterParts) {
    this.key = parts.key
    this.#opened = parts.opened
    this.#session = parts.session
    this.#id = parts.id
    this.#grid = parseInterval(parts.key.interval)
    this.#holes = parts.holes
    this.#hasQuarantine = parts.hasQuarantine
  }

  /** @throws PlatformError `SERIES_BUSY`, and what `Database.acquire` throws */
  static async open(opened: OpenedDatabase, key: SeriesKey): Promise<TimescaleSeriesWriter> {
    const { database } = opened
    const session = await database.acquire()
    try {
      const id = await seriesId(session, key)
      await lockSeries(session, id, key)
      const holes = await readHoles(session, id)
      const hasQuarantine = (await readQuarantine(session, id)).length > 0
      return new TimescaleSeriesWriter({
        key,
        opened,
        session,
        id,
        holes,
        hasQuarantine,
      })
    } catch (error) {
      // Closed rather than given back: it may hold the lock.
      await session.release(true)
      throw databaseError(error, database.settings)
    }
  }

  async coverage(range?: TimeRange): Promise<readonly TimeRange[]> {
    return await this.#explained(async () => {
      await this.#forgetLosses(range)
      return spansWithin(await readCoverage(this.#session, this.#id, this.#grid), range)
    })
  }

  async holes(range?: TimeRange): Promise<readonly Hole[]> {
    return holesWithin(this.#holes, await this.coverage(range))
  }

  async quarantined(): Promise<readonly QuarantinedCandle[]> {
    return await this.#explained(() => readQuarantine(this.#session, this.#id))
  }

  async read(range: TimeRange): Promise<CandleColumns> {
    return await this.#explained(() => copyOut(this.#session, this.#id, range))
  }

  async commit(page: VerifiedPage): Promise<WriteCounts> {
    const { range, quarantined } = page
    checkPage(page, this.#grid)
    let holes = this.#holes
    const { added, replaced, unchanged } = await this.#store(page, async ({ stored, added }) => {
      const found = withoutStored(page.holes, stored.openTime, this.#grid)
      checkComplete(range, stored.openTime.length + added, found, this.#grid)
      holes = replaceHoles(this.#holes, range, found)
      await addCoverage(this.#session, this.#id, range)
      await updateHoles(this.#session, this.#id, this.#holes, holes)
      if (this.#hasQuarantine || quarantined.length > 0) {
        await replaceQuarantine(this.#session, this.#id, range, quarantined)
      }
    })
    this.#holes = holes
    this.#hasQuarantine ||= quarantined.length > 0
    return { added, replaced, unchanged }
  }

  /**
   * Stores candles that no venue was asked for, such as those of a file. The months that change are no longer covered, because
   * what the venue has of them is not known.
   * @param candles at least one
   */
  async put(candles: CandleColumns): Promise<Written> {
    const { openTime } = candles
    const fromMs = openTime[0] as number
    const page = { range: { fromMs, toMs: (openTime.at(-1) as number) + this.#grid.ms }, candles }
    checkCandles(candles, page.range, this.#grid)
    return await this.#store(page, async (_, months) => {
      if (months.length > 0) await dropCoverage(this.#session, this.#id, months)
    })
  }

  async flush(): Promise<void> {
    for (const range of this.#touched) await refreshRollups(this.#opened, range)
    this.#touched = []
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    try {
      if (this.#session.lost === undefined) await unlockSeries(this.#session, this.#id)
      await this.#session.release()
    } catch {
      // A closed connection holds no lock either.
      await this.#session.release(true)
    }
  }

  /** Takes months out of the coverage whose candles went with a chunk. Each is counted once: dropping one meanwhile is for the next writer. */
  async #forgetLosses(range: TimeRange | undefined): Promise<void> {
    if (this.#opened.features.tier === 'plain') return
    const covered = await readCoverage(this.#session, this.#id, this.#grid)
    const months = monthsIn(spansWithin(covered, range)).filter(
      (month) => !this.#counted.has(month),
    )
    const known = { covered, holes: this.#holes, grid: this.#grid }
    const lossy = await findMonthsWithLosses(this.#session, this.#id, months, known)
    if (lossy.length > 0) await dropCoverage(this.#session, this.#id, lossy)
    for (const month of months) this.#counted.add(month)
  }

  /**
   * One transaction, repeated when somebody else's stood in the way.
   * @param keepBooks called when the candles are written, with the months that they changed
   */
  async #store(
    { range, candles }: Pick<VerifiedPage, 'range' | 'candles'>,
    keepBooks: (written: Written, changed: readonly string[]) => Promise<void>,
  ): Promise<Written> {
    const { database, features } = this.#opened
    const [session, id] = [this.#session, this.#id]
    const months = monthsIn([range])
    const attempt = () =>
      this.#explained(() =>
        session.transaction('BEGIN', async () => {
          const versions = await beginKeeping(session, id, months, features.tier)
          const written = await writeCandles(session, id, range, candles)
          const changed = monthsOf(written.changed.openTime)
          await settleMonths(session, id, { months, changed, versions })
          await keepBooks(written, changed)
          return written
        }),
      )
    const written = await database.retried(attempt, isConflict)
    this.#touched = mergeSpans([...this.#touched, this.#rangeOf(written.changed.openTime)])
    return written
  }

  /** From the first to the end of the last candle; empty when there is none. */
  #rangeOf(openTime: Float64Array): TimeRange {
    return { fromMs: openTime[0] ?? 0, toMs: (openTime.at(-1) ?? -this.#grid.ms) + this.#grid.ms }
  }

  async #explained<T>(work: () => Promise<T>): Promise<T> {
    invariant(!this.#isClosed, 'a closed series is not used')
    const { lost } = this.#session
    if (lost !== undefined) throw this.#lostLock(lost)
    try {
      return await work()
    } catch (error) {
      const cause = this.#session.lost
      throw cause === undefined
        ? databaseError(error, this.#opened.database.settings)
        : this.#lostLock(cause)
    }
  }

  /** Another process may have opened the series since: this writer is of no more use. */
  #lostLock(cause: Error): unknown {
    const explained = databaseError(cause, this.#opened.database.settings)
    if (!(explained instanceof PlatformError)) return explained
    const { exchange, symbol, interval } = this.key
    return new ConnectivityError(
      'DATABASE_LOST',
      `${exchange} ${symbol} ${interval}: ${explained.message}`,
      { context: explained.context, cause },
    )
  }
}

interface WriterParts {
  readonly key: SeriesKey
  readonly opened: OpenedDatabase
  readonly session: Session
  readonly id: number
  readonly holes: readonly Hole[]
  readonly hasQuarantine: boolean
}

/** Somebody else's transaction was in the way, or added one of the candles meanwhile. */
function isConflict(error: unknown): boolean {
  if (!(error instanceof PlatformError)) return false
  return error.code === 'DATABASE_CONFLICT' || error.context.reason === UNIQUE_VIOLATION
}

const UNIQUE_VIOLATION = '23505'

/** Returns the number of a series, which it gets when it is first opened. */
async function seriesId(session: Session, key: SeriesKey): Promise<number> {
  const known = await findSeriesId(session, key)
  if (known !== undefined) return known
  const { exchange, symbol, interval } = key
  await session.query(
    'INSERT INTO series (exchange, symbol, interval, interval_ms) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING',
    [exchange, symbol, interval, parseInterval(interval).ms],
  )
  const made = await findSeriesId(session, key)
  invariant(made !== undefined, 'a series that was inserted is found')
  return made
}
