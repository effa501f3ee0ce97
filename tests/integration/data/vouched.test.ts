import { Database } from 'bun:sqlite'
import { describe, expect, test } from 'bun:test'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hashColumns } from '../../../src/data/columns.ts'
import { createLakeStore } from '../../../src/data/index.ts'
import { partitionPath, seriesFolder } from '../../../src/data/lake/lake.ts'
import { createLakeRepository } from '../../../src/data/lake/lake-repository.ts'
import { LEDGER_FILE } from '../../../src/data/lake/ledger-file.ts'
import { checkLedger, ledgerHoles } from '../../../src/data/lake/ledger-holes.ts'
import { takeSeriesLock } from '../../../src/data/lake/lock.ts'
import { readManifest } from '../../../src/data/lake/manifest-file.ts'
import { candlesWithin } from '../../../src/data/overlay.ts'
import type { TimeRange } from '../../../src/data/store.ts'
import { walkCandles } from '../../support/walk.ts'
import { failureOf, temporaryLakes, VENUE_BTC, withSeries } from './lake-fixture.ts'

const newFixture = temporaryLakes()

const HOUR = 3_600_000
const WHOLE = { fromMs: Date.UTC(2024, 0), toMs: Date.UTC(2024, 3) }
const [JANUARY, FEBRUARY, MARCH] = [0, 1, 2].map((month) => ({
  fromMs: Date.UTC(2024, month),
  toMs: Date.UTC(2024, month + 1),
})) as [TimeRange, TimeRange, TimeRange]
const CANDLES = walkCandles({ ...WHOLE, stepMs: HOUR, seed: 3 })
const SOUND = hashColumns(CANDLES)
const pageOf = (range: TimeRange) => ({
  range,
  candles: candlesWithin(CANDLES, range),
  holes: [],
  quarantined: [],
})

async function filledLake({ isFlushed = true } = {}): Promise<string> {
  const { lake } = newFixture()
  await withSeries({ lake }, async (writer) => {
    for (const month of [JANUARY, FEBRUARY, MARCH]) await writer.commit(pageOf(month))
    if (isFlushed) await writer.flush()
  })
  return lake
}

const manifestOf = (lake: string) => join(seriesFolder(lake, VENUE_BTC), 'manifest.json')

function flip(path: string, at: (bytes: Buffer) => number): void {
  const bytes = readFileSync(path)
  const index = at(bytes)
  bytes[index] = (bytes[index] as number) ^ 1
  writeFileSync(path, bytes)
}
const flipMonth = (lake: string) =>
  flip(partitionPath(lake, VENUE_BTC, '2024-02'), ({ length }) => length >> 1)
const flipManifest = (lake: string) => flip(manifestOf(lake), (bytes) => bytes.indexOf('rows') + 7)

async function read(lake: string, warn = (_: string): void => {}): Promise<string> {
  const store = createLakeStore({ lake, warn })
  try {
    return (await store.readCandles({ ...VENUE_BTC, ...WHOLE })).hash
  } finally {
    store.close()
  }
}

describe('a manifest of an earlier version', () => {
  function makeOld(lake: string, change: (facts: Record<string, unknown>) => void = () => {}) {
    const manifest = JSON.parse(readFileSync(manifestOf(lake), 'utf8'))
    manifest.schema = 'crypto/lake.series@1'
    manifest.check = undefined
    for (const facts of Object.values<Record<string, unknown>>(manifest.partitions)) {
      facts.digest = undefined
      change(facts)
    }
    writeFileSync(manifestOf(lake), JSON.stringify(manifest))
  }

  test('is compared with the candles, and gets its checksums', async () => {
    const lake = await filledLake()
    const now = readFileSync(manifestOf(lake), 'utf8')
    makeOld(lake)
    expect(await read(lake)).toBe(SOUND)
    expect(readFileSync(manifestOf(lake), 'utf8')).toBe(now)
  })

  test('does the same while somebody writes, and stays as it is', async () => {
    const lake = await filledLake()
    makeOld(lake)
    const release = takeSeriesLock(lake, VENUE_BTC)
    expect(await read(lake)).toBe(SOUND)
    release()
    expect(readManifest(lake, VENUE_BTC).partitions['2024-01']?.digest).toBeUndefined()
  })

  test('refuses a month of other candles, and figures that are not those of the file', async () => {
    const lake = await filledLake()
    makeOld(lake)
    flipMonth(lake)
    expect((await failureOf(read(lake))).exitCode).toBe(3)
    const other = await filledLake()
    makeOld(other, (facts) => {
      facts.zero_volume = 5
    })
    expect((await failureOf(read(other))).code).toBe('DATA_DAMAGED')
  })
})

