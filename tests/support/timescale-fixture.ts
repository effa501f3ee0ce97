import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CandleColumns } from '../../src/core/candles.ts'
import { parseInterval } from '../../src/core/intervals.ts'
import type { SeriesKey } from '../../src/data/store.ts'
import { type OpenedDatabase, openDatabase } from '../../src/data/timescale/index.ts'
import { TimescaleSeriesWriter } from '../../src/data/timescale/series-writer.ts'
import { createTimescaleStore, type SyncingStore } from '../../src/data/timescale/store.ts'
import { type SyncedSeries, syncSeries } from '../../src/data/timescale/sync/sync-series.ts'
import { settingsOf, testContext, UNCOMPRESSED } from './database-settings.ts'
import type { TestDatabase } from './databases.ts'

/** A database, and an empty lake that caches it. */
export class TimescaleFixture {
  readonly address: TestDatabase
  readonly opened: OpenedDatabase
  readonly folder = mkdtempSync(join(tmpdir(), 'crypto-cache-'))
  readonly #stores: SyncingStore[] = []
  #lakes = 0

  private constructor(address: TestDatabase, opened: OpenedDatabase) {
    this.address = address
    this.opened = opened
  }

  static async open(address: TestDatabase, poolMax = 6): Promise<TimescaleFixture> {
    const opened = await openDatabase(
      settingsOf(address, { poolMax, ...UNCOMPRESSED }),
      testContext(),
    )
    return new TimescaleFixture(address, opened)
  }

  /** A folder for a lake; it is not made. */
  newLake(): string {
    return join(this.folder, `lake-${this.#lakes++}`)
  }

  /** Connects once more, as another process would. */
  reopen(): Promise<OpenedDatabase> {
    return openDatabase(settingsOf(this.address, UNCOMPRESSED), testContext())
  }

  /** A store of its own connections. */
  store(lake: string): SyncingStore {
    const { clock } = testContext()
    const store = createTimescaleStore({ open: () => this.reopen(), lake, clock })
    this.#stores.push(store)
    return store
  }

  sync(lake: string, key: SeriesKey): Promise<SyncedSeries> {
    return syncSeries({ opened: this.opened, lake, clock: testContext().clock }, key)
  }

  async withWriter<T>(
    key: SeriesKey,
    use: (writer: TimescaleSeriesWriter) => Promise<T>,
  ): Promise<T> {
    const writer = await TimescaleSeriesWriter.open(this.opened, key)
    try {
      return await use(writer)
    } finally {
      await writer.close()
    }
  }

  /** Commits candles as one page without holes around them. */
  async write(key: SeriesKey, candles: CandleColumns): Promise<void> {
    await this.withWriter(key, (writer) => writer.commit(pageOf(key, candles)))
  }

  /** Runs plain SQL, as somebody else would. */
  sql<Row = Readonly<Record<string, unknown>>>(
    sql: string,
    values: readonly unknown[] = [],
  ): Promise<readonly Row[]> {
    return this.opened.database.query<Row>(sql, values)
  }

  async dispose(): Promise<void> {
    for (const store of this.#stores) store.close()
    await this.opened.database.close()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** The page of candles that follow each other. */
export function pageOf({ interval }: SeriesKey, candles: CandleColumns) {
  const range = {
    fromMs: candles.openTime[0] as number,
    toMs: (candles.openTime.at(-1) as number) + parseInterval(interval).ms,
  }
  return { range, candles, holes: [], quarantined: [] }
}
