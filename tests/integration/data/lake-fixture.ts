import { afterAll } from 'bun:test'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { sqlText, withDuckDb } from '../../../src/data/duckdb.ts'
import { createLakeStore } from '../../../src/data/index.ts'
import { findPartitions, partitionPath } from '../../../src/data/lake/lake.ts'
import { createLakeRepository } from '../../../src/data/lake/lake-repository.ts'
import type { OpenSeriesOptions, SeriesWriter } from '../../../src/data/repository.ts'
import type { CandleStore, SeriesKey } from '../../../src/data/store.ts'

/** The sample lake that the repository ships. */
export const SAMPLE = resolve(import.meta.dir, '../../../data/sample')

export const BTC: SeriesKey = { exchange: 'binance', symbol: 'BTCUSDT', interval: '1h' }

/** A series that is in no sample. */
export const VENUE_BTC: SeriesKey = { exchange: 'venue', symbol: 'BTCUSDT', interval: '1h' }

/** A temporary folder with a lake in it, removed by `remove`. */
export interface LakeFixture {
  readonly folder: string
  readonly lake: string
  /** Opens a store over the lake, with the sample behind it unless told otherwise. */
  store(options?: { readonly sample: boolean }): CandleStore
  remove(): void
}

export function makeLake(): LakeFixture {
  const folder = mkdtempSync(join(tmpdir(), 'crypto-lake-'))
  const lake = join(folder, 'lake')
  const stores: CandleStore[] = []
  return {
    folder,
    lake,
    store({ sample } = { sample: true }) {
      const store = createLakeStore({ lake, samples: sample ? [SAMPLE] : [] })
      stores.push(store)
      return store
    },
    remove() {
      for (const store of stores) store.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Returns what makes lakes for the tests of a file; all are removed after the last one. */
export function temporaryLakes(): () => LakeFixture {
  const fixtures: LakeFixture[] = []
  afterAll(() => {
    for (const fixture of fixtures) fixture.remove()
  })
  return () => {
    const fixture = makeLake()
    fixtures.push(fixture)
    return fixture
  }
}

/** Where a series is written. */
export interface SeriesPlace extends OpenSeriesOptions {
  readonly lake: string
  readonly samples?: readonly string[]
  readonly key?: SeriesKey
}

/** Opens a series for writing, hands it to `use` and closes it whatever happens. */
export async function withSeries<T>(
  { lake, samples = [], key = VENUE_BTC, ...options }: SeriesPlace,
  use: (writer: SeriesWriter) => Promise<T>,
): Promise<T> {
  const repository = createLakeRepository({ lake, samples })
  try {
    const writer = await repository.openSeries(key, options)
    try {
      return await use(writer)
    } finally {
      await writer.close()
    }
  } finally {
    await repository.close()
  }
}

/** Copies a query's result to a file, such as a slice of the sample. */
export async function copyTo(file: string, sql: string, options = 'FORMAT parquet'): Promise<void> {
  mkdirSync(dirname(file), { recursive: true })
  await withDuckDb({}, (db) => db.run(`COPY (${sql}) TO ${sqlText(file)} (${options})`))
}

/** SQL for the sample's candles of one month. */
export function sampleSql(month: string, key: SeriesKey = BTC): string {
  return `SELECT * FROM read_parquet(${sqlText(partitionPath(SAMPLE, key, month))}, hive_partitioning = false)`
}

/** SQL for all candles of the sample's series. */
export function partitionsSql(key: SeriesKey = BTC): string {
  const files = findPartitions([{ path: SAMPLE, source: 'sample' }], key).map(({ path }) => path)
  return `SELECT * FROM read_parquet([${files.map(sqlText).join(', ')}], hive_partitioning = false)`
}

/** Returns the error that a promise fails with. */
export async function failureOf(promise: Promise<unknown>): Promise<{
  readonly code: string
  readonly message: string
  readonly exitCode: number
  readonly context: Readonly<Record<string, unknown>>
}> {
  try {
    await promise
  } catch (error) {
    return error as never
  }
  throw new Error('expected a failure')
}