describe('a damaged manifest', () => {
  test('stops reading, importing and ingestion, which say the way out', async () => {
    const lake = await filledLake()
    flipManifest(lake)
    const file = join(lake, '..', 'candles.csv')
    writeFileSync(file, `time,open,high,low,close,volume\n${WHOLE.fromMs},5,6,4,5,1\n`)
    const store = createLakeStore({ lake })
    for (const work of [
      () => read(lake),
      () => store.importCandles({ ...VENUE_BTC, file }),
      () => withSeries({ lake }, (writer) => writer.coverage()),
    ]) {
      const failure = await failureOf(work())
      expect(failure).toMatchObject({ code: 'MANIFEST_DAMAGED', exitCode: 3 })
      expect(failure.message).toContain(manifestOf(lake))
      expect(failure.message).toContain('--repair')
    }
    store.close()
  })

  test('is made anew by a repair out of what the ledger knows', async () => {
    const lake = await filledLake()
    const manifest = readFileSync(manifestOf(lake), 'utf8')
    flipManifest(lake)
    const said: string[] = []
    const onDamaged = (message: string) => void said.push(message)
    await withSeries({ lake, onDamaged }, async (writer) => {
      expect(await writer.coverage(MARCH)).toEqual([MARCH])
    })
    expect(said).toHaveLength(1)
    expect(said[0]).toContain(`kept as ${manifestOf(lake)}.damaged`)
    expect(existsSync(`${manifestOf(lake)}.damaged`)).toBe(true)
    expect(readFileSync(manifestOf(lake), 'utf8')).toBe(manifest)
    expect(await read(lake)).toBe(SOUND)
  })

  test('does not make a damaged month right: it is fetched again', async () => {
    const lake = await filledLake()
    flipManifest(lake)
    flipMonth(lake)
    await withSeries({ lake, onDamaged: () => {} }, async (writer) => {
      expect(await writer.coverage()).toEqual([JANUARY, MARCH])
      await writer.commit(pageOf(FEBRUARY))
      await writer.flush()
    })
    expect(await read(lake)).toBe(SOUND)
  })
})

test('files that no manifest lists are used with one warning a series', async () => {
  const lake = await filledLake()
  rmSync(manifestOf(lake))
  const said: string[] = []
  const store = createLakeStore({ lake, warn: (message) => said.push(message) })
  for (let i = 0; i < 2; i++) await store.readCandles({ ...VENUE_BTC, ...WHOLE })
  store.close()
  expect(said).toHaveLength(1)
  expect(said[0]).toContain('unverified')
  expect(said[0]).toContain('3 files')
})

