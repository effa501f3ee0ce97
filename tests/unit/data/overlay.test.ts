import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { CandleColumns } from '../../../src/core/candles.ts'
import { columnsOf, FILE_COLUMNS, vectorsOf } from '../../../src/data/columns.ts'
import { candlesWithin, compareCandles, firstFrom, overlayAll } from '../../../src/data/overlay.ts'

type Rows = ReadonlyMap<number, number>

/** Candles by time, all of whose values are one number. */
const anyRows: fc.Arbitrary<Rows> = fc
  .uniqueArray(fc.tuple(fc.nat(30), fc.nat(3)), { selector: ([time]) => time, maxLength: 20 })
  .map((pairs) => new Map(pairs))

const columnsFrom = (rows: Rows): CandleColumns => {
  const sorted = [...rows].toSorted(([a], [b]) => a - b)
  return columnsOf(
    FILE_COLUMNS.map((_, i) => Float64Array.from(sorted, ([time, value]) => (i ? value : time))),
  )
}

describe('overlayAll', () => {
  test('prop_ holds what a map would hold that the layers are written into one after the other', () => {
    fc.assert(
      fc.property(fc.array(anyRows, { maxLength: 7 }), (layers) => {
        const merged = new Map(layers.flatMap((rows) => [...rows]))
        expect(overlayAll(layers.map(columnsFrom))).toEqual(columnsFrom(merged))
      }),
    )
  })
})

describe('compareCandles', () => {
  test('prop_ finds what is new and what differs', () => {
    fc.assert(
      fc.property(anyRows, anyRows, (fresh, stored) => {
        const found = compareCandles(columnsFrom(fresh), columnsFrom(stored))
        const changed = new Map([...fresh].filter(([time, value]) => stored.get(time) !== value))
        const added = [...fresh.keys()].filter((time) => !stored.has(time)).length
        expect(found).toEqual({
          changed: columnsFrom(changed),
          added,
          replaced: changed.size - added,
          unchanged: fresh.size - changed.size,
        })
      }),
    )
  })
})

describe('candlesWithin', () => {
  test('prop_ gives the candles of a range as views', () => {
    fc.assert(
      fc.property(anyRows, fc.integer({ min: -3, max: 33 }), fc.nat(40), (rows, from, length) => {
        const all = columnsFrom(rows)
        const toMs = from + length
        const inside = new Map([...rows].filter(([time]) => time >= from && time < toMs))
        const within = candlesWithin(all, { fromMs: from, toMs })
        expect(within).toEqual(columnsFrom(inside))
        expect(vectorsOf(within).every((v, i) => v.buffer === vectorsOf(all)[i]?.buffer)).toBe(true)
      }),
    )
  })
})

describe('firstFrom', () => {
  test.each([
    [-1, 0],
    [10, 0],
    [11, 1],
    [30, 2],
    [31, 3],
  ])('of 10, 20, 30 the first that is not before %i is number %i', (time, index) => {
    expect(firstFrom([10, 20, 30], time)).toBe(index)
  })
})
