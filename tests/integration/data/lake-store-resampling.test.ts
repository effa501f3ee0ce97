import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { partitionPath } from '../../../src/data/lake/lake.ts'
import bitcoin from './btcusdt-resampled.json'
import ether from './ethusdt-resampled.json'
import { BTC, copyTo, failureOf, sampleSql, temporaryLakes } from './lake-fixture.ts'

setDefaultTimeout(60_000)

const HOUR = 3_600_000
const lake = temporaryLakes()

const ms = (text: string) => Date.parse(text)
const year2024 = { fromMs: ms('2024-01-01'), toMs: ms('2025-01-01') }

describe('resampling', () => {
  test.each(
    (['4h', '1d', '1w'] as const).flatMap((interval) => [
      ['BTCUSDT', interval, bitcoin[interval]] as const,
      ['ETHUSDT', interval, ether[interval]] as const,
    ]),
  )(
    '%s 1h to %s gives the candles that the exchange published',
    async (symbol, interval, published) => {
      const rows = published as readonly (readonly number[])[]
      const fromMs = rows[0]?.[0] as number
      const candles = await lake()
        .store()
        .readCandles({ ...BTC, symbol, interval, fromMs, toMs: (rows.at(-1)?.[0] as number) + 1 })
      expect(candles.resampledFrom).toBe('1h')
      expect(candles.incompleteCandles).toBe(0)
      expect(candles.openTime.length).toBe(rows.length)
      rows.forEach(([time, open, high, low, close, volume], i) => {
        expect(candles.openTime[i]).toBe(time as number)
        expect(candles.open[i]).toBe(open as number)
        expect(candles.high[i]).toBe(high as number)
        expect(candles.low[i]).toBe(low as number)
        expect(candles.close[i]).toBe(close as number)
        expect(Math.abs((candles.volume[i] as number) / (volume as number) - 1)).toBeLessThan(1e-9)
      })
    },
  )

  test.each([
    // Two weeks count from Monday 1970-01-05, days from 1970-01-01; a month has no say in it.
    ['2w', '2024-01-08', '2024-01-22'],
    ['2d', '2024-01-02', '2024-01-04'],
    ['3d', '2024-01-03', '2024-01-06'],
    ['7h', '2024-01-01T02:00Z', '2024-01-01T09:00Z'],
  ])('%s candles lie on their own grid', async (interval, first, second) => {
    const candles = await lake()
      .store()
      .readCandles({ ...BTC, interval, fromMs: ms('2024-01-01'), toMs: ms('2024-03-01') })
    expect(candles.resampledFrom).toBe('1h')
    expect([...candles.openTime.slice(0, 2)]).toEqual([ms(first), ms(second)])
    const steps = candles.openTime.slice(1).map((time, i) => time - (candles.openTime[i] as number))
    expect(new Set(steps)).toEqual(new Set([ms(second) - ms(first)]))
    const hours = await lake()
      .store()
      .readCandles({ ...BTC, fromMs: ms(first), toMs: ms(second) })
    expect(candles.open[0]).toBe(hours.open[0] as number)
    expect(candles.high[0]).toBe(Math.max(...hours.high))
    expect(candles.close[0]).toBe(hours.close.at(-1) as number)
  })

  test.each(['45m', '90m', '5m', '30m'])('%s cannot be built from 1h', async (interval) => {
    const failure = await failureOf(
      lake()
        .store()
        .readCandles({ ...BTC, interval, ...year2024 }),
    )
    expect(failure.code).toBe('DATA_MISSING')
  })

  test('finer candles that begin or end in the middle of a candle give none for it', async () => {
    const { lake: path, store } = lake()
    const some = `SELECT * FROM (${sampleSql('2024-02')}) WHERE open_time >= ${ms('2024-02-02T03:00Z')} AND open_time < ${ms('2024-02-03T06:00Z')}`
    await copyTo(partitionPath(path, BTC, '2024-02'), some)
    const range = { fromMs: ms('2024-02-01'), toMs: ms('2024-03-01') }
    const candles = await store({ sample: false }).readCandles({ ...BTC, interval: '4h', ...range })
    expect(candles.openTime[0]).toBe(ms('2024-02-02T04:00Z'))
    expect(candles.openTime.at(-1)).toBe(ms('2024-02-03T00:00Z'))
    expect(candles.incompleteTimes).toEqual([ms('2024-02-02T00:00Z'), ms('2024-02-03T04:00Z')])
  })

  // cases/20: a venue that omits candles in which nothing traded. 4 days of 24 hours, each without its first one.
  test('candles that are all incomplete are counted, and the reason is said', async () => {
    const { lake: path, store } = lake()
    const range = { fromMs: ms('2024-02-05'), toMs: ms('2024-02-09') }
    const holed = `SELECT * FROM (${sampleSql('2024-02')}) WHERE open_time >= ${range.fromMs} AND open_time < ${range.toMs} AND open_time % 86400000 <> 0`
    await copyTo(partitionPath(path, BTC, '2024-02'), holed)
    const read = store({ sample: false }).readCandles({ ...BTC, interval: '1d', ...range })
    const failure = await failureOf(read)
    expect(failure.code).toBe('DATA_INCOMPLETE')
    expect(failure.message).toContain(
      'stored for 4 of 1d, and each lacks at least one of its 24; 3 are missing between the first and the last stored one',
    )
    expect(failure.message).toContain('crypto data check')
  })

  test('candles that lack an hour are left out and counted', async () => {
    const { lake: path, store } = lake()
    const holes = `SELECT * FROM (${sampleSql('2024-02')}) WHERE open_time <> ${ms('2024-02-03T05:00Z')}`
    await copyTo(partitionPath(path, BTC, '2024-02'), holes)
    const range = { fromMs: ms('2024-02-01'), toMs: ms('2024-03-01') }
    const candles = await store().readCandles({ ...BTC, interval: '4h', ...range })
    expect(candles.openTime.length).toBe(29 * 6 - 1)
    expect(candles.openTime.includes(ms('2024-02-03T04:00Z'))).toBe(false)
    expect(candles.incompleteCandles).toBe(1)
  })

  /** A lake whose 4h candles are those of January 2024, as the sample's 1h candles give them. */
  async function withJanuary(change = '') {
    const { lake: path, store } = lake()
    const key = { ...BTC, interval: '4h' }
    const january = `SELECT * FROM (${sampleSql('2024-01')}) WHERE open_time % 14400000 = 0 ${change}`
    await copyTo(partitionPath(path, key, '2024-01'), january)
    return { path, key, open: store() }
  }
  const inside = { fromMs: ms('2024-01-20'), toMs: ms('2024-02-01') }
  const across = { fromMs: ms('2024-01-20'), toMs: ms('2024-02-20') }
  const outside = { fromMs: ms('2024-02-01'), toMs: ms('2024-02-20') }

  test('the series itself answers where it is complete, a finer one where that has more', async () => {
    const { key, open } = await withJanuary()
    expect((await open.readCandles({ ...key, ...inside })).resampledFrom).toBeNull()
    expect((await open.readCandles({ ...key, ...outside })).resampledFrom).toBe('1h')
    const mixed = await open.readCandles({ ...key, ...across })
    expect(mixed.resampledFrom).toBe('1h')
    expect(mixed.openTime.length).toBe(31 * 6)
  })

  test('a hole that the finer series has too does not send the reader there', async () => {
    const whole = { fromMs: ms('2024-01-01'), toMs: ms('2024-02-01') }
    const { path, key, open } = await withJanuary(`AND open_time <> ${ms('2024-01-25T04:00Z')}`)
    expect((await open.readCandles({ ...key, ...whole })).resampledFrom).toBe('1h')
    const without = `SELECT * FROM (${sampleSql('2024-01')}) WHERE open_time <> ${ms('2024-01-25T05:00Z')}`
    await copyTo(partitionPath(path, BTC, '2024-01'), without)
    expect((await open.readCandles({ ...key, ...whole })).resampledFrom).toBeNull()
  })

  test('history that the warm-up needs counts when a series is chosen', async () => {
    const { key, open } = await withJanuary()
    const period = { startMs: inside.fromMs, endMs: inside.toMs }
    const short = await open.readWarmCandles({ ...key, ...period, warmupBars: 19 * 6 })
    expect(short.candles.resampledFrom).toBeNull()
    expect(short.shiftedBars).toBe(0)
    const long = await open.readWarmCandles({ ...key, ...period, warmupBars: 19 * 6 + 1 })
    expect(long.candles.resampledFrom).toBe('1h')
    expect(long.shiftedBars).toBe(0)
  })

  test('a damaged finer series matters only where it is needed', async () => {
    const { path, key, open } = await withJanuary(`AND open_time <> ${ms('2024-01-25T04:00Z')}`)
    const unsorted = `${sampleSql('2024-01')} ORDER BY open_time DESC`
    await copyTo(partitionPath(path, BTC, '2024-01'), unsorted)
    expect((await open.readCandles({ ...key, ...inside })).resampledFrom).toBeNull()
    expect((await failureOf(open.readCandles({ ...key, ...outside }))).code).toBe('DATA_INVALID')
  })

  test('a last candle that opens inside the range is read whole', async () => {
    const range = { fromMs: ms('2024-02-01T01:00Z'), toMs: ms('2024-02-01T09:00Z') }
    const candles = await lake()
      .store()
      .readCandles({ ...BTC, interval: '4h', ...range })
    expect([...candles.openTime]).toEqual([ms('2024-02-01T04:00Z'), ms('2024-02-01T08:00Z')])
  })
})

