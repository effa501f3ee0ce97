import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { vectorsOf } from '../../../src/data/columns.ts'
import {
  candlesWithin,
  compareCandles,
  NO_CANDLES,
  overlay,
  overlayAll,
} from '../../../src/data/overlay.ts'
import { type Row, toColumns } from '../../support/scripted-exchange.ts'

const row = (time: number, price: number): Row => [time, price, price + 1, price - 1, price, 1]

/** Sorted candles at some of the first times, of one of three prices. */
const anyPart = fc
  .array(fc.constantFrom(undefined, 5, 6, 7), { maxLength: 12 })
  .map((prices) => prices.flatMap((price, time) => (price === undefined ? [] : [row(time, price)])))

describe('overlay', () => {
  test('prop_ holds what a map would hold, written in order', () => {
    fc.assert(
      fc.property(fc.array(anyPart, { maxLength: 7 }), (parts) => {
        const map = new Map(parts.flat().map((one) => [one[0], one]))
        const expected = toColumns([...map.values()].sort((a, b) => a[0] - b[0]))
        expect(overlayAll(parts.map(toColumns))).toEqual(expected)
        expect(parts.map(toColumns).reduce(overlay, NO_CANDLES)).toEqual(expected)
      }),
    )
  })

  test('parts that follow each other are joined as they are', () => {
    const [first, second] = [[row(1, 5), row(2, 6)], [row(3, 7)]]
    expect(overlayAll([first, second].map(toColumns))).toEqual(toColumns([...first, ...second]))
  })
})

describe('compareCandles', () => {
  test('prop_ counts and keeps what is new or differs', () => {
    fc.assert(
      fc.property(anyPart, anyPart, (fresh, stored) => {
        const before = new Map(stored.map((one) => [one[0], one[1]]))
        const changed = fresh.filter(([time, price]) => before.get(time) !== price)
        const added = fresh.filter(([time]) => !before.has(time)).length
        expect(compareCandles(toColumns(fresh), toColumns(stored))).toEqual({
          changed: toColumns(changed),
          added,
          replaced: changed.length - added,
          unchanged: fresh.length - changed.length,
        })
      }),
    )
  })
})

describe('candlesWithin', () => {
  test('prop_ gives the candles of a range as views', () => {
    fc.assert(
      fc.property(anyPart, fc.integer({ min: -3, max: 15 }), fc.nat(15), (part, fromMs, length) => {
        const all = toColumns(part)
        const toMs = fromMs + length
        const inside = part.filter(([time]) => time >= fromMs && time < toMs)
        const within = candlesWithin(all, { fromMs, toMs })
        expect(within).toEqual(toColumns(inside))
        expect(vectorsOf(within).every((v, i) => v.buffer === vectorsOf(all)[i]?.buffer)).toBe(true)
      }),
    )
  })
})
