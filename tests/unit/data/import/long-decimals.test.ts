import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { nearest } from '../../../../src/data/import/long-decimals.ts'

/** A decimal of 39 to 76 digits, and how many of them stand behind the point. */
const decimals = fc
  .integer({ min: 39, max: 76 })
  .chain((precision) =>
    fc.tuple(
      fc.bigInt({ min: 1n - 10n ** BigInt(precision), max: 10n ** BigInt(precision) - 1n }),
      fc.integer({ min: 0, max: precision }),
    ),
  )

/** The bytes of a Parquet decimal, written one by one from its last. */
function bytesOf(value: bigint): Uint8Array {
  const bytes = new Uint8Array(32)
  for (let i = 31, rest = value; i >= 0; i--, rest >>= 8n) bytes[i] = Number(rest & 255n)
  return bytes
}

function textOf(value: bigint, scale: number): string {
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, '0')
  const point = digits.length - scale
  return `${value < 0n ? '-' : ''}${digits.slice(0, point)}.${digits.slice(point)}`
}

test('prop_a decimal of any precision and scale becomes the nearest double', () => {
  fc.assert(
    fc.property(decimals, ([value, scale]) => {
      expect(nearest(bytesOf(value), scale)).toBe(Number(textOf(value, scale)))
    }),
    { examples: [[[-1n, 0]], [[2n ** 53n + 1n, 0]], [[10n ** 76n - 1n, 76]]] },
  )
})

test('no decimal becomes no number', () => {
  expect(nearest(undefined, 2)).toBeNaN()
})
