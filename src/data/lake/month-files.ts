import { renameSync } from 'node:fs'
import { dirname } from 'node:path'
import type { CandleColumns } from '../../core/candles.ts'
import { DataError } from '../../core/errors.ts'
import type { IntervalGrid } from '../../core/intervals.ts'
import { FILE_COLUMNS, vectorsOf } from '../columns.ts'
import type { DuckDb } from '../duckdb.ts'
import { storageError } from '../files.ts'
import { NO_CANDLES } from '../overlay.ts'
import type { SeriesKey, TimeRange } from '../store.ts'
import {
  findPartitions,
  freeName,
  type LakeRoot,
  monthRange,
  overlaps,
  type Partition,
  seriesFolder,
} from './lake.ts'
import { checkFile, factsOf, forgetFacts, recordFacts } from './manifest.ts'
import {
  manifestDamage,
  type PartitionFacts,
  readManifest,
  setManifestAside,
  withDigests,
} from './manifest-file.ts'
import { mergeMonth } from './merge-month.ts'
import { readColumns } from './read-columns.ts'

export interface MonthFilesOptions {
  readonly key: SeriesKey
  readonly grid: IntervalGrid
  /** The lake first, then the samples. */
  readonly roots: readonly LakeRoot[]
  /** Gives the database that reads and writes month files. */
  readonly open: () => Promise<DuckDb>
  /** Runs one piece of work at a time: months are merged from a table that has one name. */
  readonly alone: <T>(work: () => Promise<T>) => Promise<T>
  /** Told of a damaged month that was set aside, or of the manifest. Without it damage is an error. */
  readonly onSetAside?: ((month: string | undefined, message: string) => void) | undefined
}

const ALWAYS: TimeRange = { fromMs: -Infinity, toMs: Infinity }

/** The month files of one series, for its one writer. */
export class MonthFiles {
  readonly #options: MonthFilesOptions
  readonly #inspected = new Set<string>()
  /** What `hashesOf` had to measure. */
  readonly #measured = new Map<string, PartitionFacts>()

  constructor(options: MonthFilesOptions) {
    this.#options = options
  }