describe('readWarmCandles', () => {
  const period = { startMs: ms('2024-01-01'), endMs: ms('2024-12-01') }

  test('history starts at the same candle for nearby warm-up lengths', async () => {
    const store = lake().store()
    const short = await store.readWarmCandles({ ...BTC, ...period, warmupBars: 100 })
    const long = await store.readWarmCandles({ ...BTC, ...period, warmupBars: 720 })
    const longer = await store.readWarmCandles({ ...BTC, ...period, warmupBars: 721 })
    expect(short.candles.hash).toBe(long.candles.hash)
    expect(short.candles.openTime[0]).toBe(ms('2023-12-02'))
    expect(longer.candles.openTime[0]).toBe(ms('2023-11-02'))
    expect(short.candles.openTime[short.window.first]).toBe(period.startMs)
    expect(short.window.end).toBe(short.candles.openTime.length)
    expect(short.window.end - short.window.first).toBe(335 * 24)
    expect(short.shiftedBars).toBe(0)
    expect(short.holes).toBe(0)
    expect(short.covered).toEqual({ fromMs: period.startMs, toMs: period.endMs })
    expect(short.available).toEqual({ fromMs: ms('2023-06-01'), toMs: ms('2025-01-01') })
  })

  test('moves the first judged bar when the store begins too late', async () => {
    const request = { ...BTC, startMs: ms('2023-06-01'), endMs: ms('2024-12-31'), warmupBars: 400 }
    const warm = await lake().store().readWarmCandles(request)
    expect(warm.window.first).toBe(400)
    expect(warm.shiftedBars).toBe(400)
    expect(warm.covered.fromMs).toBe(ms('2023-06-01') + 400 * HOUR)
  })

  test('reads further back when gaps eat the warm-up', async () => {
    const { lake: path, store } = lake()
    await copyTo(
      partitionPath(path, BTC, '2023-12'),
      `SELECT * FROM (${sampleSql('2023-12')}) WHERE open_time < ${ms('2023-12-10')}`,
    )
    const warm = await store().readWarmCandles({ ...BTC, ...period, warmupBars: 700 })
    expect(warm.shiftedBars).toBe(0)
    expect(warm.window.first).toBeGreaterThanOrEqual(700)
  })

  test('counts candles missing inside the period only', async () => {
    const { lake: path, store } = lake()
    const holes = [ms('2024-02-03T05:00Z'), ms('2024-02-03T06:00Z'), ms('2024-02-20T06:00Z')]
    await copyTo(
      partitionPath(path, BTC, '2024-02'),
      `SELECT * FROM (${sampleSql('2024-02')}) WHERE open_time NOT IN (${holes})`,
    )
    const open = store()
    const warm = { ...BTC, warmupBars: 10, endMs: ms('2024-04-01') }
    expect((await open.readWarmCandles({ ...warm, startMs: ms('2024-02-01') })).holes).toBe(3)
    expect((await open.readWarmCandles({ ...warm, startMs: ms('2024-02-10') })).holes).toBe(1)
    expect((await open.readWarmCandles({ ...warm, startMs: ms('2024-03-01') })).holes).toBe(0)
  })

  test('reports a period that reaches beyond the stored candles', async () => {
    const request = { ...BTC, startMs: ms('2024-12-01'), endMs: ms('2026-01-01'), warmupBars: 5 }
    const warm = await lake().store().readWarmCandles(request)
    expect(warm.covered.toMs).toBe(ms('2025-01-01'))
  })

  test('fails with the numbers when warm-up leaves no bar', async () => {
    const request = { ...BTC, startMs: ms('2023-06-01'), endMs: ms('2023-06-05'), warmupBars: 400 }
    const failure = await failureOf(lake().store().readWarmCandles(request))
    expect(failure.code).toBe('DATA_TOO_SHORT')
    expect(failure.message).toContain('400 bars of warm-up')
    expect(failure.message).toContain('only 0 bars lie before the period and 96 in it')
  })

  test.each([
    ['before', '2019-01-01', '2020-01-01'],
    ['after', '2026-01-01', '2026-06-01'],
  ])('fails when the period lies %s the stored candles', async (_, start, end) => {
    const request = { ...BTC, startMs: ms(start), endMs: ms(end), warmupBars: 5 }
    const failure = await failureOf(lake().store().readWarmCandles(request))
    expect(failure.code).toBe('DATA_RANGE')
    expect(failure.message).toContain(`no candle between ${start}T00:00:00Z`)
    expect(failure.message).toContain('Stored: 2023-06-01T00:00:00Z')
  })

  test('refuses a start that is not before the end', async () => {
    const request = { ...BTC, startMs: ms('2024-02-01'), endMs: ms('2024-02-01'), warmupBars: 5 }
    const failure = await failureOf(lake().store().readWarmCandles(request))
    expect(failure.code).toBe('PERIOD_EMPTY')
    expect(failure.exitCode).toBe(2)
  })

  test('works on a resampled interval', async () => {
    const request = { ...BTC, interval: '4h', ...period, warmupBars: 200 }
    const warm = await lake().store().readWarmCandles(request)
    expect(warm.candles.resampledFrom).toBe('1h')
    expect(warm.candles.openTime[warm.window.first]).toBe(period.startMs)
    expect(warm.window.end - warm.window.first).toBe(335 * 6)
    expect(warm.window.first).toBeGreaterThanOrEqual(200)
  })
})
