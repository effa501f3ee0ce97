import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { sqlText, withDuckDb } from '../../../src/data/duckdb.ts'
import { checkLake } from '../../../src/data/index.ts'
import { BTC, makeLake } from './lake-fixture.ts'

setDefaultTimeout(60_000)

/** A folder with more candles than the repository carries: one year and a half of minutes, and what they resample to. */
const shared = process.env.CRYPTO_SHARED_DIR ?? resolve(import.meta.dir, '../../../../shared')
const minutesOf = (symbol: string) => join(shared, `data/${symbol}-1m.parquet`)
const published = (symbol: string, interval: string) =>
  join(shared, `oracles/resample/${symbol}-${interval}.parquet`)

/** Candles as the exchange published them in each interval, 2024-01-01 to 2024-09-04. */
const PUBLISHED = [
  ['BTCUSDT', ['5m', '15m', '1h', '4h', '1d', '1w'], 835_200],
  ['ETHUSDT', ['15m', '1h', '4h', '1d', '1w'], 527_040],
] as const
const files = PUBLISHED.flatMap(([symbol, intervals]) => [
  minutesOf(symbol),
  ...intervals.map((interval) => published(symbol, interval)),
])
const absent = files.filter((file) => !existsSync(file))
const reason = absent.length === 0 ? '' : ` (skipped: there is no ${absent[0]})`

const fixtures = PUBLISHED.map(() => makeLake())
afterAll(() => {
  for (const fixture of fixtures) fixture.remove()
})

describe.each(PUBLISHED.map((row, i) => [...row, i] as const))(
  `%s in one-minute candles${reason}`,
  (symbol, intervals, rows, index) => {
    const { store: open, lake } = fixtures[index] as (typeof fixtures)[number]
    const minutes = { ...BTC, symbol, interval: '1m' }

    test.skipIf(absent.length > 0)(
      'resamples to what the exchange published in every interval',
      async () => {
        const store = open({ sample: false })
        const summary = await store.importCandles({ ...minutes, file: minutesOf(symbol) })
        expect(summary).toMatchObject({ rows, added: rows, holes: 0 })
        const all = { fromMs: summary.fromMs, toMs: summary.toMs }
        expect((await store.readCandles({ ...minutes, ...all })).openTime.length).toBe(rows)
        for (const interval of intervals) {
          const expected = await withDuckDb({}, (db) =>
            db.rows(
              `SELECT CAST(open_time AS DOUBLE), open, high, low, close, volume FROM read_parquet(${sqlText(published(symbol, interval))}) ORDER BY 1`,
            ),
          )
          const range = {
            fromMs: expected[0]?.[0] as number,
            toMs: (expected.at(-1)?.[0] as number) + 1,
          }
          const got = await store.readCandles({ ...BTC, symbol, interval, ...range })
          const { openTime, open: opens, high, low, close, volume } = got
          expect(got.resampledFrom).toBe('1m')
          expect(openTime.length).toBe(expected.length)
          const exact = [openTime, opens, high, low, close]
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

    test.skipIf(absent.length > 0)(
      'every pair of published intervals agrees when a lake that has them all is checked',
      async () => {
        const store = open({ sample: false })
        for (const interval of intervals) {
          await store.importCandles({ ...BTC, symbol, interval, file: published(symbol, interval) })
        }
        const checks = await checkLake({ lake })
        const pairs = checks.flatMap(({ comparisons }) => comparisons)
        const stored = intervals.length + 1
        expect(pairs).toHaveLength((stored * (stored - 1)) / 2)
        expect(pairs.filter(({ compared, differing }) => compared < 30 || differing > 0)).toEqual(
          [],
        )
        expect(checks.filter(({ problems }) => problems > 0)).toEqual([])
      },
      60_000,
    )
  },
)
