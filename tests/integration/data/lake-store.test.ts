import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { monthRange, partitionPath, seriesFolder } from '../../../src/data/lake/lake.ts'
import type { PartitionFacts } from '../../../src/data/lake/manifest.ts'
import { BTC, copyTo, failureOf, SAMPLE, sampleSql, temporaryLakes } from './lake-fixture.ts'

setDefaultTimeout(60_000)

const HOUR = 3_600_000
const lake = temporaryLakes()

const ms = (text: string) => Date.parse(text)
const year2024 = { fromMs: ms('2024-01-01'), toMs: ms('2025-01-01') }

describe('readCandles', () => {
  test('reads the sample into shared columns with known prices', async () => {
    const candles = await lake()
      .store()
      .readCandles({ ...BTC, ...year2024 })
    expect(candles.openTime.length).toBe(8784)
    expect(candles.openTime[0]).toBe(ms('2024-01-01'))
    expect(candles.openTime.at(-1)).toBe(ms('2024-12-31T23:00Z'))
    expect(candles.close.buffer).toBeInstanceOf(SharedArrayBuffer)
    expect(candles.resampledFrom).toBeNull()
    const peak = candles.openTime.indexOf(ms('2024-03-14T07:00Z'))
    expect(candles.high[peak]).toBe(73777)
    const quarter = candles.low.slice(0, candles.openTime.indexOf(ms('2024-04-01')))
    expect(Math.min(...quarter)).toBe(38555)
  })

  test('bounds are half open and may lie anywhere', async () => {
    const range = { fromMs: ms('2024-01-31T22:30Z'), toMs: ms('2024-02-01T01:00Z') }
    const candles = await lake()
      .store()
      .readCandles({ ...BTC, ...range })
    expect([...candles.openTime]).toEqual([ms('2024-01-31T23:00Z'), ms('2024-02-01T00:00Z')])
  })

  test('the hash tells two ranges apart and is the same in a second read', async () => {
    const store = lake().store()
    const first = await store.readCandles({ ...BTC, ...year2024 })
    expect((await store.readCandles({ ...BTC, ...year2024 })).hash).toBe(first.hash)
    const shorter = { ...year2024, toMs: year2024.toMs - HOUR }
    expect((await store.readCandles({ ...BTC, ...shorter })).hash).not.toBe(first.hash)
  })

  test('several reads at once do not disturb each other', async () => {
    const store = lake().store()
    const keys = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT', 'BTCUSDT'].map((symbol) => ({ ...BTC, symbol }))
    const apart: string[] = []
    for (const key of keys) apart.push((await store.readCandles({ ...key, ...year2024 })).hash)
    const reads = keys.map((key) => store.readCandles({ ...key, ...year2024 }))
    const warm = store.readWarmCandles({
      ...BTC,
      interval: '4h',
      startMs: year2024.fromMs,
      endMs: year2024.toMs,
      warmupBars: 9,
    })
    const together = (await Promise.all(reads)).map(({ hash }) => hash)
    expect(together).toEqual(apart)
    expect((await warm).window.end).toBe(30 * 6 + 366 * 6)
  })

  test('a month in the lake hides that of the sample', async () => {
    const { lake: path, store } = lake()
    const changed = `SELECT * REPLACE (volume + 1 AS volume) FROM (${sampleSql('2024-02')})`
    await copyTo(partitionPath(path, BTC, '2024-02'), changed)
    const range = { fromMs: ms('2024-01-31T23:00Z'), toMs: ms('2024-02-01T01:00Z') }
    const mixed = await store().readCandles({ ...BTC, ...range })
    const plain = await store({ sample: true }).readCandles({ ...BTC, ...range })
    const sample = await lake()
      .store()
      .readCandles({ ...BTC, ...range })
    expect(mixed.volume[0]).toBe(sample.volume[0] as number)
    expect(mixed.volume[1]).toBe((sample.volume[1] as number) + 1)
    expect(plain.hash).toBe(mixed.hash)
  })

  test('an unknown series names what is stored and the next command', async () => {
    const failure = await failureOf(
      lake()
        .store()
        .readCandles({ ...BTC, symbol: 'BTCUSD', ...year2024 }),
    )
    expect(failure.code).toBe('DATA_MISSING')
    expect(failure.exitCode).toBe(3)
    expect(failure.message).toContain("Did you mean 'binance BTCUSDT 1h'?")
    expect(failure.message).toContain(
      'crypto ingest --exchange binance --symbol BTCUSD --interval 1h --from DATE',
    )
    expect(failure.message).toContain(
      'crypto data import FILE --exchange binance --symbol BTCUSD --interval 1h',
    )
  })

  // cases/16: run from another working folder, as by cron.
  test('a missing series names the folders that were searched', async () => {
    const { lake: path, store } = lake()
    const failure = await failureOf(store({ sample: false }).readCandles({ ...BTC, ...year2024 }))
    expect(failure.message).toContain(`Searched: ${path} (no such folder)`)
    expect(failure.message).toContain('start at the working folder')
  })

  test('a finer interval than stored is missing, not invented', async () => {
    const failure = await failureOf(
      lake()
        .store()
        .readCandles({ ...BTC, interval: '15m', ...year2024 }),
    )
    expect(failure.code).toBe('DATA_MISSING')
  })

  test('a range outside the stored one says which is stored', async () => {
    const range = { fromMs: ms('2019-01-01'), toMs: ms('2020-01-01') }
    const failure = await failureOf(
      lake()
        .store()
        .readCandles({ ...BTC, ...range }),
    )
    expect(failure.code).toBe('DATA_RANGE')
    expect(failure.message).toContain('Stored: 2023-06-01T00:00:00Z to 2025-01-01T00:00:00Z (1h)')
    expect(failure.message).toContain('crypto data import FILE')
  })
})