  /**
   * Returns the candles that the files hold of a range.
   * @throws DataError `DATA_INVALID` or `DATA_UNREADABLE` when one of them is damaged and must not be set aside
   */
  read(range: TimeRange): Promise<CandleColumns> {
    const { key, grid, open } = this.#options
    return this.#mending(range, async () => {
      const partitions = withDigests(this.#partitions(range))
      const facts = await factsOf(partitions, key, grid, open)
      // The next page of a growing series lies behind everything that is stored: no file has to be opened to know that.
      const isBehind = facts.every(({ first, last }) => last < range.fromMs || first >= range.toMs)
      if (isBehind) return NO_CANDLES
      return (await readColumns(await open(), { partitions, grid, range })).columns
    })
  }

  /** Returns the content hashes of months: empty where there is no file, undefined where it is damaged. */
  async hashesOf(months: readonly string[]): Promise<ReadonlyMap<string, string | undefined>> {
    const { key, roots } = this.#options
    const hashes = new Map<string, string | undefined>(months.map((month) => [month, '']))
    const { partitions: known } = readManifest(this.#lake.path, key)
    for (const partition of findPartitions(roots, key)) {
      const { month, source, bytes } = partition
      if (!hashes.has(month)) continue
      const noted = source === 'lake' && known[month]?.bytes === bytes ? known[month] : undefined
      hashes.set(month, noted === undefined ? await this.#hashOf(partition) : noted.hash)
    }
    return hashes
  }

  async #hashOf(partition: Partition): Promise<string | undefined> {
    const { key, grid, open } = this.#options
    try {
      const [facts] = await factsOf([partition], key, grid, open)
      if (facts !== undefined && partition.source === 'lake') {
        this.#measured.set(partition.month, facts)
      }
      return facts?.hash ?? ''
    } catch (error) {
      if (error instanceof DataError) return undefined
      throw error
    }
  }

  /**
   * Reads the files of a range once, if damage is to be set aside: before anything is planned, and also where nothing is to be fetched.
   * What no manifest lists is measured.
   * @param range all files when absent
   */
  async inspect(range: TimeRange = ALWAYS): Promise<void> {
    const { key, onSetAside } = this.#options
    if (onSetAside === undefined) return
    const inspected = this.#setManifestAside(onSetAside) ? ALWAYS : range
    const { partitions: known } = readManifest(this.#lake.path, key)
    const measured = new Map<string, PartitionFacts>()
    for (const partition of this.#partitions(inspected)) {
      if (this.#inspected.has(partition.month)) continue
      this.#inspected.add(partition.month)
      const { damage, facts } = await this.#describe(partition)
      if (damage !== undefined) await this.#setAside(partition, damage)
      else if (facts !== undefined && known[partition.month]?.digest === undefined) {
        measured.set(partition.month, facts)
      }
    }
    await recordFacts(this.#lake.path, key, measured)
  }

  /** Puts a damaged manifest out of the way. Returns whether it was one: every file has to be measured then. */
  #setManifestAside(onSetAside: NonNullable<MonthFilesOptions['onSetAside']>): boolean {
    const damage = manifestDamage(seriesFolder(this.#lake.path, this.#options.key))
    if (damage === undefined) return false
    const kept = setManifestAside(dirname(String(damage.context.path)))
    onSetAside(
      undefined,
      `${damage.context.path}: the manifest was damaged (${damage.context.reason}). It is kept as ${kept}; the files are measured anew, and months that are not as the ledger knows them are fetched again.`,
    )
    return true
  }

  /**
   * Notes what was measured of files that no manifest lists, as those whose writer was killed before it could.
   * @param months those that agree with what else is known of them
   */
  async recordMeasured(months: readonly string[]): Promise<void> {
    const { partitions: known } = readManifest(this.#lake.path, this.#options.key)
    const agreed = months.flatMap((month) => {
      const facts = this.#measured.get(month)
      return facts === undefined || known[month] !== undefined ? [] : [[month, facts] as const]
    })
    await recordFacts(this.#lake.path, this.#options.key, new Map(agreed))
    this.#measured.clear()
  }

  /**
   * Folds candles into the files of their months, file by file, each whole or not at all. Returns the months written.
   * @param candlesOf gives the candles of a month; they are not kept, so that one month is in memory at a time
   * @throws PlatformError `DISK_FULL`, `FOLDER_READ_ONLY`, `WRITE_FAILED`; the months before stay, and may be folded again
   */
  fold(
    months: readonly string[],
    candlesOf: (month: string) => CandleColumns,
  ): Promise<ReadonlyMap<string, PartitionFacts>> {
    const { key, alone } = this.#options
    return alone(async () => {
      const written = new Map<string, PartitionFacts>()
      try {
        for (const month of months) {
          const facts = await this.#foldMonth(month, candlesOf(month))
          if (facts !== undefined) written.set(month, facts)
        }
      } catch (error) {
        // A month that the manifest lacks is measured again, so that this may fail as well.
        await recordFacts(this.#lake.path, key, written).catch(() => {})
        throw error
      }
      await recordFacts(this.#lake.path, key, written)
      return written
    })
  }

  async #foldMonth(month: string, candles: CandleColumns): Promise<PartitionFacts | undefined> {
    const { key, grid, roots, open } = this.#options
    const rows = candles.openTime.length
    if (rows === 0) return undefined
    const db = await open()
    return await db.withColumns('clean', FILE_COLUMNS, vectorsOf(candles), () =>
      this.#mending(
        monthRange(month),
        async () => (await mergeMonth(db, roots, key, grid, { month, rows })).facts,
      ),
    )
  }

  /** Runs `work` over the files of a range; those that turn out to be damaged are set aside, if that is wanted, and it runs again. */
  async #mending<T>(range: TimeRange, work: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await work()
      } catch (error) {
        if (!(error instanceof DataError)) throw error
        if (this.#options.onSetAside === undefined) throw withRemedy(error)
        if (!(await this.#setAsideDamaged(range))) throw error
      }
    }
  }

  /** Renames the damaged files of the lake. Returns whether there was one: a sample is not ours to change. */
  async #setAsideDamaged(range: TimeRange): Promise<boolean> {
    let found = false
    for (const partition of this.#partitions(range)) {
      const { damage } = await this.#describe(partition)
      if (damage === undefined) continue
      found = true
      await this.#setAside(partition, damage)
    }
    return found
  }

  /** Reads a file of the lake. A sample is not ours to judge. */
  async #describe(
    partition: Partition,
  ): Promise<{ readonly facts?: PartitionFacts | undefined; readonly damage?: string }> {
    if (partition.source !== 'lake') return {}
    const { key, grid, open } = this.#options
    try {
      return { facts: await checkFile(await open(), partition, key, grid) }
    } catch (error) {
      if (error instanceof DataError) return { damage: error.message }
      throw error
    }
  }

  async #setAside({ month, path }: Partition, reason: string): Promise<void> {
    const { key, onSetAside } = this.#options
    const kept = freeName(`${path}.damaged`)
    try {
      renameSync(path, kept)
    } catch (error) {
      throw storageError(error, path)
    }
    await forgetFacts(this.#lake.path, key, month)
    onSetAside?.(
      month,
      `${reason} It is kept as ${kept}; what is asked for of its month is fetched again.`,
    )
  }

  #partitions(range: TimeRange): readonly Partition[] {
    return findPartitions(this.#options.roots, this.#options.key).filter(({ month }) =>
      overlaps(monthRange(month), range),
    )
  }

  get #lake(): LakeRoot {
    return this.#options.roots[0] as LakeRoot
  }
}

function withRemedy(error: DataError): DataError {
  return new DataError(
    error.code,
    `${error.message} Or repeat the ingestion with --repair: it keeps the file under another name and fetches its month again.`,
    { context: error.context, cause: error },
  )
}
