import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkLake } from '../../../src/data/check/check-lake.ts'
import type { SeriesCheck } from '../../../src/data/check/findings.ts'
import { partitionPath, seriesFolder } from '../../../src/data/lake/lake.ts'
import { recordFacts } from '../../../src/data/lake/manifest.ts'
import { type PartitionFacts, readManifest } from '../../../src/data/lake/manifest-file.ts'
import type { SeriesKey } from '../../../src/data/store.ts'
import { BTC, copyTo, failureOf, SAMPLE, sampleSql, temporaryLakes } from './lake-fixture.ts'

setDefaultTimeout(60_000)

const lake = temporaryLakes()

const ms = (text: string) => Date.parse(text)
const HOUR = 3_600_000

async function checkOf(path: string, key: SeriesKey = BTC): Promise<SeriesCheck> {
  const { exchange, symbol, interval } = key
  const request = { lake: path, exchange, symbols: [symbol], intervals: [interval] }
  const [check, ...more] = await checkLake(request)
  expect(more).toEqual([])
  return check as SeriesCheck
}

describe('a lake with damaged files', () => {
  /** Four months, each with other faults; the second cannot be read. */
  async function damaged() {
    const { lake: path, store } = lake()
    const at = (time: string) => `open_time = ${ms(time)}`
    const replace = (cases: string) => `SELECT * REPLACE (${cases}) FROM`
    const files = {
      '2024-01': `${replace(`CASE WHEN ${at('2024-01-05T03:00Z')} THEN -1 ELSE low END AS low,
         CASE WHEN ${at('2024-01-09T00:00Z')} THEN -1 ELSE volume END AS volume,
         CASE WHEN ${at('2024-01-20T10:00Z')} THEN low ELSE high END AS high`)} (${sampleSql('2024-01')})`,
      '2024-02': sampleSql('2024-02'),
      '2024-03': `SELECT * FROM (${sampleSql('2024-03')}) UNION ALL
         (SELECT * FROM (${sampleSql('2024-03')}) WHERE ${at('2024-03-04T05:00Z')})
         UNION ALL (SELECT * FROM (${sampleSql('2024-05')}) LIMIT 2) ORDER BY open_time`,
      '2024-04': `${replace(`CASE WHEN ${at('2024-04-02T00:00Z')} THEN open_time + 1
         WHEN ${at('2024-04-10T00:00Z')} THEN open_time - ${72 * HOUR} ELSE open_time END AS open_time`)}
         (${sampleSql('2024-04')})`,
    }
    for (const [month, sql] of Object.entries(files)) {
      await copyTo(partitionPath(path, BTC, month), sql)
    }
    truncateSync(partitionPath(path, BTC, '2024-02'), 9000)
    return { path, store }
  }

  test('names every bad file and row, where reading stops at the first', async () => {
    const { path, store } = await damaged()
    const range = { fromMs: ms('2024-01-01'), toMs: ms('2024-05-01') }
    expect(
      (await failureOf(store({ sample: false }).readCandles({ ...BTC, ...range }))).code,
    ).toMatch(/DATA_/)
    const check = await checkOf(path)
    expect(check.unreadable.map((file) => file.path)).toEqual([partitionPath(path, BTC, '2024-02')])
    expect(check.unreadable[0]?.reason).not.toBe('')
    expect(check.badFiles.map((file) => [file.path.slice(-15, -8), file.rows, file.kinds])).toEqual(
      [
        ['2024-01', 3, { price: 1, volume: 1, ohlc: 1 }],
        ['2024-03', 3, { duplicate: 1, month: 2 }],
        ['2024-04', 2, { grid: 1, order: 1 }],
      ],
    )
    const [january, march, april] = check.badFiles
    expect(january?.examples[0]).toEqual({
      row: 4 * 24 + 4,
      openTime: ms('2024-01-05T03:00Z'),
      kind: 'price',
      rule: 'low must be a positive price, was -1',
    })
    expect(march?.examples.map(({ row }) => row)).toEqual([3 * 24 + 7, 31 * 24 + 2, 31 * 24 + 3])
    expect(april?.examples.map(({ row }) => row)).toEqual([25, 9 * 24 + 1])
    expect(check).toMatchObject({ files: 4, problems: 9 })
  })

  test('what bad rows and files lack are holes, and the sound rest is checked', async () => {
    const { path } = await damaged()
    const check = await checkOf(path)
    // Three rows of January, all of February, two of April.
    expect(check.missing).toBe(3 + 29 * 24 + 2)
    expect(check.gaps).toBe(6)
    expect(check.longestGaps[0]).toMatchObject({
      fromMs: ms('2024-02-01'),
      toMs: ms('2024-03-01'),
      candles: 29 * 24,
    })
    expect(check.fromMs).toBe(ms('2024-01-01'))
    expect(check.toMs).toBe(ms('2024-05-01'))
  })

  test('a file that is no Parquet, one without a column and one without rows do not stop it', async () => {
    const { lake: path } = lake()
    await copyTo(partitionPath(path, BTC, '2024-01'), sampleSql('2024-01'))
    await copyTo(
      partitionPath(path, BTC, '2024-02'),
      `SELECT * EXCLUDE (volume) FROM (${sampleSql('2024-02')})`,
    )
    await copyTo(
      partitionPath(path, BTC, '2024-03'),
      `SELECT * FROM (${sampleSql('2024-03')}) LIMIT 0`,
    )
    writeFileSync(partitionPath(path, BTC, '2024-04'), 'no Parquet, but long enough to be read')
    const check = await checkOf(path)
    expect(check.unreadable.map((file) => file.path.slice(-15, -8))).toEqual(['2024-02', '2024-04'])
    expect(check.unreadable[0]?.reason).toContain('volume')
    expect(check).toMatchObject({ rows: 744, missing: 0, problems: 2 })
  })

  test('a series without a single sound row is reported, and the others are checked', async () => {
    const { lake: path } = lake()
    await copyTo(partitionPath(path, BTC, '2024-01'), sampleSql('2024-02'))
    const checks = await checkLake({
      lake: path,
      samples: [SAMPLE],
      symbols: ['BTCUSDT', 'ETHUSDT'],
    })
    expect(checks.map(({ symbol }) => symbol)).toEqual(['BTCUSDT', 'ETHUSDT'])
    expect(checks[0]?.badFiles[0]).toMatchObject({ rows: 696, kinds: { month: 696 } })
    expect(checks[0]?.badFiles[0]?.examples).toHaveLength(5)
    const alone = await checkOf(path)
    expect(alone).toMatchObject({ rows: 696, fromMs: null, toMs: null, gaps: 0, problems: 696 })
  })
})

