import { describe, expect, test } from 'bun:test'
import { Database } from '../../../../src/data/timescale/database.ts'
import {
  databaseStatus,
  migrate,
  type OpenedDatabase,
  openDatabase,
  refreshRollups,
} from '../../../../src/data/timescale/index.ts'
import type { CandleRow } from '../../../support/candles.ts'
import { settingsOf, testContext } from '../../../support/database-settings.ts'
import { describeDatabases, type TestDatabase } from '../../../support/databases.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
const START_MS = Date.UTC(2024, 0, 1)

/** Three days whose prices all differ, with an hour and some minutes missing. */
function minutes(): readonly CandleRow[] {
  return Array.from({ length: 3 * 1440 }, (_, i) => {
    const open = 100 + ((i * 37) % 1009) / 8
    const close = 100 + (((i + 1) * 37) % 1009) / 8
    return {
      openTime: START_MS + i * MINUTE_MS,
      open,
      high: Math.max(open, close) + (i % 7) / 4,
      low: Math.min(open, close) - (i % 5) / 4,
      close,
      // Quarters add up exactly in any order.
      volume: (i % 97) / 4,
    }
  }).filter((_, i) => (i < 600 || i >= 660) && i % 1000 !== 999)
}

function rollUp(candles: readonly CandleRow[], lengthMs: number) {
  const groups = Map.groupBy(candles, ({ openTime }) => Math.floor(openTime / lengthMs) * lengthMs)
  return [...groups].map(([openTime, group]) => ({
    open_time: new Date(openTime),
    open: group[0]?.open,
    high: Math.max(...group.map(({ high }) => high)),
    low: Math.min(...group.map(({ low }) => low)),
    close: group.at(-1)?.close,
    volume: group.reduce((sum, { volume }) => sum + volume, 0),
    candles: String(group.length),
    complete: group.length === lengthMs / MINUTE_MS,
  }))
}

async function insert(
  database: Database,
  seriesId: number,
  candles: readonly CandleRow[],
): Promise<void> {
  const sql = `INSERT INTO candles SELECT $1, to_timestamp((c ->> 'openTime')::float8 / 1000),
    (c ->> 'open')::float8, (c ->> 'high')::float8, (c ->> 'low')::float8, (c ->> 'close')::float8, (c ->> 'volume')::float8
    FROM jsonb_array_elements($2::jsonb) c`
  await database.query(sql, [seriesId, JSON.stringify(candles)])
}

async function addSeries(database: Database, interval: string, ms: number): Promise<number> {
  const sql = `INSERT INTO series (exchange, symbol, interval, interval_ms) VALUES ('binance', 'BTCUSDT', $1, $2) RETURNING id`
  const [row] = await database.query<{ id: number }>(sql, [interval, ms])
  return row?.id ?? 0
}

function rollups(database: Database, name: string, seriesId: number) {
  const columns = 'open_time, open, high, low, close, volume, candles, complete'
  return database.query(`SELECT ${columns} FROM ${name} WHERE series_id = $1 ORDER BY open_time`, [
    seriesId,
  ])
}

async function opened(place: TestDatabase): Promise<OpenedDatabase> {
  return openDatabase(settingsOf(place), testContext())
}

