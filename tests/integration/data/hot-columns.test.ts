import { beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { tableFromIPC } from 'apache-arrow'
import { parseInterval } from '../../../src/core/intervals.ts'
import { withDuckDb } from '../../../src/data/duckdb.ts'
import { createLakeStore } from '../../../src/data/index.ts'
import { digestFile } from '../../../src/data/lake/digest.ts'
import { HotColumns } from '../../../src/data/lake/hot-columns.ts'
import {
  findPartitions,
  type Partition,
  partitionPath,
  seriesFolder,
} from '../../../src/data/lake/lake.ts'
import { factsOf, recordFacts } from '../../../src/data/lake/manifest.ts'
import { readColumns } from '../../../src/data/lake/read-columns.ts'
import type { CandleRequest, StoredCandles } from '../../../src/data/store.ts'
import {
  BTC,
  copyTo,
  failureOf,
  type LakeFixture,
  sampleSql,
  temporaryLakes,
} from './lake-fixture.ts'

setDefaultTimeout(60_000)

const ms = (text: string) => Date.parse(text)
const HOUR = 3_600_000
const MONTHS = ['2024-01', '2024-02', '2024-03', '2024-04']
const ALL = { fromMs: ms('2024-01-01'), toMs: ms('2024-05-01') }

const newFixture = temporaryLakes()

/** Four months of the sample with some holes, and no manifest. */
async function makeMonths(): Promise<LakeFixture> {
  const fixture = newFixture()
  for (const month of MONTHS) {
    const sql = `SELECT * FROM (${sampleSql(month)}) WHERE open_time % ${77 * HOUR} <> 0`
    await copyTo(partitionPath(fixture.lake, BTC, month), sql)
  }
  return fixture
}

/** Reads with copies however small the range is, or without any. */
async function read(
  lake: string,
  request: Partial<CandleRequest>,
  hotRowsMin = 0,
): Promise<StoredCandles> {
  const store = createLakeStore({ lake, hotRowsMin })
  try {
    return await store.readCandles({ ...BTC, ...ALL, ...request })
  } finally {
    store.close()
  }
}

const cold = (lake: string, request: Partial<CandleRequest> = {}) => read(lake, request, Infinity)
const hotFolder = (lake: string) => seriesFolder(join(lake, '.hot'), BTC)
const copiesIn = (lake: string) => readdirSync(hotFolder(lake)).sort()

describe('reading from copies', () => {
  let lake = ''
  beforeAll(async () => {
    lake = (await makeMonths()).lake
    await read(lake, {})
  })

  test('each month has a copy that Arrow readers open', async () => {
    expect(copiesIn(lake).map((name) => name.slice(0, 8))).toEqual(
      MONTHS.map((month) => `${month}.`),
    )
    const table = tableFromIPC(readFileSync(join(hotFolder(lake), copiesIn(lake)[1] as string)))
    const { close } = await cold(lake, { fromMs: ms('2024-02-01'), toMs: ms('2024-03-01') })
    expect(table.getChild('close')?.toArray()).toEqual(Float64Array.from(close))
    expect(table.schema.metadata.get('symbol')).toBe('BTCUSDT')
  })

  test.each([
    ['everything', {}],
    ['one month', { fromMs: ms('2024-02-01'), toMs: ms('2024-03-01') }],
    ['parts of months', { fromMs: ms('2024-01-15T05:00Z'), toMs: ms('2024-04-02T13:00Z') }],
    ['bounds off the grid', { fromMs: ms('2024-01-15T05:30Z'), toMs: ms('2024-02-02T13:59Z') }],
    ['one candle', { fromMs: ms('2024-03-05'), toMs: ms('2024-03-05T01:00Z') }],
    ['more than is stored', { fromMs: 0, toMs: ms('2030-01-01') }],
    ['bounds that are not finite', { fromMs: -Infinity, toMs: Infinity }],
    ['resampled candles', { interval: '4h' }],
    ['resampled parts of months', { interval: '1d', fromMs: ms('2024-01-15T05:00Z') }],
  ])('%s: the same bits and hash as from Parquet', async (_, request) => {
    const [fromCopies, fromParquet] = [await read(lake, request), await cold(lake, request)]
    expect(fromCopies).toEqual(fromParquet)
    expect(fromCopies.close.buffer).toBeInstanceOf(SharedArrayBuffer)
  })

  test('needs no DuckDB once the copies are there', async () => {
    // Facts come from a manifest, as after an import; without one the months are measured.
    const grid = parseInterval('1h')
    const partitions = findPartitions([{ path: lake, source: 'lake' }], BTC)
    const facts = await withDuckDb({}, (db) =>
      factsOf(partitions, BTC, grid, () => Promise.resolve(db)),
    )
    await recordFacts(lake, BTC, new Map(MONTHS.map((month, i) => [month, facts[i]!])))
    const code = `const { createLakeStore } = await import('./src/data/index.ts')
      const store = createLakeStore({ lake: ${JSON.stringify(lake)}, hotRowsMin: 0 })
      const { hash } = await store.readCandles(${JSON.stringify({ ...BTC, ...ALL })})
      console.log(hash, require('node:fs').readFileSync('/proc/self/maps', 'utf8').includes('duckdb'))`
    const run = Bun.spawnSync([process.execPath, '-e', code], {
      cwd: `${import.meta.dir}/../../..`,
    })
    expect(run.stdout.toString().trim()).toBe(`${(await cold(lake)).hash} false`)
  })

  test('a range without a candle fails as it does without copies', async () => {
    const outside = { fromMs: ms('2020-01-01'), toMs: ms('2021-01-01') }
    expect((await failureOf(read(lake, outside))).code).toBe('DATA_RANGE')
  })
})

describe('copies of what has changed', () => {
  test('an import replaces the copy of its month only', async () => {
    const { lake, folder } = await makeMonths()
    const before = await read(lake, {})
    const names = copiesIn(lake)
    const file = join(folder, 'fresh.parquet')
    const fresh = `SELECT * REPLACE (volume + 1 AS volume) FROM (${sampleSql('2024-02')}) LIMIT 5`
    await copyTo(file, fresh)
    const store = createLakeStore({ lake })
    await store.importCandles({ ...BTC, file })
    store.close()
    const after = await read(lake, {})
    expect(after).toEqual(await cold(lake))
    expect(after.hash).not.toBe(before.hash)
    const kept = copiesIn(lake).filter((name) => names.includes(name))
    expect(kept).toEqual(names.filter((name) => !name.startsWith('2024-02')))
    expect(copiesIn(lake)).toHaveLength(MONTHS.length)
  })

  test('a file of the same size that was changed behind the manifest is read anew', async () => {
    const { lake } = await makeMonths()
    const path = partitionPath(lake, BTC, '2024-03')
    const select = (volume: number) =>
      `SELECT * REPLACE (CAST(${volume} AS DOUBLE) AS volume) FROM (${sampleSql('2024-03')})`
    await copyTo(path, select(1))
    const size = statSync(path).size
    const first = await read(lake, {})
    await copyTo(path, select(2))
    expect(statSync(path).size).toBe(size)
    const second = await read(lake, {})
    expect(second).toEqual(await cold(lake))
    expect(second.hash).not.toBe(first.hash)
  })

  test('another modification time is enough to distrust a copy', async () => {
    const { lake } = await makeMonths()
    await read(lake, {})
    const names = copiesIn(lake)
    utimesSync(partitionPath(lake, BTC, '2024-01'), 1, 1)
    await read(lake, {})
    expect(copiesIn(lake).filter((name) => !names.includes(name))).toHaveLength(1)
    expect(copiesIn(lake)).toHaveLength(MONTHS.length)
  })
})

describe('copies that cannot be used', () => {
  test.each([
    ['cut short', (file: string) => truncateSync(file, 5000)],
    ['empty', (file: string) => truncateSync(file, 0)],
    ['something else', (file: string) => writeFileSync(file, 'x'.repeat(60_000))],
    [
      'with another candle in it',
      (file: string) => {
        const bytes = readFileSync(file)
        // A negative price among the opens, which lie behind the open times.
        bytes.writeDoubleLE(
          -1,
          bytes.length - bytes.readInt32LE(bytes.length - 10) - 18 - 4 * 700 * 8,
        )
        writeFileSync(file, bytes)
      },
    ],
    [
      'with a bit flipped in a price, so that no rule is broken',
      (file: string) => {
        const bytes = readFileSync(file)
        const end = bytes.length - bytes.readInt32LE(bytes.length - 10) - 18
        bytes[end - 8] = (bytes[end - 8] as number) ^ 1
        writeFileSync(file, bytes)
      },
    ],
  ])('%s: Parquet is read, and the copy made anew', async (_, damage) => {
    const { lake } = await makeMonths()
    const expected = await cold(lake)
    await read(lake, {})
    const file = join(hotFolder(lake), copiesIn(lake)[1] as string)
    const sound = readFileSync(file)
    damage(file)
    expect(await read(lake, {})).toEqual(expected)
    expect(await read(lake, {})).toEqual(expected)
    expect(readFileSync(file).equals(sound)).toBe(true)
  })

  test('the folder can be deleted while a store is open', async () => {
    const { lake } = await makeMonths()
    const store = createLakeStore({ lake, hotRowsMin: 0 })
    const before = await store.readCandles({ ...BTC, ...ALL })
    rmSync(join(lake, '.hot'), { recursive: true })
    expect(await store.readCandles({ ...BTC, ...ALL })).toEqual(before)
    store.close()
  })

  test('where the folder cannot be made, candles are read all the same', async () => {
    const { lake } = await makeMonths()
    writeFileSync(join(lake, '.hot'), 'a file in the place of the folder')
    expect(await read(lake, {})).toEqual(await cold(lake))
  })

  test('a bad row outside of the range does not matter, one inside is named', async () => {
    const { lake } = await makeMonths()
    const bad = `SELECT * REPLACE (CASE WHEN open_time = ${ms('2024-02-20')} THEN -1 ELSE low END AS low) FROM (${sampleSql('2024-02')})`
    await copyTo(partitionPath(lake, BTC, '2024-02'), bad)
    const [, february] = findPartitions([{ path: lake, source: 'lake' }], BTC)
    const facts = { rows: 696, first: ms('2024-02-01'), last: ms('2024-02-29T23:00Z'), holes: 0 }
    const { bytes, path } = february as Partition
    const rest = { zero_volume: 0, hash: 'ab', bytes, digest: digestFile(path) }
    await recordFacts(lake, BTC, new Map([['2024-02', { ...facts, ...rest }]]))
    const before = { fromMs: ms('2024-01-01'), toMs: ms('2024-02-10') }
    expect(await read(lake, before)).toEqual(await cold(lake, before))
    const failure = await failureOf(read(lake, {}))
    expect(failure.code).toBe('DATA_INVALID')
    expect(failure.message).toContain('2024-02.parquet')
  })
})

describe('the size of copies', () => {
  test('small reads make none', async () => {
    const { lake } = await makeMonths()
    await read(lake, {}, 100_000)
    expect(existsSync(join(lake, '.hot'))).toBe(false)
  })

  test('no more are made where they would take more than their room', async () => {
    const { lake } = await makeMonths()
    const grid = parseInterval('1h')
    const partitions = findPartitions([{ path: lake, source: 'lake' }], BTC)
    await withDuckDb({}, async (db) => {
      const facts = await factsOf(partitions, BTC, grid, () => Promise.resolve(db))
      const [january] = partitions.map((partition, i) => ({ partition, facts: facts[i]! }))
      const { columns } = await readColumns(db, { partitions: [partitions[0]!], grid })
      const hot = new HotColumns(lake, 60_000)
      expect(hot.prepare(BTC, 1000)).toBe(true)
      expect(await hot.write(BTC, january!, columns)).toBe(true)
      expect(hot.has(BTC, january!)).toBe(true)
      expect(hot.prepare(BTC, 1000)).toBe(false)
      expect(new HotColumns(lake, 100_000).prepare(BTC, 1000)).toBe(true)
    })
  })

  test('what a killed process left of a month goes with its next copy', async () => {
    const { lake } = await makeMonths()
    mkdirSync(hotFolder(lake), { recursive: true })
    writeFileSync(join(hotFolder(lake), '.2024-01.abc.arrow.1-0.tmp'), 'half a copy')
    await read(lake, {})
    expect(copiesIn(lake)).toHaveLength(MONTHS.length)
  })
})