describe('stored candles of two intervals', () => {
  const coarse = { ...BTC, interval: '4h' }

  /** 4h candles of January as the sample's 1h candles give them, with a change. */
  async function withFourHours(change: string) {
    const { lake: path } = lake()
    await copyTo(partitionPath(path, BTC, '2024-01'), sampleSql('2024-01'))
    const grouped = `SELECT open_time // 14400000 * 14400000 AS open_time, arg_min(open, open_time) AS open,
      max(high) AS high, min(low) AS low, arg_max(close, open_time) AS close, sum(volume) AS volume
      FROM (${sampleSql('2024-01')}) GROUP BY 1 ORDER BY 1`
    const file = partitionPath(path, coarse, '2024-01')
    await copyTo(file, `SELECT ${change} FROM (${grouped})`)
    return path
  }

  test('agree where they were built from each other, whatever the order of the sum', async () => {
    const check = await checkOf(await withFourHours('*'), coarse)
    expect(check.comparisons).toEqual([
      { finer: '1h', compared: 186, differing: 0, columns: {}, examples: [] },
    ])
    expect(check.problems).toBe(0)
  })

  test('are compared column by column, prices exactly and volumes to 1e-9', async () => {
    const at = (time: string) => `CASE WHEN open_time = ${ms(time)}`
    const change = `* REPLACE (${at('2024-01-03T04:00Z')} THEN high + 0.01 ELSE high END AS high,
      ${at('2024-01-03T04:00Z')} THEN volume * (1 + 2e-9)
        WHEN open_time = ${ms('2024-01-05')} THEN volume * (1 + 5e-10) ELSE volume END AS volume)`
    const check = await checkOf(await withFourHours(change), coarse)
    const [comparison] = check.comparisons
    expect(comparison).toMatchObject({
      compared: 186,
      differing: 1,
      columns: { high: 1, volume: 1 },
    })
    expect(comparison?.examples.map(({ openTime, column }) => [openTime, column])).toEqual([
      [ms('2024-01-03T04:00Z'), 'high'],
      [ms('2024-01-03T04:00Z'), 'volume'],
    ])
    const [high] = comparison?.examples ?? []
    expect(high?.stored).toBe((high?.resampled as number) + 0.01)
    expect(check.problems).toBe(1)
  })

  test('candles of which a finer one is missing or bad are not compared', async () => {
    const path = await withFourHours('* REPLACE (high + 1 AS high)')
    const without = `SELECT * REPLACE (CASE WHEN open_time = ${ms('2024-01-10T01:00Z')} THEN 0 ELSE low END AS low)
      FROM (${sampleSql('2024-01')}) WHERE open_time <> ${ms('2024-01-20T05:00Z')}`
    await copyTo(partitionPath(path, BTC, '2024-01'), without)
    const [comparison] = (await checkOf(path, coarse)).comparisons
    expect(comparison).toMatchObject({ compared: 184, differing: 184, columns: { high: 184 } })
    expect(comparison?.examples).toHaveLength(5)
  })
})

