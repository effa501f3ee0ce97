import { rmSync } from 'node:fs'
import type { CandleColumns } from '../../../core/candles.ts'
import type { Clock } from '../../../core/clock.ts'
import { DataError, PlatformError } from '../../../core/errors.ts'
import { type IntervalGrid, parseInterval } from '../../../core/intervals.ts'
import { formatInstant } from '../../../core/units.ts'
import { findViolation, hashColumns } from '../../columns.ts'
import { type DuckDb, withDuckDb } from '../../duckdb.ts'
import { makeFolder, storageError } from '../../files.ts'
import { monthRange, partitionPath, seriesFolder } from '../../lake/lake.ts'
import { withSeriesLock } from '../../lake/lock.ts'
import { claim, disown, type PartitionFacts, recordFacts } from '../../lake/manifest.ts'
import { manifestDamage, setManifestAside } from '../../lake/manifest-file.ts'
import { readColumns } from '../../lake/read-columns.ts'
import { writeMonth } from '../../lake/write-month.ts'
import type { SeriesKey } from '../../store.ts'
import { copyOut } from '../copy.ts'
import type { OpenedDatabase } from '../open.ts'
import type { Session } from '../session.ts'
import { placeOf } from '../settings.ts'
import {
  type CachedMonth,
  findAbandonedClaims,
  planSync,
  readCached,
  type SourceMonth,
  type SyncPlan,
} from './plan.ts'
import { readWatermark, type Watermark } from './watermark.ts'

export interface SyncContext {
  readonly opened: OpenedDatabase
  /** Folder of the lake that caches the database. */
  readonly lake: string
  readonly clock: Clock
  readonly signal?: AbortSignal | undefined
}

/** What became of one series. Months such as `2024-01`, in order. */
export interface SyncedSeries extends SeriesKey {
  readonly exported: readonly string[]
  readonly unchanged: readonly string[]
  /** Taken out of the lake, because the database no longer has them. */
  readonly removed: readonly string[]
  /** Left as they are: the lake holds other candles than the database, and did not get them from it. */
  readonly conflicts: readonly string[]
  /** Candles exported. */
  readonly rows: number
}

/** Two processes may sync the same series at once: one works, the other waits and finds it done. */
const LOCK_POLL_MS = 100
const LOCK_WAIT_MS_MAX = 600_000

/** For DuckDB; beside it two months are in memory, one that is written and one that arrives. */
const MEMORY_LIMIT_MB = 256

/**
 * Makes the lake's copy of a series equal to the database as it was at one moment: one snapshot gives versions and candles of
 * all months. Each month is written whole and noted after that, so an interrupted sync is continued by the next one.
 * @throws ConnectivityError `DATABASE_…`; DataError `DATA_INVALID`; PlatformError `SYNC_BUSY`, `DISK_FULL`, `FOLDER_READ_ONLY`, `WRITE_FAILED`, `INTERRUPTED`
 */
export async function syncSeries(context: SyncContext, key: SeriesKey): Promise<SyncedSeries> {
  const { opened, lake } = context
  if (manifestDamage(seriesFolder(lake, key)) !== undefined) {
    await whenFree(context, key, () => renewManifest(lake, key))
  }
  const cached = readCached(lake, key)
  const { database, features } = opened
  const watermark = await database.retried(() =>
    database.withSession((session) =>
      readWatermark(session, key, versionsOf(cached), features.tier),
    ),
  )
  const plan = planSync(watermark.database, watermark.months, cached)
  const isTidy = findAbandonedClaims(lake, key, cached).length === 0
  if (isDone(plan) && isTidy)
    return summary(key, plan, { exported: new Map(), conflicts: plan.strange })
  return await whenFree(context, key, () => syncLocked(context, key))
}

/**
 * Puts a damaged manifest out of the way. Without one no file counts as a copy of the database, so that the candles of each are
 * compared with it.
 */
async function renewManifest(lake: string, key: SeriesKey): Promise<void> {
  const folder = seriesFolder(lake, key)
  // Somebody else may have done it.
  if (manifestDamage(folder) !== undefined) setManifestAside(folder)
}

