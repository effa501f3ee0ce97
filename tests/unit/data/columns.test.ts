import { describe, expect, test } from 'bun:test'
import type { CandleColumns } from '../../../src/core/candles.ts'
import { parseInterval } from '../../../src/core/intervals.ts'
import {
  ColumnsHasher,
  columnsOf,
  findViolation,
  hashColumns,
  MAY_LACK_VOLUME,
} from '../../../src/data/columns.ts'

const HOUR = 3_600_000
const grid = parseInterval('1h')

/** Three sound candles, one value of which may be replaced. */
function candles(change: Partial<Record<keyof CandleColumns, [row: number, value: number]>> = {}) {
  const columns = columnsOf([
    Float64Array.of(0, HOUR, 3 * HOUR),
    Float64Array.of(10, 11, 12),
    Float64Array.of(12, 13, 14),
    Float64Array.of(9, 10, 11),
    Float64Array.of(11, 12, 13),
    Float64Array.of(5, 0, 7),
  ])
  for (const [name, [row, value]] of Object.entries(change)) {
    columns[name as keyof CandleColumns][row] = value
  }
  return columns
}

describe('findViolation', () => {
  test('accepts sound candles with a gap and a candle without volume', () => {
    expect(findViolation(candles(), grid, -Infinity)).toBeUndefined()
  })

  test.each([
    ['a NaN price', { close: [1, Number.NaN] }, 1, /close must be a positive price, was NaN/],
    ['a negative price', { low: [2, -1] }, 2, /low must be a positive price, was -1/],
    ['a zero price', { open: [0, 0] }, 0, /open must be a positive price, was 0/],
    ['an infinite price', { high: [0, Infinity] }, 0, /high must be a positive price/],
    [
      'a price beyond all markets',
      { high: [0, 1.1e15] },
      0,
      /high must be from 1e-15 to 1e15, was 1100000000000000/,
    ],
    [
      'a price below all markets',
      { low: [1, 9e-16] },
      1,
      /low must be from 1e-15 to 1e15, was 9e-16/,
    ],
    ['a volume beyond all markets', { volume: [1, 1.1e30] }, 1, /volume must be at most 1e30/],
    ['a low above the close', { low: [1, 11.5] }, 1, /low must be <= open and close/],
    ['a high below the open', { high: [1, 10.5] }, 1, /high must be >= open and close/],
    ['a negative volume', { volume: [1, -1] }, 1, /volume must not be negative/],
    ['an infinite volume', { volume: [1, Infinity] }, 1, /volume must/],
    ['a NaN volume', { volume: [1, Number.NaN] }, 1, /volume must not be negative, was NaN/],
    ['a time off the grid', { openTime: [1, HOUR + 1] }, 1, /must be aligned to 1h/],
    ['a repeated time', { openTime: [1, 0] }, 1, /must be unique/],
    ['a falling time', { openTime: [2, -HOUR] }, 2, /must rise/],
    ['a missing time', { openTime: [0, Number.NaN] }, 0, /must be whole milliseconds/],
  ] as const)('finds %s', (_, change, row, rule) => {
    const found = findViolation(candles(change as never), grid, -Infinity)
    expect(found?.row).toBe(row)
    expect(found?.rule).toMatch(rule)
  })

  test('accepts a missing volume where a file may lack it, and no other bad one', () => {
    const found = (volume: number) =>
      findViolation(candles({ volume: [1, volume] } as never), grid, -Infinity, MAY_LACK_VOLUME)
    expect(found(Number.NaN)).toBeUndefined()
    expect(found(-1)?.rule).toMatch(/volume must not be negative/)
    const price = candles({ close: [1, Number.NaN], volume: [1, Number.NaN] } as never)
    expect(findViolation(price, grid, -Infinity, MAY_LACK_VOLUME)?.rule).toMatch(/close must be/)
  })

  test('compares the first row with the row before the chunk', () => {
    expect(findViolation(candles(), grid, 0)?.rule).toMatch(/unique/)
    expect(findViolation(candles(), grid, HOUR)?.rule).toMatch(/rise/)
    expect(findViolation(candles(), grid, -HOUR)).toBeUndefined()
  })
})

describe('hashColumns', () => {
  test('is the sha-256 over the sha-256 of each column', () => {
    const { openTime, open, high, low, close, volume } = candles()
    const sha = (bytes: Uint8Array) => new Bun.CryptoHasher('sha256').update(bytes).digest()
    const digests = [openTime, open, high, low, close, volume].map((column) =>
      sha(new Uint8Array(column.buffer)),
    )
    expect(hashColumns(candles())).toBe(sha(Buffer.concat(digests)).toString('hex'))
  })

  test('does not depend on where chunks are cut', () => {
    const vectors = Object.values(candles())
    const part = (start: number, end: number) =>
      columnsOf(vectors.map((vector) => vector.subarray(start, end)))
    const hasher = new ColumnsHasher().push(part(0, 1)).push(part(1, 3))
    expect(hasher.finish()).toBe(hashColumns(candles()))
  })

  test('depends on every column and on nothing else', () => {
    const hash = hashColumns(candles())
    expect(hash).toMatch(/^[0-9a-f]{64}$/)
    expect(hashColumns(candles())).toBe(hash)
    for (const name of ['openTime', 'open', 'high', 'low', 'close', 'volume'] as const) {
      expect(hashColumns(candles({ [name]: [1, 1.5] }))).not.toBe(hash)
    }
  })
})
