import type { Clock } from '../../core/clock.ts'
import { ConnectivityError, DataError } from '../../core/errors.ts'
import { divides, parseInterval } from '../../core/intervals.ts'
import type { FindHoles } from '../causes.ts'
import { isOfSeries, seriesMissing } from '../data-errors.ts'
import { listSeriesKeys, rootsOf, seriesFolder } from '../lake/lake.ts'
import { createLakeStore } from '../lake/lake-store.ts'
import type {
  CandleRequest,
  CandleStore,
  ImportRequest,
  ImportSummary,
  OnDamaged,
  OnInaccessible,
  SeriesKey,
  StoredCandles,
  StoredSeries,
  WarmCandles,
  WarmCandlesRequest,
} from '../store.ts'
import { findHoles } from './books.ts'
import { importIntoDatabase } from './import-file.ts'
import type { DatabaseUse, OpenedDatabase } from './open.ts'
import { type SyncedSeries, syncSeries } from './sync/sync-series.ts'
import { readSeriesKeys } from './sync/watermark.ts'

export interface TimescaleStoreOptions {
  /** Connects to the database; called by the first request. */
  readonly open: (use: DatabaseUse) => Promise<OpenedDatabase>
  /** Folder of the lake that caches the database; it need not exist yet. */
  readonly lake: string
  /** As `LakeOptions` has it. */
  readonly isSparse?: (exchange: string) => boolean
  readonly clock: Clock
  readonly signal?: AbortSignal | undefined
  readonly threads?: number
  readonly memoryLimitMb?: number
}

/** A store whose record is a database, and which can be asked to bring its lake up to date. */
export interface SyncingStore extends CandleStore {
  /** Every series of the database or the lake. */
  seriesKeys(): Promise<readonly SeriesKey[]>
  /** Makes the lake's copy of a series equal to the database. @throws as `syncSeries` */
  sync(key: SeriesKey): Promise<SyncedSeries>
  /** What ingestion has found out about missing candles. */
  readonly findHoles: FindHoles
}

/**
 * Returns the store that keeps candles in PostgreSQL or TimescaleDB. The lake is its cache: what a request may be answered from
 * is brought up to date first, and read as the store without a server reads it. Samples are not part of it: the database is
 * the record, and nothing else.
 */
export function createTimescaleStore(options: TimescaleStoreOptions): SyncingStore {
  return new TimescaleStore(options)
}

class TimescaleStore implements SyncingStore {
  readonly #options: TimescaleStoreOptions
  readonly #local: CandleStore
  #opened: Promise<OpenedDatabase> | undefined

