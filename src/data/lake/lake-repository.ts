import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDb } from '../duckdb.ts'
import { makeFolder } from '../files.ts'
import type {
  CandleRepository,
  OpenSeriesOptions,
  SeriesBooks,
  SeriesWriter,
} from '../repository.ts'
import type { SeriesKey, TimeRange } from '../store.ts'
import { type LakeRoot, rootsOf } from './lake.ts'
import type { LakeOptions } from './lake-options.ts'
import { LakeWriter, type LakeWriterOptions } from './lake-writer.ts'
import { Ledger } from './ledger.ts'
import { LEDGER_FILE } from './ledger-file.ts'
import { takeSeriesLock } from './lock.ts'

/** Returns the repository that records candles in a Parquet lake and needs no server. */
export function createLakeRepository(options: LakeOptions): CandleRepository {
  return new LakeRepository(options)
}

/**
 * Folds what a killed ingestion committed into the files, in which nobody sees it before. Due before a file is imported: folded later,
 * the pages would come back over its candles.
 * @throws PlatformError `SERIES_BUSY`, and what `SeriesWriter.flush` throws
 */
export async function foldPages(options: LakeOptions, key: SeriesKey): Promise<void> {
  if (!existsSync(join(options.lake, LEDGER_FILE))) return
  const repository = createLakeRepository(options)
  try {
    const writer = await repository.openSeries(key)
    await writer.flush().finally(() => writer.close())
  } finally {
    await repository.close()
  }
}

class LakeRepository implements CandleRepository {
  readonly driver = 'local'
  readonly #options: LakeOptions
  readonly #roots: readonly LakeRoot[]
  #ledger: Ledger | undefined
  #db: Promise<DuckDb> | undefined
  #last: Promise<unknown> = Promise.resolve()

  constructor(options: LakeOptions) {
    this.#options = options
    this.#roots = rootsOf(options)
  }

  async openSeries(
    { exchange, symbol, interval }: SeriesKey,
    { onDamaged }: OpenSeriesOptions = {},
  ): Promise<SeriesWriter> {
    const key = { exchange, symbol, interval }
    const { lake } = this.#options
    makeFolder(lake)
    const release = takeSeriesLock(lake, key)
    try {
      this.#ledger ??= Ledger.open(lake, this.#warn)
      return this.#writer({ key, ledger: this.#ledger, onDamaged, release })
    } catch (error) {
      release()
      throw error
    }
  }

  /** The coverage is checked against the files, and what no longer holds is taken out of the ledger: out of a copy here. */
  async readBooks(
    { exchange, symbol, interval }: SeriesKey,
    range: TimeRange,
  ): Promise<SeriesBooks> {
    const key = { exchange, symbol, interval }
    const ledger = Ledger.copy(this.#options.lake, this.#warn)
    try {
      const writer = this.#writer({ key, ledger, release: () => {} })
      return { coverage: await writer.coverage(range), holes: await writer.holes(range) }
    } finally {
      ledger.close()
    }
  }

  readonly #warn = (message: string): void => this.#options.warn?.(message)

  #writer(parts: Pick<LakeWriterOptions, 'key' | 'ledger' | 'onDamaged' | 'release'>) {
    return new LakeWriter({
      ...parts,
      roots: this.#roots,
      open: () => this.#open(),
      alone: (work) => this.#alone(work),
    })
  }

  async close(): Promise<void> {
    this.#ledger?.close()
    this.#ledger = undefined
    const db = this.#db
    this.#db = undefined
    ;(await db)?.close()
  }

  /** Queues work behind what was asked for before, whether that succeeded or not. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work)
    this.#last = result.catch(() => {})
    return result
  }

  #open(): Promise<DuckDb> {
    this.#db ??= DuckDb.open(this.#options)
    return this.#db
  }
}
