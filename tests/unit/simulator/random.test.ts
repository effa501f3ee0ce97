import { describe, expect, test } from 'bun:test'
import { Dice, mix, textKey } from '../../../src/simulator/random.ts'

describe('mix', () => {
  test('is MurmurHash3 (x86, 32 bit, seed 0) over little-endian 64-bit integers', () => {
    const keys = [[], [0], [1], [1, 2], [1_717_200_000_000], [4_294_967_295, 7, 1_000_000]]
    expect(keys.map(mix)).toEqual(keys.map(murmurOfBytes))
    // A published vector: four bytes of zero; here they are the length of nothing else.
    expect(murmur(new Uint8Array(4))).toBe(0x2362f9de)
  })
})

test('texts that differ have different keys', () => {
  const texts = ['', 'a', 'b', 'ab', 'ba', 'klines BTCUSDT 1h', 'klines BTCUSDT 1d']
  expect(new Set(texts.map(textKey)).size).toBe(texts.length)
})

describe('dice', () => {
  test('throw the same for the same key, and go on from throw to throw', () => {
    const throws = (key: readonly number[]) => {
      const dice = new Dice(key)
      return Array.from({ length: 20 }, () => dice.between(0, 1_000_000))
    }
    expect(throws([1, 2, 3])).toEqual(throws([1, 2, 3]))
    expect(throws([1, 2, 3])).not.toEqual(throws([1, 2, 4]))
    expect(new Set(throws([1, 2, 3])).size).toBe(20)
  })

  test('keep to probabilities and bounds', () => {
    const count = 20_000
    const hits = Array.from({ length: count }, (_, i) => new Dice([9, i]).chance(0.03))
    expect(hits.filter(Boolean).length / count).toBeCloseTo(0.03, 2)
    const values = Array.from({ length: count }, (_, i) => new Dice([9, i]).between(3, 6))
    for (const value of [3, 4, 5, 6]) {
      expect(values.filter((one) => one === value).length / count).toBeCloseTo(0.25, 1)
    }
    expect(new Dice([1]).chance(0)).toBe(false)
    expect(new Dice([1]).chance(1)).toBe(true)
  })
})

function murmurOfBytes(parts: readonly number[]): number {
  const bytes = new DataView(new ArrayBuffer(parts.length * 8))
  parts.forEach((part, i) => {
    bytes.setBigUint64(i * 8, BigInt(part), true)
  })
  return murmur(new Uint8Array(bytes.buffer))
}

/** From the description of the algorithm, with exact integers. */
function murmur(bytes: Uint8Array): number {
  const word = (value: bigint) => BigInt.asUintN(32, value)
  const rotate = (value: bigint, by: bigint) => word((value << by) | (value >> (32n - by)))
  const view = new DataView(bytes.buffer)
  let hash = 0n
  for (let at = 0; at < bytes.length; at += 4) {
    const k = word(BigInt(view.getUint32(at, true)) * 0xcc9e2d51n)
    hash = rotate(hash ^ word(rotate(k, 15n) * 0x1b873593n), 13n)
    hash = word(hash * 5n + 0xe6546b64n)
  }
  hash ^= BigInt(bytes.length)
  hash = word((hash ^ (hash >> 16n)) * 0x85ebca6bn)
  hash = word((hash ^ (hash >> 13n)) * 0xc2b2ae35n)
  return Number(hash ^ (hash >> 16n))
}