function isDone({ changed, gone, doubtful }: SyncPlan): boolean {
  return changed.length + gone.length + doubtful.length === 0
}

function versionsOf(cached: ReadonlyMap<string, CachedMonth>): readonly SourceMonth[] {
  return [...cached].flatMap(([month, { version }]) =>
    version === undefined ? [] : [{ month, version }],
  )
}

/** Looks again under the lock: another process may have done some of it. */
async function syncLocked(context: SyncContext, key: SeriesKey): Promise<SyncedSeries> {
  const { database, features } = context.opened
  return await database.retried(() =>
    database.withSession((session) =>
      session.transaction('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY', async () => {
        const cached = readCached(context.lake, key)
        const abandoned = findAbandonedClaims(context.lake, key, cached)
        if (abandoned.length > 0) await disown(context.lake, key, abandoned)
        const watermark = await readWatermark(session, key, versionsOf(cached), features.tier)
        const plan = planSync(watermark.database, watermark.months, cached)
        return await withDuckDb({ memoryLimitMb: MEMORY_LIMIT_MB }, (db) =>
          new SeriesSync(context, key, { session, db, cached, watermark }).run(plan),
        )
      }),
    ),
  )
}

interface SyncParts {
  readonly session: Session
  readonly db: DuckDb
  readonly cached: ReadonlyMap<string, CachedMonth>
  readonly watermark: Watermark
}

class SeriesSync {
  readonly #context: SyncContext
  readonly #key: SeriesKey
  readonly #grid: IntervalGrid
  readonly #parts: SyncParts

  constructor(context: SyncContext, key: SeriesKey, parts: SyncParts) {
    this.#context = context
    this.#key = key
    this.#grid = parseInterval(key.interval)
    this.#parts = parts
  }