describe('stored files that are not sound', () => {
  const broken = [
    [
      'a NaN price',
      "SELECT * REPLACE (CASE WHEN open_time % 97200000 = 0 THEN 'nan'::DOUBLE ELSE close END AS close)",
      /close must be a positive price, was NaN/,
    ],
    [
      'a NULL price',
      'SELECT * REPLACE (CASE WHEN open_time % 97200000 = 0 THEN NULL ELSE open END AS open)',
      /open must be a positive price, was NaN/,
    ],
    [
      'a negative price',
      'SELECT * REPLACE (CASE WHEN open_time % 97200000 = 0 THEN -1 ELSE low END AS low)',
      /low must be a positive price, was -1/,
    ],
    [
      'a time off the grid',
      'SELECT * REPLACE (CASE WHEN open_time % 97200000 = 0 THEN open_time + 1 ELSE open_time END AS open_time)',
      /aligned to 1h/,
    ],
  ] as const
  test.each(broken)('%s is refused with file, row and rule', async (_, select, rule) => {
    const { lake: path, store } = lake()
    const file = partitionPath(path, BTC, '2024-02')
    await copyTo(file, `${select} FROM (${sampleSql('2024-02')})`)
    const failure = await failureOf(store().readCandles({ ...BTC, ...year2024 }))
    expect(failure.code).toBe('DATA_INVALID')
    expect(failure.message).toContain(`${file} row `)
    expect(failure.message).toMatch(rule)
    const row = failure.context.row as number
    const opened = ms('2024-02-01') + (row - 1) * HOUR
    expect(opened % 97_200_000).toBe(0)
  })

  test.each([
    ['unsorted rows', 'ORDER BY open_time DESC', /must rise/],
    ['repeated rows', `UNION ALL ${sampleSql('2024-02')} ORDER BY open_time`, /must be unique/],
  ])('%s are refused', async (_, tail, rule) => {
    const { lake: path, store } = lake()
    await copyTo(partitionPath(path, BTC, '2024-02'), `${sampleSql('2024-02')} ${tail}`)
    const failure = await failureOf(store().readCandles({ ...BTC, ...year2024 }))
    expect(failure.code).toBe('DATA_INVALID')
    expect(failure.message).toMatch(rule)
  })

  test('a month under the name of another is refused', async () => {
    const { lake: path, store } = lake()
    await copyTo(partitionPath(path, BTC, '2024-02'), sampleSql('2024-03'))
    const failure = await failureOf(store({ sample: false }).readCandles({ ...BTC, ...year2024 }))
    expect(failure.code).toBe('DATA_INVALID')
    expect(failure.message).toContain('must lie in the month that names the file')
  })

  test.each(['truncated', 'text'])('a %s file is named', async (kind) => {
    const { lake: path, store } = lake()
    const file = partitionPath(path, BTC, '2024-02')
    if (kind === 'text') {
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, 'this is not Parquet, but long enough to be read')
    } else {
      await copyTo(file, sampleSql('2024-02'))
      truncateSync(file, 9000)
    }
    const failure = await failureOf(store().readCandles({ ...BTC, ...year2024 }))
    expect(failure.code).toBe('DATA_UNREADABLE')
    expect(failure.exitCode).toBe(3)
    expect(failure.message).toContain(file)
  })

  test('the store still works after a failure', async () => {
    const { lake: path, store } = lake()
    await copyTo(
      partitionPath(path, BTC, '2024-02'),
      `${sampleSql('2024-02')} ORDER BY open_time DESC`,
    )
    const open = store()
    await failureOf(open.readCandles({ ...BTC, ...year2024 }))
    const march = { fromMs: ms('2024-03-01'), toMs: ms('2024-04-01') }
    expect((await failureOf(open.readCandles({ ...BTC, ...march }))).code).toBe('DATA_INVALID')
    const eth = await open.readCandles({ ...BTC, symbol: 'ETHUSDT', ...march })
    expect(eth.openTime.length).toBe(744)
  })
})

