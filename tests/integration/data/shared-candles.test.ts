import { afterAll, describe, expect, test } from 'bun:test'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { sqlText, withDuckDb } from '../../../src/data/duckdb.ts'
import { BTC, makeLake } from './lake-fixture.ts'

/** A folder with more candles than the repository carries: one year and a half of minutes, and what they resample to. */
const shared = process.env.CRYPTO_SHARED_DIR ?? resolve(import.meta.dir, '../../../../shared')
const minutes = join(shared, 'data/BTCUSDT-1m.parquet')
const published = (interval: string) => join(shared, `oracles/resample/BTCUSDT-${interval}.parquet`)
const absent = !existsSync(minutes) || !existsSync(published('4h'))

const fixture = makeLake()
afterAll(() => fixture.remove())

describe(`835,200 one-minute candles${absent ? ' (skipped: CRYPTO_SHARED_DIR holds none)' : ''}`, () => {
  test.skipIf(absent)(
    'are imported, and resample to what the exchange published in every interval',
    async () => {
      const store = fixture.store({ sample: false })
      const key = { ...BTC, interval: '1m' }
      const summary = await store.importCandles({ ...key, file: minutes })
      expect(summary).toMatchObject({ rows: 835_200, added: 835_200, holes: 0 })
      const all = { fromMs: summary.fromMs, toMs: summary.toMs }
      expect((await store.readCandles({ ...key, ...all })).openTime.length).toBe(835_200)
      for (const interval of ['5m', '15m', '1h', '4h', '1d', '1w']) {
        const expected = await withDuckDb({}, (db) =>
          db.rows(
            `SELECT CAST(open_time AS DOUBLE), open, high, low, close, volume FROM read_parquet(${sqlText(published(interval))}) ORDER BY 1`,
          ),
        )
        const range = {
          fromMs: expected[0]?.[0] as number,
          toMs: (expected.at(-1)?.[0] as number) + 1,
        }
        const got = await store.readCandles({ ...BTC, interval, ...range })
        const { openTime, open, high, low, close, volume } = got
        expect(got.resampledFrom).toBe('1m')
        expect(openTime.length).toBe(expected.length)
        const exact = [openTime, open, high, low, close]
        const wrong = expected.findIndex((row, i) => exact.some((c, j) => c[i] !== row[j]))
        expect(wrong).toBe(-1)
        const error = expected.map((row, i) =>
          Math.abs((volume[i] as number) / (row[5] as number) - 1),
        )
        expect(Math.max(...error)).toBeLessThan(1e-9)
      }
    },
    60_000,
  )
})
