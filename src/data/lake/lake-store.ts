import type { CandleColumns } from '../../core/candles.ts'
import {
  candlesOpeningIn,
  divides,
  type IntervalGrid,
  parseInterval,
} from '../../core/intervals.ts'
import { hashColumns } from '../columns.ts'
import { allIncomplete, isOfSeries, outOfRange, seriesMissing } from '../data-errors.ts'
import { DuckDb } from '../duckdb.ts'
import { readWarmCandles } from '../history.ts'
import { importCandles } from '../import/import-candles.ts'
import { Resampler } from '../resample.ts'
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
  TimeRange,
  WarmCandles,
  WarmCandlesRequest,
} from '../store.ts'
import { type Candidate, chooseSource, isComplete } from './choose-source.ts'
import { HotColumns } from './hot-columns.ts'
import {
  findPartitions,
  type LakeRoot,
  listSeriesKeys,
  monthRange,
  overlaps,
  type Partition,
  rootsOf,
} from './lake.ts'
import type { LakeOptions } from './lake-options.ts'
import { foldPages } from './lake-repository.ts'
import { factsOf, summarize } from './manifest.ts'
import { type PartitionFacts, unlisted, withDigests } from './manifest-file.ts'
import { noteDigests } from './note-digests.ts'
import { checkedChunks, readColumns, whileUnchanged } from './read-columns.ts'
import { HOT_ROWS_MIN, readHot } from './read-hot.ts'

/** A stored series that a request can be answered from. */
interface Source extends Candidate {
  readonly key: SeriesKey
  readonly partitions: readonly Partition[]
  readonly facts: readonly PartitionFacts[]
  readonly stored: StoredSeries
}

/**
 * Returns the store that keeps candles as a Parquet lake and needs no server.
 *
 * @example
 * const store = createLakeStore({ lake: 'data/lake', samples: ['data/sample'] })
 * const candles = await store.readCandles({ exchange: 'binance', symbol: 'BTCUSDT', interval: '1h', fromMs, toMs })
 */
export function createLakeStore(options: LakeOptions): CandleStore {
  return new LakeStore(options)
}

class LakeStore implements CandleStore {
  readonly #options: LakeOptions
  readonly #roots: readonly LakeRoot[]
  readonly #hot: HotColumns
  readonly #warned = new Set<string>()
  #db: Promise<DuckDb> | undefined

  constructor(options: LakeOptions) {
    this.#options = options
    this.#hot = new HotColumns(options.lake)
    this.#roots = rootsOf(options)
  }

  async readCandles(request: CandleRequest): Promise<StoredCandles> {
    return await this.#read(await this.#source(request, request), request, request)
  }

  async readWarmCandles(request: WarmCandlesRequest): Promise<WarmCandles> {
    return await readWarmCandles(async (period) => {
      const source = await this.#source(request, period)
      return { stored: source.stored, read: (range) => this.#read(source, request, range) }
    }, request)
  }

  async importCandles(request: ImportRequest): Promise<ImportSummary> {
    return await importCandles(this.#roots, request, (key) => foldPages(this.#options, key))
  }

  async listSeries(
    onDamaged?: OnDamaged,
    onInaccessible?: OnInaccessible,
  ): Promise<readonly StoredSeries[]> {
    const series: StoredSeries[] = []
    for (const key of listSeriesKeys(this.#roots, onInaccessible)) {
      try {
        const source = await this.#stored(key)
        if (source !== undefined) series.push(source.stored)
      } catch (error) {
        if (onDamaged === undefined || !isOfSeries(error)) throw error
        onDamaged(key, error)
      }
    }
    return series
  }

  close(): void {
    const db = this.#db
    this.#db = undefined
    db?.then(
      (open) => open.close(),
      () => {},
    )
  }

  #open(): Promise<DuckDb> {
    this.#db ??= DuckDb.open(this.#options)
    return this.#db
  }

  async #read(source: Source, key: SeriesKey, range: TimeRange): Promise<StoredCandles> {
    const { exchange, symbol, interval } = key
    const asked = parseInterval(interval)
    const isStored = source.grid.name === interval
    const { columns, hash, incomplete, fineRows } = isStored
      ? await this.#readStored(source, range)
      : await this.#readResampled(source, asked, range)
    if (columns.openTime.length === 0) {
      if (incomplete.length > 0) {
        const perCandle = asked.ms / source.grid.ms
        const lacking = slotsIn(incomplete, asked, source) - fineRows
        const found = { finer: source.grid.name, incomplete: incomplete.length, lacking, perCandle }
        throw allIncomplete(key, range, found)
      }
      throw outOfRange(key, range, source.stored, source.grid.name)
    }
    return {
      exchange,
      symbol,
      interval,
      intervalMs: asked.ms,
      ...columns,
      hash,
      resampledFrom: isStored ? null : source.grid.name,
      isSparse: !isStored && this.#isSparse(key),
      incompleteCandles: incomplete.length,
      incompleteTimes: incomplete,
    }
  }

  async #readStored(source: Source, range: TimeRange): Promise<Read> {
    const hot = await this.#readHot(source, range)
    if (hot !== undefined)
      return { columns: hot, hash: hashColumns(hot), incomplete: [], fineRows: 0 }
    const partitions = inRange(source.partitions, range)
    this.#warnUnverified(source.key, partitions)
    const read = await readColumns(await this.#open(), { partitions, grid: source.grid, range })
    return { ...read, incomplete: [], fineRows: 0 }
  }

  #isSparse({ exchange }: SeriesKey): boolean {
    return this.#options.isSparse?.(exchange) === true
  }

