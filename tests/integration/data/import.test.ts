import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { parseInterval } from '../../../src/core/intervals.ts'
import { FILE_COLUMNS, vectorsOf } from '../../../src/data/columns.ts'
import { withDuckDb } from '../../../src/data/duckdb.ts'
import { partitionPath, rootsOf, seriesFolder } from '../../../src/data/lake/lake.ts'
import { lockPath, withSeriesLock } from '../../../src/data/lake/lock.ts'
import { mergeMonth } from '../../../src/data/lake/merge-month.ts'
import type { SeriesKey } from '../../../src/data/store.ts'
import { columnsOf } from '../../support/candles.ts'
import { closesOf, csv, importFile, MONTHS, ROWS, TWO_MONTHS, withRow } from './import-fixture.ts'
import { BTC, copyTo, failureOf, temporaryLakes } from './lake-fixture.ts'

setDefaultTimeout(60_000)

const lake = temporaryLakes()

const ms = (text: string) => Date.parse(text)
const importText = (
  ...args: Parameters<typeof importFile> extends [unknown, ...infer R] ? R : never
) => importFile(lake(), ...args)

describe('round trips', () => {
  test.each([
    ['Parquet', 'btc.parquet', 'FORMAT parquet', TWO_MONTHS],
    ['CSV', 'btc.csv', 'FORMAT csv, HEADER true', TWO_MONTHS],
    ['gzipped CSV', 'btc.csv.gz', 'FORMAT csv, HEADER true, COMPRESSION gzip', TWO_MONTHS],
    ['zstd CSV', 'btc.csv.zst', 'FORMAT csv, HEADER true, COMPRESSION zstd', TWO_MONTHS],
    [
      'CSV of an archive without header, in microseconds',
      'btc.csv',
      'FORMAT csv, HEADER false',
      `SELECT open_time * 1000, open, high, low, close, volume, open_time * 1000 + 3599999999, 1, 2, 3, 4, 0 FROM (${TWO_MONTHS})`,
    ],
    [
      'CSV with ISO times, semicolons and other names',
      'btc.csv',
      "FORMAT csv, HEADER true, DELIMITER ';'",
      `SELECT strftime(make_timestamp(open_time * 1000), '%Y-%m-%dT%H:%M:%SZ') AS "Date", volume AS "Volume", open AS "Open", high AS "High", low AS "Low", close AS "Close" FROM (${TWO_MONTHS})`,
    ],
    [
      'Parquet with timestamps',
      'btc.parquet',
      'FORMAT parquet',
      `SELECT make_timestamptz(open_time * 1000) AS date, open, high, low, close, volume FROM (${TWO_MONTHS})`,
    ],
    [
      'Parquet with seconds as doubles',
      'btc.parquet',
      'FORMAT parquet',
      `SELECT open_time / 1000.0 AS time, open, high, low, close, volume FROM (${TWO_MONTHS})`,
    ],
  ])('%s keeps every bit', async (_, name, options, sql) => {
    const { folder, lake: path, store } = lake()
    const file = join(folder, name)
    await copyTo(file, sql, options)
    const own = store({ sample: false })
    const summary = await own.importCandles({ ...BTC, file })
    expect(summary).toMatchObject({ ...BTC, ...MONTHS, rows: 1440, added: 1440, holes: 0 })
    expect(summary.partitions).toEqual(['2024-02', '2024-03'])
    const original = await lake()
      .store()
      .readCandles({ ...BTC, ...MONTHS })
    expect((await own.readCandles({ ...BTC, ...MONTHS })).hash).toBe(original.hash)
    expect(readdirSync(path)).toEqual(['exchange=binance'])
  })

  test.each([
    ['Windows line ends', csv(ROWS).replaceAll('\n', '\r\n')],
    ['a byte order mark', `\ufeff${csv(ROWS)}`],
    ['quoted values', csv(ROWS.map((row) => row.replaceAll(/[^,]+/g, '"$&"')))],
    ['no last line end', csv(ROWS).trimEnd()],
    ['tabs', csv(ROWS).replaceAll(',', '\t')],
  ])('reads %s', async (_, text) => {
    const { store, done } = importText(text)
    expect(await done).toMatchObject({ rows: 5, added: 5 })
    expect(await closesOf(store)).toEqual([105, 110, 115, 120, 125])
  })

  test('a symbol with a slash is one folder', async () => {
    const { store, done } = importText(csv(ROWS), { symbol: 'BTC/USDT' })
    await done
    const [series] = await store.listSeries()
    expect(series).toMatchObject({ symbol: 'BTC/USDT', rows: 5 })
  })
})

