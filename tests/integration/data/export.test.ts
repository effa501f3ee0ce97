import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tableFromIPC } from 'apache-arrow'
import { sqlText, withDuckDb } from '../../../src/data/duckdb.ts'
import { exportCandles } from '../../../src/data/index.ts'
import { partitionPath } from '../../../src/data/lake/lake.ts'
import { BTC, copyTo, failureOf, makeLake, sampleSql } from './lake-fixture.ts'

setDefaultTimeout(60_000)

const fixture = makeLake()
afterAll(() => fixture.remove())

const ms = (text: string) => Date.parse(text)
const half = { fromMs: ms('2024-01-01'), toMs: ms('2024-07-01') }
const fileOf = (name: string) => join(fixture.folder, name)

describe('exportCandles', () => {
  test.each(['csv', 'parquet', 'arrow'] as const)(
    '%s comes back through an import bit for bit',
    async (extension) => {
      const file = fileOf(`btc.${extension}`)
      const store = fixture.store()
      const written = await exportCandles(store, { ...BTC, ...half, file })
      expect(written).toMatchObject({ rows: 182 * 24, holes: 0, resampledFrom: null, ...half })
      const other = makeLake()
      const copy = other.store({ sample: false })
      try {
        await copy.importCandles({ ...BTC, file })
        const before = await store.readCandles({ ...BTC, ...half })
        const after = await copy.readCandles({ ...BTC, ...half })
        expect(after.hash).toBe(before.hash)
        expect(written.hash).toBe(before.hash)
      } finally {
        other.remove()
      }
    },
  )

  test('values that no short decimal has survive CSV', async () => {
    const odd = `SELECT open_time, open * (1 + 1e-13) AS open, high * 1.5 AS high, low / 3 AS low, close, volume / 7 AS volume FROM (${sampleSql('2024-01')})`
    const other = makeLake()
    try {
      await copyTo(partitionPath(other.lake, BTC, '2024-01'), odd)
      const store = other.store({ sample: false })
      const file = fileOf('odd.csv')
      const written = await exportCandles(store, { ...BTC, file })
      const key = { ...BTC, symbol: 'COPY' }
      await store.importCandles({ ...key, file })
      const all = { fromMs: written.fromMs, toMs: written.toMs }
      expect((await store.readCandles({ ...key, ...all })).hash).toBe(written.hash)
    } finally {
      other.remove()
    }
  })

  test('times are ISO in UTC in CSV and timestamps in Parquet', async () => {
    const store = fixture.store()
    const day = { fromMs: ms('2024-03-31T00:00Z'), toMs: ms('2024-03-31T02:00Z') }
    await exportCandles(store, { ...BTC, ...day, file: fileOf('day.csv') })
    const lines = readFileSync(fileOf('day.csv'), 'utf8').split('\n')
    expect(lines[0]).toBe('open_time,open,high,low,close,volume')
    expect(lines[1]).toStartWith('2024-03-31T00:00:00Z,')
    expect(lines[2]).toStartWith('2024-03-31T01:00:00Z,')
    await exportCandles(store, { ...BTC, ...day, file: fileOf('day.parquet') })
    const types = await withDuckDb({}, (db) =>
      db.rows(
        `SELECT column_name, column_type FROM (DESCRIBE FROM read_parquet(${sqlText(fileOf('day.parquet'))}))`,
      ),
    )
    expect(types[0]).toEqual(['open_time', 'TIMESTAMP WITH TIME ZONE'])
    expect(types.slice(1).map(([, type]) => type)).toEqual(Array(5).fill('DOUBLE'))
  })

  test('an Arrow file holds the same candles', async () => {
    const store = fixture.store()
    await exportCandles(store, { ...BTC, ...half, file: fileOf('btc.arrow') })
    const table = tableFromIPC(readFileSync(fileOf('btc.arrow')))
    const candles = await store.readCandles({ ...BTC, ...half })
    expect(table.numRows).toBe(candles.close.length)
    expect(table.getChild('close')?.toArray()).toEqual(Float64Array.from(candles.close))
    expect(table.getChild('open_time')?.get(1)).toBe(candles.openTime[1])
  })

  test('writes an interval that is not stored, and says what it was built from', async () => {
    const written = await exportCandles(fixture.store(), {
      ...BTC,
      interval: '7h',
      file: fileOf('odd-interval.csv'),
    })
    expect(written).toMatchObject({ resampledFrom: '1h', holes: 0 })
    expect(written.incomplete).toBeGreaterThan(0)
    expect(written.fromMs % (7 * 3_600_000)).toBe(0)
  })

  test('replaces a file that exists, and leaves it as it is when there is nothing to write', async () => {
    const file = fileOf('again.csv')
    writeFileSync(file, 'old')
    const outside = { fromMs: ms('2030-01-01'), toMs: ms('2031-01-01') }
    const failure = await failureOf(exportCandles(fixture.store(), { ...BTC, ...outside, file }))
    expect(failure.code).toBe('DATA_RANGE')
    expect(readFileSync(file, 'utf8')).toBe('old')
    await exportCandles(fixture.store(), { ...BTC, ...half, file })
    expect(readFileSync(file, 'utf8')).toStartWith('open_time,')
  })
})