describe('manifests', () => {
  async function imported() {
    const { lake: path, store, folder } = lake()
    const file = join(folder, 'candles.parquet')
    await copyTo(
      file,
      `${sampleSql('2024-01')} UNION ALL ${sampleSql('2024-02')} ORDER BY open_time`,
    )
    await store({ sample: false }).importCandles({ ...BTC, file })
    return path
  }
  const manifestOf = (path: string) => join(seriesFolder(path, BTC), 'manifest.json')

  const findingsOf = (check: SeriesCheck) =>
    check.manifest.map(({ month, kind, fields }) => [month, kind, fields])

  test('that describe their files are no finding; without one nothing vouches for them', async () => {
    const path = await imported()
    expect(await checkOf(path)).toMatchObject({ manifest: [], notes: 0 })
    rmSync(manifestOf(path))
    const check = await checkOf(path)
    expect(findingsOf(check)).toEqual([
      ['2024-01', 'unverified', []],
      ['2024-02', 'unverified', []],
    ])
    expect(check).toMatchObject({ problems: 0, notes: 2, damaged: [] })
  })

  test('that are damaged are one finding, wherever a bit flipped', async () => {
    const path = await imported()
    const bytes = readFileSync(manifestOf(path))
    const at = bytes.indexOf('"rows"') + 9
    bytes[at] = (bytes[at] as number) ^ 1
    writeFileSync(manifestOf(path), bytes)
    const check = await checkOf(path)
    expect(findingsOf(check)).toEqual([[null, 'wrong', ['it does not agree with its own hash']]])
    expect(check).toMatchObject({ problems: 1, damaged: [] })
  })

  test('that say other things of a file are wrong, of one that is gone outdated', async () => {
    const path = await imported()
    const { partitions } = readManifest(path, BTC)
    const [january, february] = [partitions['2024-01'], partitions['2024-02']] as PartitionFacts[]
    const changed = new Map([
      ['2024-01', { ...january!, rows: january!.rows - 1, hash: 'ab' }],
      ['2024-02', { ...february!, bytes: february!.bytes - 1 }],
      ['2024-03', february!],
    ])
    await recordFacts(path, BTC, changed)
    const check = await checkOf(path)
    expect(findingsOf(check)).toEqual([
      ['2024-01', 'wrong', ['rows', 'hash']],
      ['2024-02', 'wrong', ['bytes']],
      ['2024-03', 'outdated', ['file']],
    ])
    expect(check).toMatchObject({ problems: 2, notes: 1 })
    expect(check.damaged.map(({ month, origin }) => [month, origin])).toEqual([
      ['2024-01', 'lake'],
      ['2024-02', 'lake'],
    ])
  })

  test('find a bit that flipped in a part of a file that no candle comes from', async () => {
    const path = await imported()
    const file = partitionPath(path, BTC, '2024-01')
    const bytes = readFileSync(file)
    const at = bytes.lastIndexOf('DuckDB')
    bytes[at] = (bytes[at] as number) ^ 1
    writeFileSync(file, bytes)
    expect(findingsOf(await checkOf(path))).toEqual([['2024-01', 'wrong', ['digest']]])
  })
})

describe('checkLake', () => {
  test('finds nothing wrong with the shipped sample', async () => {
    const checks = await checkLake({ lake: SAMPLE })
    expect(checks.map(({ symbol, rows, problems }) => [symbol, rows, problems])).toEqual([
      ['BTCUSDT', 13_920, 0],
      ['ETHUSDT', 13_920, 0],
      ['SOLUSDT', 13_920, 0],
    ])
    expect(checks.map(({ missing, zeroVolume, stale }) => [missing, zeroVolume, stale])).toEqual([
      [0, 0, 0],
      [0, 0, 0],
      [0, 0, 0],
    ])
  })

  test('asks a ledger why candles are missing', async () => {
    const { lake: path } = lake()
    const without = `SELECT * FROM (${sampleSql('2024-01')}) WHERE open_time NOT IN (${ms('2024-01-03')}, ${ms('2024-01-03T01:00Z')})`
    await copyTo(partitionPath(path, BTC, '2024-01'), without)
    const hole = { fromMs: ms('2024-01-03'), toMs: ms('2024-01-03T01:00Z') }
    const [check] = await checkLake({
      lake: path,
      findHoles: async ({ symbol }) =>
        symbol === 'BTCUSDT' ? [{ ...hole, cause: 'venue', firstSeenMs: 0, lastCheckMs: 0 }] : [],
    })
    expect(check?.causes).toEqual([
      { cause: 'venue', candles: 1 },
      { cause: null, candles: 1 },
    ])
  })

  test('names that nothing is stored under are an error, an empty lake is none', async () => {
    const failure = await failureOf(checkLake({ lake: SAMPLE, symbols: ['BTCUSD'] }))
    expect(failure.code).toBe('DATA_MISSING')
    expect(failure.exitCode).toBe(3)
    expect(failure.message).toContain('binance BTCUSDT 1h')
    expect(await checkLake({ lake: '/nowhere' })).toEqual([])
  })

  test('an interruption ends it after the series at hand', async () => {
    const stop = new AbortController()
    const checks = await checkLake({
      lake: SAMPLE,
      signal: stop.signal,
      onProgress: ({ done }) => {
        if (done === 1) stop.abort()
      },
    })
    expect(checks.map(({ symbol }) => symbol)).toEqual(['BTCUSDT', 'ETHUSDT'])
  })
})