describeDatabases('hours and days of stored candles', ({ fresh, timescale }) => {
  test('are those of the finer series, and say what is missing', async () => {
    const open = await opened(await fresh())
    const { database } = open
    const candles = minutes()
    const fine = await addSeries(database, '1m', MINUTE_MS)
    await insert(database, fine, candles)
    const days = await addSeries(database, '1d', DAY_MS)
    await insert(database, days, [
      { openTime: START_MS, open: 2, high: 3, low: 1, close: 2, volume: 1 },
    ])
    const check = async () => {
      expect(await rollups(database, 'candles_1h', fine)).toEqual(rollUp(candles, 3_600_000))
      expect(await rollups(database, 'candles_1d', fine)).toEqual(rollUp(candles, DAY_MS))
      expect(await rollups(database, 'candles_1d', days)).toEqual([])
      expect(await rollups(database, 'candles_1h', days)).toEqual([])
    }
    await check()
    await refreshRollups(open, { fromMs: START_MS, toMs: START_MS + 3 * DAY_MS })
    await check()
    await database.close()
  })

  test('follow a correction once they are refreshed, by several at once', async () => {
    const open = await opened(await fresh())
    const { database } = open
    const candles = minutes()
    const fine = await addSeries(database, '1m', MINUTE_MS)
    await insert(database, fine, candles)
    const range = {
      fromMs: START_MS + DAY_MS + 5 * MINUTE_MS,
      toMs: START_MS + DAY_MS + 6 * MINUTE_MS,
    }
    await refreshRollups(open, { fromMs: START_MS, toMs: START_MS + 3 * DAY_MS })
    const corrected = candles.map((candle) =>
      candle.openTime === range.fromMs ? { ...candle, high: 9_999 } : candle,
    )
    await database.query('UPDATE candles SET high = 9999 WHERE open_time = to_timestamp($1)', [
      range.fromMs / 1000,
    ])
    await Promise.all([1, 2, 3].map(() => refreshRollups(open, range)))
    expect(await rollups(database, 'candles_1h', fine)).toEqual(rollUp(corrected, 3_600_000))
    expect(await rollups(database, 'candles_1d', fine)).toEqual(rollUp(corrected, DAY_MS))
    await database.close()
  })

  describe.if(timescale !== undefined)(
    'when TimescaleDB comes to a database that had none (needs TimescaleDB)',
    () => {
      test('stay the same, and so does everything known about the candles', async () => {
        const place = await fresh()
        const context = testContext()
        const database = await Database.connect(settingsOf(place), context)
        const plain = await migrate(database, { enableTimescale: false })
        expect(plain.features.tier).toBe('plain')
        const candles = minutes()
        const fine = await addSeries(database, '1m', MINUTE_MS)
        await insert(database, fine, candles)
        await database.query(`INSERT INTO coverage VALUES ($1, '2024-01-01', '2024-01-04')`, [fine])
        const known =
          'SELECT p::text AS row FROM partitions p UNION ALL SELECT c::text FROM coverage c'
        const before = await database.query(known)
        await (await opened(place)).database.close()
        const report = await migrate(database)
        expect(report.features.tier).toBe(timescale as 'tsl')
        expect(report.applied[0]).toBe('0003_hypertable')
        expect(report.applied).toHaveLength(timescale === 'tsl' ? 3 : 1)
        expect(await database.query(known)).toEqual(before)
        expect(await database.query('SELECT count(*) FROM candles')).toEqual([
          { count: `${candles.length}` },
        ])
        expect(await rollups(database, 'candles_1h', fine)).toEqual(rollUp(candles, 3_600_000))
        expect(await rollups(database, 'candles_1d', fine)).toEqual(rollUp(candles, DAY_MS))
        await expect(insert(database, fine, candles.slice(0, 1))).rejects.toMatchObject({
          code: 'DATABASE_FAILED',
        })
        await database.close()
      })
    },
  )

  describe.if(timescale === 'tsl')('compression (needs TimescaleDB with its own licence)', () => {
    test('begins at the age that the settings say, also when they change', async () => {
      const place = await fresh()
      const policy = async (compressAfterDays: number) => {
        const { database } = await openDatabase(
          settingsOf(place, { compressAfterDays }),
          testContext(),
        )
        const jobs = await database.query(
          `SELECT (config ->> 'compress_after')::interval = make_interval(days => $1::int) AS fits
           FROM timescaledb_information.jobs WHERE proc_name = 'policy_compression'`,
          [compressAfterDays],
        )
        await database.close()
        return jobs
      }
      for (const days of [14, 14, 30]) expect(await policy(days)).toEqual([{ fits: true }])
    })

    test('keeps candles as they are and takes corrections', async () => {
      const open = await opened(await fresh())
      const { database } = open
      const candles = minutes()
      const fine = await addSeries(database, '1m', MINUTE_MS)
      await insert(database, fine, candles)
      const whole = `SELECT md5(string_agg(c::text, '|' ORDER BY open_time)) FROM candles c`
      const before = await database.query(whole)
      await database.query(`SELECT compress_chunk(c) FROM show_chunks('candles') c`)
      expect((await databaseStatus(database)).stored?.chunks).toEqual({ count: 1, compressed: 1 })
      expect(await database.query(whole)).toEqual(before)
      const duplicate = insert(database, fine, candles.slice(0, 1))
      await expect(duplicate).rejects.toMatchObject({
        message: expect.stringContaining('duplicate key'),
      })
      const at = [START_MS / 1000]
      await database.query('UPDATE candles SET volume = 7 WHERE open_time = to_timestamp($1)', at)
      expect(
        await database.query('SELECT volume FROM candles WHERE open_time = to_timestamp($1)', at),
      ).toEqual([{ volume: 7 }])
      expect(await database.query('SELECT count(*) FROM candles')).toEqual([
        { count: `${candles.length}` },
      ])
      await database.close()
    })
  })
})
