import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  closesOf,
  csv,
  HEADER,
  importFile,
  MONTHS,
  ROWS,
  TWO_MONTHS,
  withRow,
} from './import-fixture.ts'
import { BTC, copyTo, failureOf, temporaryLakes } from './lake-fixture.ts'

setDefaultTimeout(60_000)

const lake = temporaryLakes()

const _ms = (text: string) => Date.parse(text)
const importText = (
  ...args: Parameters<typeof importFile> extends [unknown, ...infer R] ? R : never
) => importFile(lake(), ...args)

describe('bad files', () => {
  const swapped = csv([ROWS[0], ROWS[2], ROWS[1], ROWS[3]] as string[])
  const repeated = csv([ROWS[0], ROWS[1], ROWS[1], ROWS[2]] as string[])
  test.each([
    [
      'a NaN price',
      withRow(2, '1704074400000,110,NaN,100,115,3'),
      'IMPORT_PRICE',
      /high must be a positive price.* line 4 \(.*high NaN/,
    ],
    [
      'an empty price',
      withRow(2, '1704074400000,110,120,,115,3'),
      'IMPORT_PRICE',
      /low must be a positive price.* line 4 \(.*low missing/,
    ],
    [
      'a negative price',
      withRow(1, '1704070800000,105,115,-95,110,2'),
      'IMPORT_PRICE',
      /low must be a positive price.* line 3 \(.*low -95/,
    ],
    [
      'a zero price',
      withRow(0, '1704067200000,0,110,90,105,1'),
      'IMPORT_PRICE',
      /open must be a positive price.* line 2/,
    ],
    [
      'a price that is a word',
      withRow(3, '1704078000000,115,125,105,abc,4'),
      'IMPORT_PRICE',
      /close must be a positive price.* line 5 \(.*close abc/,
    ],
    [
      'an infinite price',
      withRow(3, '1704078000000,115,inf,105,120,4'),
      'IMPORT_PRICE',
      /high must be a positive price.* line 5/,
    ],
    [
      'a negative volume',
      withRow(4, '1704081600000,120,130,110,125,-5'),
      'IMPORT_VOLUME',
      /volume must be a number >= 0.* line 6/,
    ],
    [
      'a low above the open',
      withRow(4, '1704081600000,120,130,121,125,5'),
      'IMPORT_OHLC',
      /low must be <= open and close.* line 6/,
    ],
    [
      'a high below the close',
      withRow(4, '1704081600000,120,124,110,125,5'),
      'IMPORT_OHLC',
      /high must be >= open.* line 6/,
    ],
    [
      'a time that is a word',
      withRow(1, 'noon,105,115,95,110,2'),
      'IMPORT_TIME',
      /epoch number .* or ISO 8601.* line 3 \(time noon/,
    ],
    [
      'an impossible date',
      withRow(1, '2024-02-31T00:00:00Z,105,115,95,110,2'),
      'IMPORT_TIME',
      /line 3 \(time 2024-02-31/,
    ],
    [
      'a misaligned time',
      withRow(4, '1704081600001,120,130,110,125,5'),
      'IMPORT_ALIGNMENT',
      /aligned to 1h in UTC.* line 6/,
    ],
    [
      'unsorted rows',
      swapped,
      'IMPORT_UNSORTED',
      /later than in the row before.* line 4 .*--sort/s,
    ],
    ['repeated rows', repeated, 'IMPORT_DUPLICATE', /must be unique.* line 4 .*--dedupe/s],
    [
      'a missing column',
      csv(ROWS, 'open_time,open,high,low,schluss,volume'),
      'IMPORT_COLUMNS',
      /missing: close.*--columns close=schluss/s,
    ],
    [
      'no header and 10 columns',
      ROWS.map((row) => `${row},9,9,9,9`).join('\n'),
      'IMPORT_COLUMNS',
      /1: 1704067200000,100.*missing: time.*--columns time=1,open=2/s,
    ],
    ['an empty file', '', 'IMPORT_EMPTY', /holds no candle/],
    ['a header alone', `${HEADER}\n`, 'IMPORT_EMPTY', /holds no candle/],
    [
      'a row with too few columns',
      withRow(2, '1704074400000,110,120'),
      'IMPORT_UNREADABLE',
      /Error on Line: 4, Original Line: 1704074400000,110,120, Expected Number of Columns: 6 Found: 3/,
    ],
    [
      'a row with too many columns',
      withRow(4, '1704081600000,120,130,110,125,5,6'),
      'IMPORT_UNREADABLE',
      /Error on Line: 6/,
    ],
    ['a zip archive', 'PK\x03\x04rest', 'IMPORT_UNREADABLE', /cut short or damaged/],
  ])('%s is refused, nothing is written', async (_, text, code, message) => {
    const { lake: path, store, file, done } = importText(text)
    const failure = await failureOf(done)
    expect(failure.code).toBe(code)
    expect(failure.exitCode).toBe(3)
    expect(failure.message).toStartWith(`${file}: `)
    expect(failure.message).toMatch(message)
    expect(readdirSync(path)).toEqual([])
    expect(await store.listSeries()).toEqual([])
  })

  test('all broken rules are reported at once', async () => {
    const text = csv([ROWS[1], ROWS[0], '1704074400000,110,120,100,NaN,3'] as string[])
    const failure = await failureOf(importText(text).done)
    expect(failure.message).toContain('close must be a positive price')
    expect(failure.message).toContain('must be later than in the row before')
    expect(failure.context.broken).toHaveLength(2)
  })

  test('the interval of the file is checked both ways', async () => {
    const finer = await failureOf(importText(csv(ROWS), { interval: '4h' }).done)
    expect(finer.code).toBe('IMPORT_ALIGNMENT')
    expect(finer.message).toContain('the smallest step in the file is 1h')
    const coarser = await failureOf(importText(csv(ROWS), { interval: '15m' }).done)
    expect(coarser.code).toBe('IMPORT_INTERVAL')
    expect(coarser.message).toContain('at least 1h apart, but --interval says 15m')
  })

  test('an unknown interval is a usage error', async () => {
    const failure = await failureOf(importText(csv(ROWS), { interval: 'hourly' }).done)
    expect(failure).toMatchObject({ code: 'UNKNOWN_INTERVAL', exitCode: 2 })
  })

  test.each([
    ['a missing file', 'nope.csv'],
    ['a folder', '.'],
  ])('%s', async (_, name) => {
    const { folder, store } = lake()
    const failure = await failureOf(store().importCandles({ ...BTC, file: join(folder, name) }))
    expect(failure).toMatchObject({ code: 'IMPORT_FILE', exitCode: 3 })
  })

  test.each([9000, 100, 6])('a Parquet file cut to %p bytes', async (bytes) => {
    const { folder, lake: path, store } = lake()
    const file = join(folder, 'cut.parquet')
    await copyTo(file, TWO_MONTHS)
    truncateSync(file, bytes)
    const failure = await failureOf(store().importCandles({ ...BTC, file }))
    expect(failure).toMatchObject({ code: 'IMPORT_UNREADABLE', exitCode: 3 })
    expect(failure.message).toContain('truncated')
    expect(readdirSync(path)).toEqual([])
  })

  test('a Parquet file with damaged pages', async () => {
    const { folder, lake: path, store } = lake()
    const file = join(folder, 'damaged.parquet')
    await copyTo(file, TWO_MONTHS)
    const bytes = readFileSync(file)
    bytes.fill(0xff, 1000, 8000)
    writeFileSync(file, bytes)
    const failure = await failureOf(store().importCandles({ ...BTC, file }))
    expect(failure.code).toBe('IMPORT_UNREADABLE')
    expect(readdirSync(path)).toEqual([])
  })

  test('text under the name of a Parquet file', async () => {
    const failure = await failureOf(importText(csv(ROWS), {}, 'candles.parquet').done)
    expect(failure.code).toBe('IMPORT_UNREADABLE')
    expect(failure.message).toContain('does not begin like a Parquet file')
  })
})

describe('repairs', () => {
  const shuffled = csv([ROWS[3], ROWS[0], ROWS[4], ROWS[1], ROWS[2]] as string[])

  test('sort accepts any order', async () => {
    const { store, done } = importText(shuffled, { sort: true })
    expect(await done).toMatchObject({ rows: 5, added: 5, duplicates: 0 })
    expect(await closesOf(store)).toEqual([105, 110, 115, 120, 125])
  })

  test('dedupe drops exact repeats', async () => {
    const text = csv([ROWS[0], ROWS[0], ROWS[1], ROWS[2], ROWS[2]] as string[])
    const { store, done } = importText(text, { dedupe: true })
    expect(await done).toMatchObject({ rows: 5, added: 3, duplicates: 2 })
    expect(await closesOf(store)).toEqual([105, 110, 115])
  })

  test('repairs of a sound file change nothing', async () => {
    const sql = `SELECT * REPLACE (CASE WHEN open_time % 7 = 0 THEN 0 ELSE volume END AS volume)
      FROM (${TWO_MONTHS}) WHERE open_time % 11 <> 0 ORDER BY open_time`
    const summaries = []
    for (const options of [{}, { sort: true }, { dedupe: true }]) {
      const { folder, store } = lake()
      const file = join(folder, 'candles.parquet')
      await copyTo(file, sql)
      const summary = await store({ sample: false }).importCandles({ ...BTC, file, ...options })
      const { hash } = await store({ sample: false }).readCandles({ ...BTC, ...MONTHS })
      summaries.push({ ...summary, files: [], folder: '', hash })
    }
    expect(summaries[0]?.rows).toBeLessThan(1400)
    expect(summaries[0]?.holes).toBeGreaterThan(100)
    expect(summaries[0]?.zeroVolume).toBeGreaterThan(100)
    expect(summaries[1]).toEqual(summaries[0] as never)
    expect(summaries[2]).toEqual(summaries[0] as never)
  })

  test('sort alone still refuses repeats that lie apart', async () => {
    const text = csv([ROWS[1], ROWS[0], ROWS[2], ROWS[1]] as string[])
    const failure = await failureOf(importText(text, { sort: true }).done)
    expect(failure.code).toBe('IMPORT_DUPLICATE')
    expect(failure.message).toContain('line 2 and line 5 (2024-01-01T01:00:00Z)')
  })

  test('rows that contradict each other are refused in any case', async () => {
    const text = csv([ROWS[0], '1704067200000,100,110,90,106,1'] as string[])
    const failure = await failureOf(importText(text, { sort: true, dedupe: true }).done)
    expect(failure.code).toBe('IMPORT_CONFLICT')
    expect(failure.message).toContain('line 2 and line 3')
  })

  test('dedupe alone still refuses disorder', async () => {
    const failure = await failureOf(importText(shuffled, { dedupe: true }).done)
    expect(failure.code).toBe('IMPORT_UNSORTED')
  })
})

describe('what a reader would pass over', () => {
  test.each([
    ['an empty line between rows', csv([ROWS[0], '', ROWS[1]] as string[]), /line 3 is empty/],
    [
      'one with the line ends of Windows',
      csv([ROWS[0], '', ROWS[1]] as string[]).replaceAll('\n', '\r\n'),
      /line 3 is empty/,
    ],
    ['a byte 0', withRow(1, '170407080000\u0000,105,115,95,110,2'), /line 3 holds a byte 0/],
    [
      'a line end inside of quotes',
      withRow(1, '"1704070800000\n",105,115,95,110,2'),
      /6 lines below the header are read as 5 rows/,
    ],
    [
      'a header that is repeated',
      csv([ROWS[0], HEADER, ROWS[1]] as string[]),
      /line 3 \(time open_time/,
    ],
    ['a comment', csv([ROWS[0], '# paused', ROWS[1]] as string[]), /Line: 3/],
    ['a comment with separators', csv([ROWS[0], '#,,,,,', ROWS[1]] as string[]), /line 3/],
    ['separators alone', csv([ROWS[0], ',,,,,', ROWS[1]] as string[]), /line 3/],
    ['a last line that is cut', csv(ROWS).slice(0, -8), /Line: 6/],
    ['a last line of one field', `${csv(ROWS)}1`, /Line: 7/],
    ['a first line that is no table', 'x'.repeat(1_000_000), /first line is longer/],
    ['a line of megabytes', `${csv(ROWS)}1704085200000,1,1,1,1,${'1'.repeat(3e6)}`, /Line: 7/],
  ])('%s is refused', async (_, text, message) => {
    const { lake: path, done } = importText(text)
    const failure = await failureOf(done)
    expect(failure.exitCode).toBe(3)
    expect(failure.message).toMatch(message)
    expect(failure.message.length).toBeLessThan(1500)
    expect(readdirSync(path)).toEqual([])
  })

  test('empty lines at the end are none', async () => {
    expect(await importText(`${csv(ROWS)}\n\n`).done).toMatchObject({ rows: 5 })
  })
})
