import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { rmSync } from 'node:fs'
import { createLakeStore } from '../../../src/data/lake/lake-store.ts'
import { candlesWithin } from '../../../src/data/overlay.ts'
import { createTimescaleStore } from '../../../src/data/timescale/store.ts'
import { testCandleStore } from '../../contracts/candle-store.ts'
import { testContext } from '../../support/database-settings.ts'
import { describeDatabases } from '../../support/databases.ts'
import { TimescaleFixture } from '../../support/timescale-fixture.ts'
import { walkCandles } from '../../support/walk.ts'
import { BTC, failureOf, makeLake } from './lake-fixture.ts'

setDefaultTimeout(60_000)

const HOUR = 3_600_000
const FROM = Date.UTC(2024, 0, 1)
const WHOLE = { fromMs: FROM, toMs: Date.UTC(2024, 3, 1) }
const CANDLES = walkCandles({ ...WHOLE, stepMs: HOUR, seed: 7 })

testCandleStore('local', () => {
  const lake = makeLake()
  return { open: () => lake.store({ sample: false }), dispose: () => lake.remove() }
})

describeDatabases('the store', (suite) => {
  let emptied: TimescaleFixture
  let db: TimescaleFixture
  beforeAll(async () => {
    emptied = await TimescaleFixture.open(await suite.fresh())
    db = await TimescaleFixture.open(await suite.database())
  })
  afterAll(async () => {
    await emptied.dispose()
    await db.dispose()
  })

  testCandleStore(suite.kind, async () => {
    await emptied.sql('TRUNCATE series CASCADE')
    const lake = emptied.newLake()
    return { open: () => emptied.store(lake), dispose: () => {} }
  })

  describe('over a database', () => {
    let series = 0
    const newKey = () => ({ ...BTC, symbol: `T${++series}` })

    test('what was committed by another process a moment ago is read', async () => {
      const key = newKey()
      const store = db.store(db.newLake())
      await db.write(key, CANDLES)
      const before = await store.readCandles({ ...key, ...WHOLE })
      await db.sql(
        `UPDATE candles SET volume = 0 WHERE open_time = '2024-02-10Z' AND series_id = (SELECT id FROM series WHERE symbol = $1)`,
        [key.symbol],
      )
      const after = await store.readCandles({ ...key, ...WHOLE })
      expect(after.hash).not.toBe(before.hash)
      const row = (Date.UTC(2024, 1, 10) - FROM) / HOUR
      expect(after.volume[row]).toBe(0)
      expect(after.close).toEqual(before.close)
    })

    test('it knows why candles are missing, until somebody else changes the month', async () => {
      const key = newKey()
      const store = db.store(db.newLake())
      const hole = { fromMs: FROM, toMs: FROM + 2 * HOUR, cause: 'venue' } as const
      const known = { ...hole, firstSeenMs: 1_000, lastCheckMs: 2_000 }
      const candles = candlesWithin(CANDLES, { fromMs: hole.toMs, toMs: WHOLE.toMs })
      await db.withWriter(key, (writer) =>
        writer.commit({ range: WHOLE, candles, holes: [known], quarantined: [] }),
      )
      expect(await store.findHoles(key, { fromMs: -Infinity, toMs: Infinity })).toEqual([known])
      expect(await store.findHoles(key, { fromMs: FROM + HOUR, toMs: WHOLE.toMs })).toEqual([
        { ...known, fromMs: FROM + HOUR },
      ])
      expect(await store.findHoles({ ...key, interval: '4h' }, WHOLE)).toEqual([])
      await db.sql(
        `DELETE FROM candles WHERE open_time = '2024-01-10Z' AND series_id = (SELECT id FROM series WHERE symbol = $1)`,
        [key.symbol],
      )
      expect(await store.findHoles(key, WHOLE)).toEqual([])
    })

    test('it resamples from what the database has, not from an old copy', async () => {
      const key = newKey()
      const store = db.store(db.newLake())
      await db.write(key, CANDLES)
      const request = { ...key, interval: '4h', startMs: FROM, endMs: WHOLE.toMs, warmupBars: 0 }
      expect((await store.readWarmCandles(request)).candles.incompleteCandles).toBe(0)
      await db.sql(
        `DELETE FROM candles WHERE open_time = '2024-02-10Z' AND series_id = (SELECT id FROM series WHERE symbol = $1)`,
        [key.symbol],
      )
      expect((await store.readWarmCandles(request)).candles.incompleteCandles).toBe(1)
    })

    test('months of the lake itself are refused with what to do', async () => {
      const key = newKey()
      const lake = db.newLake()
      const other = await TimescaleFixture.open(await suite.fresh())
      await other.write(key, CANDLES)
      await other.sync(lake, key)
      await other.dispose()
      const failure = await failureOf(db.store(lake).readCandles({ ...key, ...WHOLE }))
      expect(failure).toMatchObject({ code: 'SYNC_CONFLICT', exitCode: 3 })
      expect(failure.message).toContain('3 month(s) (2024-01, 2024-02, 2024-03)')
      expect(failure.message).toContain('crypto data import')
      const refused: string[] = []
      const listed = await db.store(lake).listSeries((one) => refused.push(one.symbol))
      expect(refused).toEqual([key.symbol])
      expect(listed.some(({ symbol }) => symbol === key.symbol)).toBe(false)
    })

    test('an import that contradicts a running ingestion of the series is refused', async () => {
      const key = newKey()
      const lake = makeLake()
      await db.write(key, CANDLES)
      await db.sync(lake.lake, key)
      const file = `${lake.lake}/exchange=binance/symbol=${key.symbol}/interval=1h/2024-01.parquet`
      const store = db.store(db.newLake())
      await db.withWriter(key, async () => {
        const failure = await failureOf(store.importCandles({ ...key, file }))
        expect(failure.code).toBe('SERIES_BUSY')
      })
      expect(await store.importCandles({ ...key, file })).toMatchObject({ unchanged: 744 })
      lake.remove()
    })

    test('a database that cannot be reached is an error that names the way without it', async () => {
      const lake = db.newLake()
      const key = newKey()
      await db.write(key, CANDLES)
      await db.sync(lake, key)
      const { Database } = await import('../../../src/data/timescale/database.ts')
      const settings = { ...db.opened.database.settings, port: 1 }
      const open = async () => ({
        ...db.opened,
        database: await Database.connect(settings, testContext()),
      })
      const store = createTimescaleStore({ open, lake, clock: testContext().clock })
      const failure = await failureOf(store.readCandles({ ...key, ...WHOLE }))
      expect(failure).toMatchObject({ code: 'DATABASE_UNREACHABLE', exitCode: 5 })
      expect(failure.message).toContain('DATA_DRIVER=local')
      store.close()
      const local = createLakeStore({ lake })
      expect((await local.readCandles({ ...key, ...WHOLE })).close).toEqual(CANDLES.close)
      local.close()
      rmSync(lake, { recursive: true })
    })
  })
})