describe('merging', () => {
  test('adds, replaces and keeps candles, and says how many', async () => {
    const { store, folder, done } = importText(csv(ROWS.slice(0, 4)))
    await done
    const file = join(folder, 'more.csv')
    writeFileSync(
      file,
      csv([ROWS[2] as string, '1704078000000,115,125,105,121,4', ROWS[4] as string]),
    )
    const summary = await store.importCandles({ ...BTC, file })
    expect(summary).toMatchObject({ rows: 3, added: 1, replaced: 1, unchanged: 1 })
    expect(await closesOf(store)).toEqual([105, 110, 115, 121, 125])
  })

  test('importing the same file again writes nothing', async () => {
    const { lake: path, store, file, done } = importText(csv(ROWS))
    await done
    const partition = partitionPath(path, BTC, '2024-01')
    const before = readFileSync(partition)
    const summary = await store.importCandles({ ...BTC, file })
    expect(summary).toMatchObject({ added: 0, replaced: 0, unchanged: 5, partitions: [] })
    expect(readFileSync(partition).equals(before)).toBe(true)
  })

  test('a month that only the sample has is taken over whole', async () => {
    const { folder, store } = lake()
    const file = join(folder, 'one.csv')
    writeFileSync(file, csv(['1704067200000,100,110,90,105,1']))
    const both = store()
    const summary = await both.importCandles({ ...BTC, file })
    expect(summary).toMatchObject({ added: 0, replaced: 1 })
    const range = { fromMs: ms('2024-01-01'), toMs: ms('2024-02-01') }
    const candles = await both.readCandles({ ...BTC, ...range })
    expect(candles.openTime.length).toBe(744)
    expect(candles.close[0]).toBe(105)
  })

  test('the manifest describes each month', async () => {
    const gap = csv([ROWS[0] as string, '1704070800000,105,115,95,110,0', ROWS[4] as string])
    const { lake: path, store, done } = importText(gap)
    const summary = await done
    expect(summary).toMatchObject({ holes: 2, zeroVolume: 1, folder: seriesFolder(path, BTC) })
    const manifest = JSON.parse(readFileSync(join(summary.folder, 'manifest.json'), 'utf8'))
    const range = { fromMs: ms('2024-01-01'), toMs: ms('2024-01-02') }
    const { hash } = await store.readCandles({ ...BTC, ...range })
    expect(manifest).toMatchObject({ schema: 'crypto/lake.series@2', ...BTC })
    expect(manifest.partitions['2024-01']).toMatchObject({
      rows: 3,
      first: 1704067200000,
      last: 1704081600000,
      holes: 2,
      zero_volume: 1,
      hash,
    })
    const [series] = await store.listSeries()
    expect(series).toMatchObject({ rows: 3, holes: 2, zeroVolume: 1, source: 'lake' })
  })

  test('a crash between a new file and the manifest leaves no facts of the file before', async () => {
    const { lake: path, store, done } = importText(csv(ROWS))
    await done
    const partition = partitionPath(path, BTC, '2024-01')
    const bytes = statSync(partition).size
    const quiet = columnsOf([
      { openTime: 1704081600000, open: 120, high: 130, low: 110, close: 125, volume: 0 },
    ])
    const grid = parseInterval(BTC.interval)
    // What an import does with a month, up to the moment in which the manifest would learn of it.
    await withDuckDb({}, (db) =>
      db.withColumns('clean', FILE_COLUMNS, vectorsOf(quiet), () =>
        mergeMonth(db, rootsOf({ lake: path }), BTC, grid, { month: '2024-01', rows: 1 }),
      ),
    )
    // By its size alone the new file could be the one that the manifest knew.
    expect(statSync(partition).size).toBe(bytes)
    expect(await store.listSeries()).toMatchObject([{ rows: 5, zeroVolume: 1 }])
  })

  test('clears what a killed import left behind, and nothing of a running one', async () => {
    const { lake: path, file, store, done } = importText(csv(ROWS))
    await done
    const dead = Bun.spawnSync([process.execPath, '--version']).pid
    mkdirSync(join(path, `.import-${dead}-0`))
    mkdirSync(join(path, `.import-${process.ppid}-0`))
    await store.importCandles({ ...BTC, file })
    expect(readdirSync(path).sort()).toEqual([`.import-${process.ppid}-0`, 'exchange=binance'])
  })

  test('a damaged month in the lake is named and left as it is', async () => {
    const { lake: path, store, file, done } = importText(csv(ROWS))
    await done
    const partition = partitionPath(path, BTC, '2024-01')
    truncateSync(partition, 200)
    const failure = await failureOf(store.importCandles({ ...BTC, file }))
    expect(failure.code).toBe('DATA_DAMAGED')
    expect(failure.message).toContain(partition)
  })
})

