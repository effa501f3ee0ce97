import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Table, tableFromIPC } from 'apache-arrow'
import { sqlText, withDuckDb } from '../../../src/data/duckdb.ts'
import { type Cells, type ResultColumn, writeTable } from '../../../src/data/index.ts'
import { failureOf } from './lake-fixture.ts'

setDefaultTimeout(60_000)

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

const ARROW_TYPES = ['Utf8', 'Timestamp<MILLISECOND, UTC>', 'Int32', 'Float64']

function readArrow(path: string): Table {
  return tableFromIPC(readFileSync(path))
}

function arrowTypes(table: Table): readonly string[] {
  return table.schema.fields.map((field) => String(field.type))
}

function valuesOf(table: Table, column: string): readonly unknown[] {
  return [...(table.getChild(column) ?? [])]
}

const LABELLED: readonly ResultColumn[] = [
  { name: 'profit_factor', type: 'DOUBLE' },
  { name: 'profit_factor_reason', type: 'LABEL', labels: ['no_loss', "it's"] },
]
const LABELLED_CHUNKS: readonly (readonly Cells[])[] = [
  [Float64Array.of(1.5, Number.POSITIVE_INFINITY), Int32Array.of(-1, 0)],
  [Float64Array.of(Number.NEGATIVE_INFINITY, Number.NaN), Int32Array.of(1, -1)],
]

describe('a column of labels', () => {
  const write = (name: string) => {
    const path = join(folder, name)
    return writeTable({ path, columns: LABELLED, chunks: LABELLED_CHUNKS }).then(() => path)
  }

  test('is text with NULL in Parquet, beside numbers of which none is infinite', async () => {
    const select = 'profit_factor, profit_factor_reason, typeof(profit_factor_reason)'
    expect(await readBack(await write('labels.parquet'), select)).toEqual([
      [1.5, null, 'VARCHAR'],
      [null, 'no_loss', 'VARCHAR'],
      [null, "it's", 'VARCHAR'],
      [null, null, 'VARCHAR'],
    ])
  })

  test('is the same in CSV and Arrow', async () => {
    const csv = readFileSync(await write('labels.csv'), 'utf8')
    expect(csv).toBe("profit_factor,profit_factor_reason\n1.5,\n,no_loss\n,it's\n,\n")
    const table = readArrow(await write('labels.arrow'))
    expect(arrowTypes(table)).toEqual(['Float64', 'Utf8'])
    expect(valuesOf(table, 'profit_factor')).toEqual([1.5, null, null, null])
    expect(valuesOf(table, 'profit_factor_reason')).toEqual([null, 'no_loss', "it's", null])
  })
})

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

  test('writes the same as Arrow', async () => {
    const path = join(folder, 'arrow/trades.arrow')
    expect(await writeTable({ path, columns: COLUMNS, chunks: CHUNKS })).toBe(3)
    const table = readArrow(path)
    expect(arrowTypes(table)).toEqual(ARROW_TYPES)
    expect(valuesOf(table, 'symbol')).toEqual([
      'BTCUSDT',
      'a "quoted", name longer than twelve bytes',
      'ü€',
    ])
    expect(valuesOf(table, 'entry_time')).toEqual([START, START + 1500, null])
    expect(valuesOf(table, 'fast_period')).toEqual([2, -3, 7])
    expect(valuesOf(table, 'return')).toEqual([0.1, -1e-300, null])
    expect(readdirSync(join(folder, 'arrow'))).toEqual(['trades.arrow'])
  })

  test.each(['.parquet', '.arrow', '.csv'])(
    'a table without rows has its columns (%s)',
    async (extension) => {
      const path = join(folder, `empty${extension}`)
      expect(await writeTable({ path, columns: COLUMNS, chunks: [] })).toBe(0)
      if (extension === '.arrow') {
        expect(arrowTypes(readArrow(path))).toEqual(ARROW_TYPES)
        expect(readArrow(path).numRows).toBe(0)
      } else if (extension === '.csv') {
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
    const arrow = join(folder, 'many.arrow')
    expect(await writeTable({ path: arrow, columns, chunks: chunks() })).toBe(rows)
    const table = readArrow(arrow)
    expect(table.batches.length).toBe(2)
    expect(table.getChild('i')?.toArray()).toEqual(index)
    expect(table.getChild('x')?.toArray()).toEqual(values)
    expect(table.getChild('y')?.toArray()).toEqual(values)
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

  test('Arrow marks what is not computable in every batch, also beyond whole bytes', async () => {
    const rows = 300_001
    const isMissing = (row: number) => row > 270_000 && row % 3 === 0
    const values = Float64Array.from({ length: rows }, (_, row) => (isMissing(row) ? NaN : row))
    const names = Array.from(values, (_, row) => (row % 2 === 0 ? `${row}` : ''))
    const times = values.map((value) => (value - 150_000) * 86_400_000)
    const columns = [
      { name: 'x', type: 'DOUBLE' },
      { name: 'time', type: 'TIMESTAMP' },
      { name: 'name', type: 'VARCHAR' },
    ] as const
    const path = join(folder, 'nulls.arrow')
    await writeTable({ path, columns, chunks: [[values, times, names]] })
    const table = readArrow(path)
    expect(table.batches.length).toBe(2)
    const expected = Array.from(values, (value, row) => (isMissing(row) ? null : value))
    expect(valuesOf(table, 'x')).toEqual(expected)
    expect(valuesOf(table, 'time')).toEqual(
      expected.map((value, row) => (value === null ? null : times[row])),
    )
    expect(valuesOf(table, 'name')).toEqual(names)
  })

  test.each(['.csv', '.arrow'])(
    'a failing producer leaves the old file (%s)',
    async (extension) => {
      const path = join(folder, `kept${extension}`)
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
    },
  )

  test('refuses other extensions and wrong arrays', async () => {
    const path = join(folder, 'trades.xlsx')
    const failure = await failureOf(writeTable({ path, columns: COLUMNS, chunks: CHUNKS }))
    expect(failure).toMatchObject({ code: 'RESULT_FORMAT', exitCode: 2 })
    expect(failure.message).toContain('.parquet, .arrow or .csv')
    const wrong = [[['a'], Float64Array.of(1), Float64Array.of(1), Float64Array.of(1)]]
    const chunks = { path: join(folder, 'wrong.csv'), columns: COLUMNS, chunks: wrong }
    expect((await failureOf(writeTable(chunks))).message).toContain('fast_period')
    expect(existsSync(chunks.path)).toBe(false)
  })
})
