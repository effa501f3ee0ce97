import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { parseInterval } from '../../../../src/core/intervals.ts'
import { columnsOf } from '../../../../src/data/columns.ts'
import { combine, sift } from '../../../../src/data/ingest/sift.ts'

const grid = parseInterval('1m')
const MINUTE = 60_000
type Row = readonly [
  slot: number,
  open: number,
  high: number,
  low: number,
  close: number,
  v: number,
]

const candle = (slot: number, price = 10 + slot): Row => [
  slot,
  price,
  price + 1,
  price - 1,
  price,
  1,
]

function columns(rows: readonly Row[]) {
  return columnsOf(
    [0, 1, 2, 3, 4, 5].map((column) =>
      Float64Array.from(rows, (row) => (row[column] as number) * (column === 0 ? MINUTE : 1)),
    ),
  )
}

const optionsOf = (from: number, to: number, seenMs = 0) => ({
  range: { fromMs: from * MINUTE, toMs: to * MINUTE },
  grid,
  seenMs,
})
const slots = (times: Float64Array) => [...times].map((time) => time / MINUTE)
const spans = (ranges: readonly { readonly fromMs: number; readonly toMs: number }[]) =>
  ranges.map(({ fromMs, toMs }) => [fromMs / MINUTE, toMs / MINUTE])

describe('sift', () => {
  test('takes a sound answer as it is', () => {
    const raw = columns([candle(0), candle(1), candle(2)])
    const sifted = sift(raw, optionsOf(0, 3))
    expect(sifted.candles).toBe(raw)
    expect(sifted.missing).toEqual([])
  })

  test('names the slots that are missing at the start, inside and at the end', () => {
    const { missing } = sift(columns([candle(1), candle(3), candle(4)]), optionsOf(0, 7))
    expect(spans(missing)).toEqual([
      [0, 1],
      [2, 3],
      [5, 7],
    ])
  })

  test('an empty answer misses everything', () => {
    expect(spans(sift(columns([]), optionsOf(2, 4)).missing)).toEqual([[2, 4]])
  })

  test('drops rows outside of the range, such as the candle that is still forming', () => {
    const { candles, refused } = sift(columns([candle(0), candle(1), candle(2)]), optionsOf(1, 2))
    expect(slots(candles.openTime)).toEqual([1])
    expect(refused).toEqual([])
  })

  test('sorts, and counts exact repeats once', () => {
    const { candles, missing } = sift(
      columns([candle(2), candle(0), candle(1), candle(0)]),
      optionsOf(0, 3),
    )
    expect(slots(candles.openTime)).toEqual([0, 1, 2])
    expect(missing).toEqual([])
  })

  test('refuses a time that was sent with two values: nobody knows which is right', () => {
    const { candles, refused } = sift(
      columns([candle(0), candle(1), candle(1, 99)]),
      optionsOf(0, 2),
    )
    expect(slots(candles.openTime)).toEqual([0])
    expect(refused).toMatchObject([{ openTime: MINUTE, reason: expect.stringContaining('unique') }])
  })

  const broken: readonly (readonly [string, Row])[] = [
    ['a price that is no number', [1, Number.NaN, 3, 1, 2, 1]],
    ['a price of zero', [1, 2, 3, 0, 2, 1]],
    ['a low above the close', [1, 5, 6, 4, 3, 1]],
    ['a high below the open', [1, 5, 4, 3, 4, 1]],
    ['a negative volume', [1, 2, 3, 1, 2, -1]],
    ['an infinite price', [1, 2, Infinity, 1, 2, 1]],
  ]
  test.each(broken)('refuses %s and keeps the others', (_, row) => {
    const { candles, refused, missing } = sift(
      columns([candle(0), row, candle(2)]),
      optionsOf(0, 3, 7),
    )
    expect(slots(candles.openTime)).toEqual([0, 2])
    expect(spans(missing)).toEqual([[1, 2]])
    expect(refused).toHaveLength(1)
    expect(refused[0]).toMatchObject({ openTime: MINUTE, seenMs: 7, values: row.slice(1) as never })
  })

  test('a row off the grid is refused only while its slot is empty', () => {
    const off: Row = [1.5, 10, 11, 9, 10, 1]
    expect(sift(columns([candle(0), off]), optionsOf(0, 2)).refused).toHaveLength(1)
    expect(sift(columns([candle(0), candle(1), off]), optionsOf(0, 2)).refused).toEqual([])
  })
})

describe('combine', () => {
  test('a later answer fills what an earlier one lacked, and clears what it refused', () => {
    const first = sift(columns([candle(0), [1, 2, 3, 0, 2, 1]]), optionsOf(0, 3))
    const second = sift(columns([candle(1), candle(2)]), optionsOf(1, 3))
    const { candles, refused, missing } = combine(first, second, optionsOf(0, 3))
    expect(slots(candles.openTime)).toEqual([0, 1, 2])
    expect([refused, missing]).toEqual([[], []])
  })

  test('where both answers have a slot, the later one wins: a candle as well as a refused row', () => {
    const bad = (price: number): Row => [2, price, price, price + 1, price, 1]
    const first = sift(columns([candle(0), candle(1, 50), bad(7)]), optionsOf(0, 3))
    const second = sift(columns([candle(1, 60), bad(8)]), optionsOf(1, 3))
    const { candles, refused } = combine(first, second, optionsOf(0, 3))
    expect(candles).toEqual(columns([candle(0), candle(1, 60)]))
    expect(refused).toMatchObject([{ values: bad(8).slice(1) as never }])
  })

  test('prop_ answers that lost rows add up to what any of them had', () => {
    const rows = Array.from({ length: 12 }, (_, slot) => candle(slot))
    const part = fc.subarray(rows, { minLength: 0 })
    fc.assert(
      fc.property(part, part, (a, b) => {
        const options = optionsOf(0, 12)
        const both = combine(sift(columns(a), options), sift(columns(b), options), options)
        const had = rows.filter((row) => a.includes(row) || b.includes(row))
        expect(both.candles).toEqual(columns(had))
      }),
    )
  })
})