describe('listSeries', () => {
  test('lists the sample from its manifests', async () => {
    const series = await lake().store().listSeries()
    expect(series.map(({ symbol }) => symbol)).toEqual(['BTCUSDT', 'ETHUSDT', 'SOLUSDT'])
    for (const one of series) {
      expect(one).toMatchObject({
        exchange: 'binance',
        interval: '1h',
        fromMs: ms('2023-06-01'),
        toMs: ms('2025-01-01'),
        rows: 13_920,
        holes: 0,
        zeroVolume: 0,
        source: 'sample',
      })
      expect(one.bytes).toBeGreaterThan(100_000)
    }
  })

  test('the manifests of the sample describe its files', async () => {
    const store = lake().store()
    for (const symbol of ['BTCUSDT', 'ETHUSDT', 'SOLUSDT']) {
      const key = { ...BTC, symbol }
      const text = readFileSync(join(seriesFolder(SAMPLE, key), 'manifest.json'), 'utf8')
      const partitions = Object.entries<PartitionFacts>(JSON.parse(text).partitions)
      expect(partitions.length).toBe(19)
      for (const [month, facts] of partitions) {
        const candles = await store.readCandles({ ...key, ...monthRange(month) })
        expect(candles.hash).toBe(facts.hash)
        expect(candles.openTime.length).toBe(facts.rows)
        expect(statSync(partitionPath(SAMPLE, key, month)).size).toBe(facts.bytes)
      }
    }
  })

  test('measures files that no manifest describes, and counts holes across months', async () => {
    const { lake: path, store } = lake()
    await copyTo(partitionPath(path, BTC, '2024-01'), sampleSql('2024-01'))
    const march = `SELECT * REPLACE (CASE WHEN open_time = ${ms('2024-03-02')} THEN 0 ELSE volume END AS volume) FROM (${sampleSql('2024-03')})`
    await copyTo(partitionPath(path, BTC, '2024-03'), march)
    const [series] = await store({ sample: false }).listSeries()
    expect(series).toMatchObject({ rows: 62 * 24, holes: 29 * 24, zeroVolume: 1, source: 'lake' })
    const [mixed] = await store().listSeries()
    expect(mixed).toMatchObject({ rows: 13_920, holes: 0, zeroVolume: 1, source: 'mixed' })
  })

  test('an absent lake is empty', async () => {
    expect(await lake().store({ sample: false }).listSeries()).toEqual([])
  })
})

test('importing the module loads no DuckDB', async () => {
  const code =
    "await import('./src/data/index.ts'); const { readFileSync } = require('node:fs'); process.exitCode = readFileSync('/proc/self/maps', 'utf8').includes('duckdb') ? 9 : 0"
  const run = Bun.spawn([process.execPath, '-e', code], { cwd: `${import.meta.dir}/../../..` })
  expect(await run.exited).toBe(0)
})