  constructor(options: TimescaleStoreOptions) {
    const { lake, isSparse, threads, memoryLimitMb } = options
    this.#options = options
    this.#local = createLakeStore({
      lake,
      ...(isSparse !== undefined && { isSparse }),
      ...(threads !== undefined && { threads }),
      ...(memoryLimitMb !== undefined && { memoryLimitMb }),
    })
  }

  async readCandles(request: CandleRequest): Promise<StoredCandles> {
    await this.#bringUpToDate(request)
    return await this.#local.readCandles(request)
  }

  async readWarmCandles(request: WarmCandlesRequest): Promise<WarmCandles> {
    await this.#bringUpToDate(request)
    return await this.#local.readWarmCandles(request)
  }

  async importCandles(request: ImportRequest): Promise<ImportSummary> {
    const { lake } = this.#options
    const imported = await importIntoDatabase(await this.#open('record'), lake, request)
    // Before that the candles are safe; a lake that cannot be written is said by the next one who reads it.
    await this.sync(imported)
    return imported
  }

  async listSeries(
    onDamaged?: OnDamaged,
    onInaccessible?: OnInaccessible,
  ): Promise<readonly StoredSeries[]> {
    const damaged = new Set<string>()
    for (const key of await this.seriesKeys()) {
      try {
        refuseConflicts(this.#options.lake, await this.sync(key))
      } catch (error) {
        if (onDamaged === undefined || !isOfSeries(error)) throw error
        onDamaged(key, error)
        damaged.add(nameOf(key))
      }
    }
    const listed = await this.#local.listSeries(onDamaged, onInaccessible)
    return listed.filter((series) => !damaged.has(nameOf(series)))
  }

  async seriesKeys(): Promise<readonly SeriesKey[]> {
    const { database } = await this.#open()
    const stored = await withAdvice(() =>
      database.retried(() => database.withSession(readSeriesKeys)),
    )
    const cached = listSeriesKeys(rootsOf({ lake: this.#options.lake }))
    const names = new Set(stored.map(nameOf))
    return [...stored, ...cached.filter((key) => !names.has(nameOf(key)))]
  }

  async sync({ exchange, symbol, interval }: SeriesKey): Promise<SyncedSeries> {
    const { lake, clock, signal } = this.#options
    const opened = await this.#open()
    return await withAdvice(() =>
      syncSeries({ opened, lake, clock, signal }, { exchange, symbol, interval }),
    )
  }

  readonly findHoles: FindHoles = async ({ exchange, symbol, interval }, range) => {
    const { database } = await this.#open()
    return await withAdvice(() =>
      database.retried(() =>
        database.withSession((session) =>
          findHoles(session, { exchange, symbol, interval }, range),
        ),
      ),
    )
  }

  close(): void {
    this.#local.close()
    const opened = this.#opened
    this.#opened = undefined
    opened?.then(({ database }) => database.close()).catch(() => {})
  }

  /**
   * Syncs the series and all finer ones that it can be resampled from: which of them answers is decided by what they hold, and
   * that is known only when the copies are those of this moment.
   */
  async #bringUpToDate({ exchange, symbol, interval }: SeriesKey): Promise<void> {
    const coarse = parseInterval(interval)
    const stored = await this.seriesKeys()
    const candidates = stored.filter(
      (key) =>
        key.exchange === exchange &&
        key.symbol === symbol &&
        (key.interval === interval || divides(parseInterval(key.interval), coarse)),
    )
    // Of series that are not cached the lake knows nothing.
    if (candidates.length === 0) throw seriesMissing({ exchange, symbol, interval }, stored)
    for (const key of candidates) refuseConflicts(this.#options.lake, await this.sync(key))
  }

  /** What was opened for reading serves for recording too: it has its tables. */
  #open(use: DatabaseUse = 'read'): Promise<OpenedDatabase> {
    this.#opened ??= withAdvice(() => this.#options.open(use)).catch((error: unknown) => {
      this.#opened = undefined
      throw error
    })
    return this.#opened
  }
}

function nameOf({ exchange, symbol, interval }: SeriesKey): string {
  return JSON.stringify([exchange, symbol, interval])
}

/** Reading goes on without the database, from what is cached, if the user says so. */
async function withAdvice<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof ConnectivityError)) throw error
    const sentence = error.message.endsWith('.') ? error.message : `${error.message}.`
    throw new ConnectivityError(
      error.code,
      `${sentence} With data.driver: local (DATA_DRIVER=local) what the lake has cached is used without the database.`,
      { context: error.context, cause: error.cause },
    )
  }
}

/** Which of two records is right only their owner knows. */
function refuseConflicts(lake: string, { conflicts, ...key }: SyncedSeries): void {
  if (conflicts.length === 0) return
  const { exchange, symbol, interval } = key
  const folder = seriesFolder(lake, key)
  const months = conflicts.length > 3 ? [...conflicts.slice(0, 3), '…'] : conflicts
  throw new DataError(
    'SYNC_CONFLICT',
    `${folder}: ${conflicts.length} month(s) (${months.join(', ')}) were not copied from the configured database, and it has other candles or none. To keep them, import each file: DATA_DRIVER=timescale crypto data import ${folder}/${conflicts[0]}.parquet --exchange ${exchange} --symbol ${symbol} --interval ${interval}. To drop them, or if they are copies whose manifest.json was lost, delete the files: they are copied again. Or choose another folder as data.lake.`,
    { context: { exchange, symbol, interval, folder, months: conflicts } },
  )
}