  #readHot(source: Source, range: TimeRange): Promise<CandleColumns | undefined> {
    const rowsMin = this.#options.hotRowsMin ?? HOT_ROWS_MIN
    return readHot(this.#hot, { ...source, range, rowsMin }, () => this.#open())
  }

  async #readResampled(source: Source, coarse: IntervalGrid, range: TimeRange): Promise<Read> {
    const { grid } = source
    const sparseWithin = this.#isSparse(source.key) ? source.stored : undefined
    const wholeCandles = candlesOpeningIn(range, coarse)
    const hot = await this.#readHot(source, wholeCandles)
    if (hot !== undefined) {
      const resampler = new Resampler(grid, coarse, sparseWithin)
      resampler.push(hot)
      return finished(resampler)
    }
    const partitions = inRange(source.partitions, wholeCandles)
    this.#warnUnverified(source.key, partitions)
    const request = { partitions, grid, range: wholeCandles }
    const db = await this.#open()
    return await whileUnchanged(partitions, async () => {
      const resampler = new Resampler(grid, coarse, sparseWithin)
      for await (const chunk of checkedChunks(db, request)) resampler.push(chunk)
      return finished(resampler)
    })
  }

  /** Finds the stored series that answers a request: always one, so that an answer never mixes two. */
  async #source(key: SeriesKey, range: TimeRange): Promise<Source> {
    const exact = await this.#stored(key)
    if (exact !== undefined && isComplete(exact, range)) return exact
    const grid = parseInterval(key.interval)
    const isNeeded = chooseSource(exact, [], grid, range) === undefined
    const finer = await this.#finer(key, isNeeded)
    const source = chooseSource(exact, finer, grid, range) ?? exact ?? finer.at(-1)
    if (source === undefined) {
      const folders = this.#roots.map(({ path }) => path)
      throw seriesMissing(key, listSeriesKeys(this.#roots), folders)
    }
    return source
  }

  /** Stored series that the asked one can be built from. @param isNeeded whether a damaged one is an error */
  async #finer(key: SeriesKey, isNeeded: boolean): Promise<readonly Source[]> {
    const finer: Source[] = []
    for (const candidate of this.#finerKeys(key)) {
      try {
        const source = await this.#stored(candidate)
        if (source !== undefined) finer.push(source)
      } catch (error) {
        if (isNeeded || !isOfSeries(error)) throw error
      }
    }
    return finer
  }

  #finerKeys(key: SeriesKey): readonly SeriesKey[] {
    const coarse = parseInterval(key.interval)
    return listSeriesKeys(this.#roots).filter(
      ({ exchange, symbol, interval }) =>
        exchange === key.exchange &&
        symbol === key.symbol &&
        divides(parseInterval(interval), coarse),
    )
  }

  async #noteDigests(
    key: SeriesKey,
    partitions: readonly Partition[],
    facts: readonly PartitionFacts[],
  ): Promise<void> {
    if (partitions.every(({ digest }) => digest !== undefined)) return
    await noteDigests(this.#options.lake, key, withoutDigest(partitions, facts))
  }

  /** Says once of a series that nothing vouches for some of its files. */
  #warnUnverified({ exchange, symbol, interval }: SeriesKey, partitions: readonly Partition[]) {
    const name = `${exchange} ${symbol} ${interval}`
    const files = unlisted(partitions)
    const [first] = files
    if (first === undefined || this.#warned.has(name)) return
    this.#warned.add(name)
    this.#options.warn?.(
      `${name}: no manifest lists ${files.length === 1 ? first.path : `${files.length} files such as ${first.path}`}: the candles are used as they are, unverified. An ingestion or an import of the month makes up for it.`,
    )
  }

  async #stored({ exchange, symbol, interval }: SeriesKey): Promise<Source | undefined> {
    const key = { exchange, symbol, interval }
    const grid = parseInterval(interval)
    const partitions = withDigests(findPartitions(this.#roots, key))
    const facts = await factsOf(partitions, key, grid, () => this.#open())
    await this.#noteDigests(key, partitions, facts)
    const stored = summarize(key, grid, partitions, facts)
    return stored === undefined ? undefined : { key, grid, facts, partitions, stored }
  }
}

/** Returns the months of the lake that its manifest lists without a checksum, with what was measured of them. */
function withoutDigest(
  partitions: readonly Partition[],
  facts: readonly PartitionFacts[],
): ReadonlyMap<string, PartitionFacts> {
  // Where a file holds no candle, facts and files do not go together.
  if (partitions.length !== facts.length) return new Map()
  const known = new Set(unlisted(partitions).map(({ path }) => path))
  return new Map(
    partitions.flatMap(({ month, path, source, digest }, i) =>
      source === 'lake' && digest === undefined && !known.has(path)
        ? [[month, facts[i] as PartitionFacts] as const]
        : [],
    ),
  )
}

function finished(resampler: Resampler): Read {
  const { columns, incomplete } = resampler.finish()
  return { columns, hash: hashColumns(columns), incomplete, fineRows: resampler.rows }
}

interface Read {
  readonly columns: CandleColumns
  readonly hash: string
  readonly incomplete: readonly number[]
  /** Finer candles that were read to build these. */
  readonly fineRows: number
}

/** Finer candles that would lie in these coarser ones if none were missing: what is before or after all stored ones is no hole. */
function slotsIn(opens: readonly number[], coarse: IntervalGrid, { grid, stored }: Source): number {
  return opens.reduce((slots, open) => {
    const fromMs = Math.max(open, stored.fromMs)
    const toMs = Math.min(open + coarse.ms, stored.toMs)
    return slots + (toMs - fromMs) / grid.ms
  }, 0)
}

function inRange(partitions: readonly Partition[], range: TimeRange): readonly Partition[] {
  return partitions.filter(({ month }) => overlaps(monthRange(month), range))
}
