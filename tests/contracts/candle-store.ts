import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CandleStore, SeriesKey } from '../../src/data/store.ts'
import resampled from '../integration/data/btcusdt-resampled.json'
import {
  BTC,
  copyTo,
  failureOf,
  partitionsSql,
  sampleSql,
} from '../integration/data/lake-fixture.ts'

const HOUR = 3_600_000
const ms = (text: string) => Date.parse(text)
const YEAR_2024 = { fromMs: ms('2024-01-01'), toMs: ms('2025-01-01') }
const PERIOD = { startMs: ms('2024-01-01'), endMs: ms('2024-12-01') }

/** An empty store, which can be opened again as another process would. */
export interface StoreFixture {
  readonly open: () => CandleStore
  readonly dispose: () => Promise<void> | void
}

/** What every store of candles promises. `create` is called for each test. */
export function testCandleStore(
  name: string,
  create: () => StoreFixture | Promise<StoreFixture>,
): void {
  let folder = ''
  let whole = ''
  let files = 0
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'crypto-store-'))
    whole = await fileOf(partitionsSql(BTC))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  async function fileOf(sql: string): Promise<string> {
    const file = join(folder, `${files++}.parquet`)
    await copyTo(file, `SELECT * FROM (${sql}) ORDER BY open_time`)
    return file
  }

  function csvOf(rows: readonly string[]): string {
    const file = join(folder, `${files++}.csv`)
    writeFileSync(file, ['time,open,high,low,close,volume', ...rows, ''].join('\n'))
    return file
  }

  async function withStore(
    use: (store: CandleStore, reopen: () => CandleStore) => Promise<void>,
  ): Promise<void> {
    const fixture = await create()
    const stores = [fixture.open()]
    const reopen = () => {
      stores.at(-1)?.close()
      const store = fixture.open()
      stores.push(store)
      return store
    }
    try {
      await use(stores[0] as CandleStore, reopen)
    } finally {
      for (const store of stores) store.close()
      await fixture.dispose()
    }
  }

  /** With all sample candles of BTCUSDT 1h. */
  const withSample: typeof withStore = (use) =>
    withStore(async (store, reopen) => {
      await store.importCandles({ ...BTC, file: whole })
      await use(store, reopen)
    })

  /** With one hour of each day missing in February 2024, at the given hours. */
  const withHoles = (times: readonly number[], use: (store: CandleStore) => Promise<void>) =>
    withStore(async (store) => {
      const sql = `SELECT * FROM (${partitionsSql(BTC)}) WHERE open_time NOT IN (${times})`
      await store.importCandles({ ...BTC, file: await fileOf(sql) })
      await use(store)
    })

  describe(`candle store: ${name}`, () => {
    test('candles come back as they were imported, also for the next process', () =>
      withSample(async (store, reopen) => {
        const check = async (one: CandleStore) => {
          const candles = await one.readCandles({ ...BTC, ...YEAR_2024 })
          expect(candles.openTime.length).toBe(8784)
          expect(candles.openTime[0]).toBe(ms('2024-01-01'))
          expect(candles.close.buffer).toBeInstanceOf(SharedArrayBuffer)
          expect(candles.resampledFrom).toBeNull()
          const peak = candles.openTime.indexOf(ms('2024-03-14T07:00Z'))
          expect(candles.high[peak]).toBe(73777)
          return candles.hash
        }
        expect(await check(reopen())).toBe(await check(store))
      }))

    test('bounds are half open and may lie anywhere', () =>
      withSample(async (store) => {
        const range = { fromMs: ms('2024-01-31T22:30Z'), toMs: ms('2024-02-01T01:00Z') }
        const candles = await store.readCandles({ ...BTC, ...range })
        expect([...candles.openTime]).toEqual([ms('2024-01-31T23:00Z'), ms('2024-02-01T00:00Z')])
      }))

    test('importing again changes nothing, other values replace, new ones are added', () =>
      withStore(async (store) => {
        const january = await fileOf(sampleSql('2024-01'))
        const first = await store.importCandles({ ...BTC, file: january })
        expect(first).toMatchObject({ rows: 744, added: 744, replaced: 0, unchanged: 0, holes: 0 })
        expect(first.partitions).toEqual(['2024-01'])
        const again = await store.importCandles({ ...BTC, file: january })
        expect(again).toMatchObject({ added: 0, replaced: 0, unchanged: 744, partitions: [] })
        const edited = await fileOf(
          `SELECT * REPLACE (CASE WHEN open_time = ${ms('2024-01-03')} THEN volume + 1 ELSE volume END AS volume)
           FROM (${sampleSql('2024-01')} UNION ALL ${sampleSql('2024-02')})`,
        )
        const third = await store.importCandles({ ...BTC, file: edited })
        expect(third).toMatchObject({ added: 696, replaced: 1, unchanged: 743 })
        expect(third.partitions).toEqual(['2024-01', '2024-02'])
        const candles = await store.readCandles({ ...BTC, ...YEAR_2024 })
        expect(candles.openTime.length).toBe(744 + 696)
      }))

    test('a bad file is refused whole', () =>
      withStore(async (store) => {
        const file = csvOf(['1704067200000,1,2,0.5,1,1', '1704070800000,1,0.5,2,1,1'])
        const failure = await failureOf(store.importCandles({ ...BTC, file }))
        expect(failure).toMatchObject({ code: 'IMPORT_OHLC', exitCode: 3 })
        expect(await store.listSeries()).toEqual([])
      }))

    test('an interrupted import says so', () =>
      withStore(async (store) => {
        const signal = AbortSignal.abort()
        const failure = await failureOf(store.importCandles({ ...BTC, file: whole, signal }))
        expect(failure.code).toBe('INTERRUPTED')
        expect(await store.listSeries()).toEqual([])
      }))

    test('series are listed with their span, rows and holes', () =>
      withHoles([ms('2024-02-03T05:00Z')], async (store) => {
        const key: SeriesKey = { ...BTC, symbol: 'ETH/USDT' }
        await store.importCandles({ ...key, file: await fileOf(sampleSql('2024-03')) })
        const listed = await store.listSeries()
        expect(listed).toHaveLength(2)
        expect(listed[0]).toMatchObject({
          ...BTC,
          fromMs: ms('2023-06-01'),
          toMs: ms('2025-01-01'),
          rows: 13_919,
          holes: 1,
        })
        expect(listed[1]).toMatchObject({ ...key, rows: 744, holes: 0 })
      }))

    test('an unknown series names what is stored and the next command', () =>
      withSample(async (store, reopen) => {
        for (const one of [store, reopen()]) {
          const failure = await failureOf(
            one.readCandles({ ...BTC, symbol: 'BTCUSD', ...YEAR_2024 }),
          )
          expect(failure).toMatchObject({ code: 'DATA_MISSING', exitCode: 3 })
          expect(failure.message).toContain("Did you mean 'binance BTCUSDT 1h'?")
          expect(failure.message).toContain('crypto data import FILE --exchange binance')
        }
      }))

    test('a finer interval than stored is missing, not invented', () =>
      withSample(async (store) => {
        const failure = await failureOf(
          store.readCandles({ ...BTC, interval: '15m', ...YEAR_2024 }),
        )
        expect(failure.code).toBe('DATA_MISSING')
      }))

    test('a range outside the stored one says which is stored', () =>
      withSample(async (store) => {
        const range = { fromMs: ms('2019-01-01'), toMs: ms('2020-01-01') }
        const failure = await failureOf(store.readCandles({ ...BTC, ...range }))
        expect(failure.code).toBe('DATA_RANGE')
        expect(failure.message).toContain(
          'Stored: 2023-06-01T00:00:00Z to 2025-01-01T00:00:00Z (1h)',
        )
      }))

    test.each(['4h', '1d', '1w'] as const)(
      'a series of 1h gives the candles of %s that the exchange published',
      (interval) =>
        withSample(async (store) => {
          const rows = resampled[interval] as readonly (readonly number[])[]
          const range = { fromMs: rows[0]?.[0] as number, toMs: (rows.at(-1)?.[0] as number) + 1 }
          const candles = await store.readCandles({ ...BTC, interval, ...range })
          expect(candles).toMatchObject({ resampledFrom: '1h', incompleteCandles: 0 })
          expect(candles.openTime.length).toBe(rows.length)
          rows.forEach(([time, open, high, low, close, volume], i) => {
            const row = [candles.openTime, candles.open, candles.high, candles.low, candles.close]
            expect(row.map((column) => column[i] as number)).toEqual([
              time,
              open,
              high,
              low,
              close,
            ] as number[])
            expect((candles.volume[i] as number) / (volume as number)).toBeCloseTo(1, 9)
          })
        }),
    )

    test('candles that lack an hour are left out and counted', () =>
      withHoles([ms('2024-02-03T05:00Z')], async (store) => {
        const range = { fromMs: ms('2024-02-01'), toMs: ms('2024-03-01') }
        const candles = await store.readCandles({ ...BTC, interval: '4h', ...range })
        expect(candles.openTime.length).toBe(29 * 6 - 1)
        expect(candles.openTime.includes(ms('2024-02-03T04:00Z'))).toBe(false)
        expect(candles.incompleteCandles).toBe(1)
      }))

    test('of several finer series the one that covers most is resampled, then the coarsest', () =>
      withSample(async (store) => {
        const halfHours = `SELECT * REPLACE (open_time * 1 AS open_time) FROM (${sampleSql('2024-01')})
          UNION ALL SELECT * REPLACE (open_time + 1800000 AS open_time) FROM (${sampleSql('2024-01')})`
        const key = { ...BTC, interval: '30m' }
        await store.importCandles({ ...key, file: await fileOf(halfHours) })
        const from = async (range: { fromMs: number; toMs: number }) =>
          (await store.readCandles({ ...BTC, interval: '4h', ...range })).resampledFrom
        expect(await from({ fromMs: ms('2024-01-01'), toMs: ms('2024-02-01') })).toBe('1h')
        expect(await from({ fromMs: ms('2023-12-01'), toMs: ms('2024-03-01') })).toBe('1h')
      }))

    test('history before a period starts at the same candle for nearby warm-up lengths', () =>
      withSample(async (store) => {
        const short = await store.readWarmCandles({ ...BTC, ...PERIOD, warmupBars: 100 })
        const long = await store.readWarmCandles({ ...BTC, ...PERIOD, warmupBars: 720 })
        const longer = await store.readWarmCandles({ ...BTC, ...PERIOD, warmupBars: 721 })
        expect(short.candles.hash).toBe(long.candles.hash)
        expect(short.candles.openTime[0]).toBe(ms('2023-12-02'))
        expect(longer.candles.openTime[0]).toBe(ms('2023-11-02'))
        expect(short.candles.openTime[short.window.first]).toBe(PERIOD.startMs)
        expect(short.window.end - short.window.first).toBe(335 * 24)
        expect(short).toMatchObject({ shiftedBars: 0, holes: 0 })
        expect(short.covered).toEqual({ fromMs: PERIOD.startMs, toMs: PERIOD.endMs })
        expect(short.available).toEqual({ fromMs: ms('2023-06-01'), toMs: ms('2025-01-01') })
      }))

    test('the first judged bar moves when the store begins too late', () =>
      withSample(async (store) => {
        const period = { startMs: ms('2023-06-01'), endMs: ms('2024-12-31') }
        const warm = await store.readWarmCandles({ ...BTC, ...period, warmupBars: 400 })
        expect(warm.window.first).toBe(400)
        expect(warm.shiftedBars).toBe(400)
        expect(warm.covered.fromMs).toBe(ms('2023-06-01') + 400 * HOUR)
      }))

    test('holes are counted inside the period only', () => {
      const times = ['2024-02-03T05:00Z', '2024-02-03T06:00Z', '2024-02-20T06:00Z'].map(ms)
      return withHoles(times, async (store) => {
        const warm = { ...BTC, warmupBars: 10, endMs: ms('2024-04-01') }
        const holes = async (start: string) =>
          (await store.readWarmCandles({ ...warm, startMs: ms(start) })).holes
        expect(await holes('2024-02-01')).toBe(3)
        expect(await holes('2024-02-10')).toBe(1)
        expect(await holes('2024-03-01')).toBe(0)
      })
    })

    test('a period without a bar after the warm-up, or before the stored candles, is refused', () =>
      withSample(async (store) => {
        const failing = async (startMs: number, endMs: number) =>
          await failureOf(store.readWarmCandles({ ...BTC, startMs, endMs, warmupBars: 400 }))
        const short = await failing(ms('2023-06-01'), ms('2023-06-05'))
        expect(short.code).toBe('DATA_TOO_SHORT')
        expect(short.message).toContain('only 0 bars lie before the period and 96 in it')
        expect((await failing(ms('2019-01-01'), ms('2020-01-01'))).code).toBe('DATA_RANGE')
        const empty = await failing(ms('2024-02-01'), ms('2024-02-01'))
        expect(empty).toMatchObject({ code: 'PERIOD_EMPTY', exitCode: 2 })
      }))

    test('several reads at once do not disturb each other', () =>
      withSample(async (store, reopen) => {
        const months = ['01', '02', '03', '04'].map((month) => ({
          fromMs: ms(`2024-${month}-01`),
          toMs: ms(`2024-${month}-28`),
        }))
        const apart: string[] = []
        for (const range of months) {
          apart.push((await store.readCandles({ ...BTC, ...range })).hash)
        }
        const fresh = reopen()
        const reads = months.map((range) => fresh.readCandles({ ...BTC, ...range }))
        expect((await Promise.all(reads)).map(({ hash }) => hash)).toEqual(apart)
      }))
  })
}
