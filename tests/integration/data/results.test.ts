import { afterAll, describe, expect, test } from 'bun:test'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sqlText, withDuckDb } from '../../../src/data/duckdb.ts'
import { type Cells, type ResultColumn, writeTable } from '../../../src/data/index.ts'
import { failureOf } from './lake-fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'crypto-results-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const COLUMNS: readonly ResultColumn[] = [
  { name: 'symbol', type: 'VARCHAR' },
  { name: 'entry_time', type: 'TIMESTAMP' },
  { name: 'fast_period', type: 'INTEGER' },
  { name: 'return', type: 'DOUBLE' },
]
const START = Date.parse('2024-01-01')
const CHUNKS: readonly (readonly Cells[])[] = [
  [
    ['BTCUSDT', 'a "quoted", name longer than twelve bytes'],
    Float64Array.of(START, START + 1500),
    Int32Array.of(2, -3),
    Float64Array.of(0.1, -1e-300),
  ],
  [['ü€'], Float64Array.of(Number.NaN), Int32Array.of(7), Float64Array.of(Number.NaN)],
]

async function readBack(path: string, select: string): Promise<unknown> {
  return await withDuckDb({}, (db) =>
    db.rows(`SELECT ${select} FROM read_parquet(${sqlText(path)})`),
  )
}

describe('writeTable', () => {
  test('writes Parquet with types, order and NULL for what is not computable', async () => {
    const path = join(folder, 'new/trades.parquet')
    expect(await writeTable({ path, columns: COLUMNS, chunks: CHUNKS })).toBe(3)
    const select = `symbol, epoch_ms(entry_time)::DOUBLE, fast_period::DOUBLE, "return", typeof(entry_time), typeof(fast_period)`
    const types = ['TIMESTAMP WITH TIME ZONE', 'INTEGER']
    expect(await readBack(path, select)).toEqual([
      ['BTCUSDT', START, 2, 0.1, ...types],
      ['a "quoted", name longer than twelve bytes', START + 1500, -3, -1e-300, ...types],
      ['ü€', null, 7, null, ...types],
    ])
    expect(readdirSync(join(folder, 'new'))).toEqual(['trades.parquet'])
  })

  test('writes the same as CSV', async () => {
    const path = join(folder, 'trades.csv')
    await writeTable({ path, columns: COLUMNS, chunks: CHUNKS })
    expect(readFileSync(path, 'utf8').split('\n')).toEqual([
      'symbol,entry_time,fast_period,return',
      'BTCUSDT,2024-01-01T00:00:00Z,2,0.1',
      '"a ""quoted"", name longer than twelve bytes",2024-01-01T00:00:01Z,-3,-1e-300',
      'ü€,,7,',
      '',
    ])
  })

  test.each(['.parquet', '.csv'])(
    'a table without rows has its columns (%s)',
    async (extension) => {
      const path = join(folder, `empty${extension}`)
      expect(await writeTable({ path, columns: COLUMNS, chunks: [] })).toBe(0)
      if (extension === '.csv') {
        expect(readFileSync(path, 'utf8')).toBe('symbol,entry_time,fast_period,return\n')
      } else {
        expect(await readBack(path, 'count(*)::DOUBLE, max(symbol)')).toEqual([[0, null]])
      }
    },
  )

  test('keeps the order and every bit of many rows in uneven chunks', async () => {
    const rows = 300_000
    const values = Float64Array.from({ length: rows }, (_, i) => Math.sqrt(i) / 3)
    const index = Int32Array.from(values, (_, i) => i)
    const shared = new Float64Array(new SharedArrayBuffer(rows * 8))
    shared.set(values)
    async function* chunks() {
      for (let start = 0, size = 1; start < rows; start += size, size = (size * 7) % 60_013) {
        const end = Math.min(rows, start + size)
        await Promise.resolve()
        yield [index.subarray(start, end), values.subarray(start, end), shared.subarray(start, end)]
      }
    }
    const columns = [
      { name: 'i', type: 'INTEGER' },
      { name: 'x', type: 'DOUBLE' },
      { name: 'y', type: 'DOUBLE' },
    ] as const
    const path = join(folder, 'many.parquet')
    expect(await writeTable({ path, columns, chunks: chunks() })).toBe(rows)
    const read = await withDuckDb({}, async (db) => {
      const parts: Float64Array[][] = []
      const sql = `SELECT i::DOUBLE, x, y FROM read_parquet(${sqlText(path)})`
      for await (const part of db.doubles(sql, 3)) parts.push([...part])
      return [0, 1, 2].map((c) => parts.flatMap((part) => [...(part[c] as Float64Array)]))
    })
    expect(read[0]).toEqual([...index])
    expect(read[1]).toEqual([...values])
    expect(read[2]).toEqual([...values])
  })

  test('a failing producer fails the write and leaves the old file', async () => {
    const path = join(folder, 'kept.csv')
    await writeTable({ path, columns: COLUMNS, chunks: CHUNKS })
    const before = readFileSync(path, 'utf8')
    const files = readdirSync(folder)
    async function* chunks() {
      yield CHUNKS[0] as readonly Cells[]
      await Promise.resolve()
      throw new Error('a worker died')
    }
    const failure = await failureOf(writeTable({ path, columns: COLUMNS, chunks: chunks() }))
    expect(failure.message).toBe('a worker died')
    expect(readFileSync(path, 'utf8')).toBe(before)
    expect(readdirSync(folder)).toEqual(files)
  })

  test('refuses other extensions and wrong arrays', async () => {
    const path = join(folder, 'trades.xlsx')
    const failure = await failureOf(writeTable({ path, columns: COLUMNS, chunks: CHUNKS }))
    expect(failure).toMatchObject({ code: 'RESULT_FORMAT', exitCode: 2 })
    const wrong = [[['a'], Float64Array.of(1), Float64Array.of(1), Float64Array.of(1)]]
    const chunks = { path: join(folder, 'wrong.csv'), columns: COLUMNS, chunks: wrong }
    expect((await failureOf(writeTable(chunks))).message).toContain('fast_period')
    expect(existsSync(chunks.path)).toBe(false)
  })
})