describe('two imports at the same time', () => {
  const lockOf = (path: string, holder: object | string, key: SeriesKey = BTC) => {
    mkdirSync(path, { recursive: true })
    writeFileSync(lockPath(path, key), typeof holder === 'string' ? holder : JSON.stringify(holder))
  }
  const prepared = () => {
    const fixture = lake()
    const file = join(fixture.folder, 'candles.csv')
    writeFileSync(file, csv(ROWS))
    return { ...fixture, file, store: fixture.store({ sample: false }) }
  }

  test('the second into the same series is refused, others are not', async () => {
    const { lake: path, file, store } = prepared()
    mkdirSync(path)
    await withSeriesLock(path, BTC, async () => {
      const failure = await failureOf(store.importCandles({ ...BTC, file }))
      expect(failure).toMatchObject({ code: 'SERIES_BUSY', exitCode: 1 })
      expect(failure.message).toContain(`process ${process.pid} is writing into this series`)
      const other = { ...BTC, symbol: 'BTC/USD', file }
      expect(await store.importCandles(other)).toMatchObject({ added: 5 })
    })
    expect(await store.importCandles({ ...BTC, file })).toMatchObject({ added: 5 })
    expect(readdirSync(path)).toEqual(['exchange=binance'])
  })

  test('a bad file is refused for what it is', async () => {
    const { lake: path, file, store } = prepared()
    writeFileSync(file, withRow(2, '1704074400000,110,NaN,100,115,3'))
    mkdirSync(path)
    await withSeriesLock(path, BTC, async () => {
      expect((await failureOf(store.importCandles({ ...BTC, file }))).code).toBe('IMPORT_PRICE')
    })
  })

  test('a running process is named, and its lock stays', async () => {
    const { lake: path, file, store } = prepared()
    lockOf(path, { pid: process.ppid, host: hostname() })
    const failure = await failureOf(store.importCandles({ ...BTC, file }))
    expect(failure.code).toBe('SERIES_BUSY')
    expect(failure.message).toContain(`process ${process.ppid} is writing into this series`)
    expect(failure.message).toContain(lockPath(path, BTC))
    expect(readdirSync(path)).toEqual([`.import,binance,BTCUSDT,1h.lock`])
  })

  test('a lock of another machine counts as held', async () => {
    const { lake: path, file, store } = prepared()
    const { pid } = Bun.spawnSync([process.execPath, '--version'])
    lockOf(path, { pid, host: 'elsewhere' })
    const failure = await failureOf(store.importCandles({ ...BTC, file }))
    expect(failure.code).toBe('SERIES_BUSY')
    expect(failure.message).toContain('on elsewhere')
  })

  test.each([
    ['a killed process', Bun.spawnSync([process.execPath, '--version']).pid],
    ['an earlier process of the same number', process.pid],
  ])('the lock of %s is taken over', async (_, pid) => {
    const { lake: path, file, store } = prepared()
    lockOf(path, { pid, host: hostname() })
    expect(await store.importCandles({ ...BTC, file })).toMatchObject({ added: 5 })
    expect(readdirSync(path).sort()).toEqual(['exchange=binance'])
  })
})