  async run(plan: SyncPlan): Promise<SyncedSeries> {
    const conflicts = [...plan.strange]
    const exported = new Map<string, PartitionFacts>()
    try {
      await this.#remove(plan.gone)
      for (const one of plan.doubtful) {
        const facts = await this.#adopt(one)
        if (facts === undefined) conflicts.push(one.month)
        else exported.set(one.month, facts)
      }
      const adopted = new Set(exported.keys())
      await this.#claim(plan.changed.map(({ month }) => month))
      for await (const [month, facts] of this.#export(plan.changed)) exported.set(month, facts)
      await recordFacts(this.#context.lake, this.#key, exported)
      for (const month of adopted) exported.delete(month)
      const unchanged = [...plan.unchanged, ...adopted].sort()
      return summary(this.#key, { ...plan, unchanged }, { exported, conflicts: conflicts.sort() })
    } catch (error) {
      // What the manifest lacks is exported again, so that this may fail as well.
      await recordFacts(this.#context.lake, this.#key, exported).catch(() => {})
      throw error
    }
  }

  /** A month that the lake has of its own becomes a copy when its candles are those of the database. */
  async #adopt(one: SourceMonth): Promise<PartitionFacts | undefined> {
    const cached = this.#parts.cached.get(one.month) as CachedMonth
    const hash = cached.facts?.hash ?? (await this.#hashOf(one.month, cached))
    const columns = await this.#read(one)
    if (hashColumns(columns) !== hash) return undefined
    // Written again: this is what measures it, and it is rare.
    await this.#claim([one.month])
    return this.#described(one, columns)
  }

  /** Returns undefined for a file that cannot be read. */
  async #hashOf(month: string, { path }: CachedMonth): Promise<string | undefined> {
    const partitions = [{ month, path, source: 'lake' as const, bytes: 0 }]
    try {
      return (await readColumns(this.#parts.db, { partitions, grid: this.#grid })).hash
    } catch (error) {
      if (error instanceof DataError) return undefined
      throw error
    }
  }

  /** While one month is written, the server already sends the next one. */
  async *#export(months: readonly SourceMonth[]): AsyncGenerator<[string, PartitionFacts]> {
    const { signal, lake } = this.#context
    let reading: Promise<CandleColumns> | undefined
    try {
      for (const [i, one] of months.entries()) {
        if (signal?.aborted) throw interrupted(this.#key, lake)
        const columns = await (reading ?? this.#read(one))
        const next = months[i + 1]
        reading = next === undefined ? undefined : this.#read(next)
        // Whoever fails first says why.
        reading?.catch(() => {})
        yield [one.month, await this.#described(one, columns)]
      }
    } finally {
      await reading?.catch(() => {})
    }
  }

  async #described(one: SourceMonth, columns: CandleColumns): Promise<PartitionFacts> {
    const { db, watermark } = this.#parts
    const month = { key: this.#key, grid: this.#grid, month: one.month, columns }
    const facts = await writeMonth(db, this.#context.lake, month)
    return { ...facts, source: { database: watermark.database, version: one.version } }
  }

  async #read({ month }: SourceMonth): Promise<CandleColumns> {
    const { session, watermark } = this.#parts
    const columns = await copyOut(session, watermark.seriesId, monthRange(month))
    const violation = findViolation(columns, this.#grid, -Infinity)
    if (violation === undefined) return columns
    const { exchange, symbol, interval } = this.#key
    const place = placeOf(this.#context.opened.database.settings)
    const time = formatInstant(violation.openTime)
    throw new DataError(
      'DATA_INVALID',
      `${place}, candle of ${exchange} ${symbol} ${interval} at ${time}: ${violation.rule}. Correct or delete the row of series ${watermark.seriesId}.`,
      {
        context: { exchange, symbol, interval, openTime: violation.openTime, rule: violation.rule },
      },
    )
  }

  async #claim(months: readonly string[]): Promise<void> {
    if (months.length === 0) return
    await claim(this.#context.lake, this.#key, months, this.#parts.watermark.database)
  }

  async #remove(months: readonly string[]): Promise<void> {
    if (months.length === 0) return
    const { lake } = this.#context
    await this.#claim(months)
    for (const month of months) removeFile(partitionPath(lake, this.#key, month))
    await disown(lake, this.#key, months)
  }
}

function removeFile(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch (error) {
    throw storageError(error, path)
  }
}

function summary(
  { exchange, symbol, interval }: SeriesKey,
  plan: Pick<SyncPlan, 'unchanged' | 'gone'>,
  done: {
    readonly exported: ReadonlyMap<string, PartitionFacts>
    readonly conflicts: readonly string[]
  },
): SyncedSeries {
  const rows = [...done.exported.values()].reduce((total, facts) => total + facts.rows, 0)
  return {
    exchange,
    symbol,
    interval,
    exported: [...done.exported.keys()],
    unchanged: plan.unchanged,
    removed: plan.gone,
    conflicts: done.conflicts,
    rows,
  }
}

/** Runs work alone in the series' folder of the lake, after whoever is there has left. */
async function whenFree<T>(
  { lake, clock, signal }: SyncContext,
  key: SeriesKey,
  work: () => Promise<T>,
): Promise<T> {
  const sinceMs = clock.now()
  makeFolder(lake)
  for (;;) {
    try {
      return await withSeriesLock(lake, key, work)
    } catch (error) {
      if (!(error instanceof PlatformError) || error.code !== 'SERIES_BUSY') throw error
      if (clock.now() - sinceMs > LOCK_WAIT_MS_MAX) throw busy(key, error)
      await clock.sleep(LOCK_POLL_MS, signal)
    }
  }
}

function busy(key: SeriesKey, cause: PlatformError): PlatformError {
  const { exchange, symbol, interval } = key
  return new PlatformError(
    'SYNC_BUSY',
    `${exchange} ${symbol} ${interval}: another process has been writing into the lake's copy for ${LOCK_WAIT_MS_MAX / 60_000} minutes. If it no longer runs, delete ${cause.context.lock}.`,
    { context: cause.context, cause },
  )
}

function interrupted(key: SeriesKey, lake: string): PlatformError {
  return new PlatformError(
    'INTERRUPTED',
    `${seriesFolder(lake, key)}: the sync was interrupted. Months written before stay; the next sync goes on after them.`,
  )
}