describe('a ledger', () => {
  const seen = { firstSeenMs: 1, lastCheckMs: 1 }

  /** What the next one to open the series takes for asked for, and is told. */
  async function openedAgain(lake: string) {
    const said: string[] = []
    const repository = createLakeRepository({ lake, warn: (message) => said.push(message) })
    const writer = await repository.openSeries(VENUE_BTC)
    const coverage = await writer.coverage()
    const holes = await writer.holes()
    await writer.close()
    await repository.close()
    return { coverage, holes, said }
  }

  async function change(lake: string, sql: string): Promise<void> {
    const db = new Database(join(lake, LEDGER_FILE))
    db.run(sql)
    db.close()
  }

  test('drops a page whose candles are others, with what it covered, and says so', async () => {
    const lake = await filledLake({ isFlushed: false })
    await change(
      lake,
      `UPDATE pages SET columns = CAST(X'01' || substr(columns, 2) AS BLOB) WHERE id = 2`,
    )
    expect(checkLedger(lake)).toHaveLength(1)
    const { coverage, said } = await openedAgain(lake)
    expect(coverage).toEqual([JANUARY, MARCH])
    expect(said).toHaveLength(1)
    expect(said[0]).toContain('1 page(s) of candles')
    expect(await openedAgain(lake)).toMatchObject({ coverage: [JANUARY, MARCH], said: [] })
    expect(checkLedger(lake)).toEqual([])
  })

  const everything = [WHOLE]
  test.each([
    ['coverage', 'UPDATE coverage SET to_ms = to_ms + 3600000', [] as TimeRange[]],
    ['a month', "UPDATE months SET hash = 'ab'", everything],
    ['a hole', 'UPDATE holes SET last_check_ms = 2', []],
    ['a quarantined candle', 'UPDATE quarantine SET close = 2', []],
    ['a page that moved', 'UPDATE pages SET from_ms = from_ms + 3600000', []],
    ['the series', "UPDATE series SET symbol = 'BTCUSDU'", []],
  ])(
    'drops a row that is another one (%s), with what it may have vouched for',
    async (_, sql, left) => {
      const { lake } = newFixture()
      await withSeries({ lake }, async (writer) => {
        const hole = {
          fromMs: WHOLE.fromMs,
          toMs: WHOLE.fromMs + HOUR,
          cause: 'quarantine' as const,
        }
        const values = [1, 2, 3, 4, 5] as const
        const broken = { openTime: WHOLE.fromMs, reason: 'a lone \ud800', values, seenMs: 1 }
        const candles = candlesWithin(CANDLES, { ...WHOLE, fromMs: WHOLE.fromMs + HOUR })
        const page = {
          ...pageOf(WHOLE),
          candles,
          holes: [{ ...hole, ...seen }],
          quarantined: [broken],
        }
        await writer.commit(page)
        await writer.flush()
        expect(await writer.coverage()).toEqual([WHOLE])
        const late = { fromMs: WHOLE.toMs - HOUR, toMs: WHOLE.toMs }
        const { candles: one } = pageOf(late)
        await writer.commit({
          ...pageOf(late),
          candles: { ...one, volume: one.volume.map((v) => v + 1) },
        })
      })
      expect(checkLedger(lake)).toEqual([])
      await change(lake, sql)
      expect(checkLedger(lake)).toHaveLength(1)
      const { coverage, said } = await openedAgain(lake)
      expect(coverage).toEqual(left)
      expect(said[0]).toContain(LEDGER_FILE)
      expect((await openedAgain(lake)).said).toEqual([])
    },
  )

  test('whose tables are not those of a ledger is refused', async () => {
    for (const sql of ['DROP TABLE holes', 'PRAGMA user_version = 0']) {
      const lake = await filledLake()
      await change(lake, sql)
      const failure = await failureOf(openedAgain(lake))
      expect(failure).toMatchObject({ code: 'LEDGER_DAMAGED', exitCode: 3 })
      expect(checkLedger(lake)).toEqual([failure.message])
      expect(await ledgerHoles(lake)(VENUE_BTC, WHOLE)).toEqual([])
    }
  })

  test('of the version without digests gets them, and keeps what it has', async () => {
    const { lake } = newFixture()
    const db = new Database(join(lake, '..', LEDGER_FILE), { create: true })
    db.run(VERSION_1)
    const { openTime, ...values } = candlesWithin(CANDLES, JANUARY)
    const columns = Buffer.concat(
      [openTime, ...Object.values(values)].map((vector) => new Uint8Array(vector.slice().buffer)),
    )
    const { fromMs, toMs } = JANUARY
    db.run("INSERT INTO series VALUES (7, 'venue', 'BTCUSDT', '1h')")
    db.run('INSERT INTO coverage VALUES (7, ?, ?)', [fromMs, toMs + HOUR])
    db.run("INSERT INTO holes VALUES (7, ?, ?, 'venue', 1, 1)", [toMs, toMs + HOUR])
    db.run('INSERT INTO pages (series, from_ms, to_ms, columns) VALUES (7, ?, ?, ?)', [
      fromMs,
      toMs,
      columns,
    ])
    db.close()
    await withSeries({ lake: join(lake, '..') }, async (writer) => {
      expect(await writer.coverage()).toEqual([{ fromMs, toMs: toMs + HOUR }])
      expect(await writer.holes()).toMatchObject([{ fromMs: toMs, cause: 'venue' }])
      await writer.flush()
      const stored = hashColumns(await writer.read(JANUARY))
      expect(stored).toBe(hashColumns(candlesWithin(CANDLES, JANUARY)))
    })
  })
})

/** As it was written until manifests and ledgers were vouched for. */
const VERSION_1 = `
  CREATE TABLE series (id INTEGER PRIMARY KEY, exchange TEXT NOT NULL, symbol TEXT NOT NULL, interval TEXT NOT NULL,
    UNIQUE (exchange, symbol, interval));
  CREATE TABLE coverage (series INTEGER NOT NULL, from_ms INTEGER NOT NULL, to_ms INTEGER NOT NULL,
    PRIMARY KEY (series, from_ms)) WITHOUT ROWID;
  CREATE TABLE holes (series INTEGER NOT NULL, from_ms INTEGER NOT NULL, to_ms INTEGER NOT NULL, cause TEXT NOT NULL,
    first_seen_ms INTEGER NOT NULL, last_check_ms INTEGER NOT NULL, PRIMARY KEY (series, from_ms)) WITHOUT ROWID;
  CREATE TABLE quarantine (series INTEGER NOT NULL, open_time INTEGER NOT NULL, reason TEXT NOT NULL, open REAL, high REAL,
    low REAL, close REAL, volume REAL, seen_ms INTEGER NOT NULL, PRIMARY KEY (series, open_time)) WITHOUT ROWID;
  CREATE TABLE pages (id INTEGER PRIMARY KEY AUTOINCREMENT, series INTEGER NOT NULL, from_ms INTEGER NOT NULL,
    to_ms INTEGER NOT NULL, columns BLOB NOT NULL);
  CREATE INDEX pages_of_series ON pages (series, id);
  CREATE TABLE months (series INTEGER NOT NULL, month TEXT NOT NULL, hash TEXT NOT NULL,
    PRIMARY KEY (series, month)) WITHOUT ROWID;
  PRAGMA user_version = 1;`
