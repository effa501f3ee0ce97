import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { canonicalJson, sha256 } from '../../../src/core/hash.ts'

describe('sha256', () => {
  test('gives the published digests', () => {
    // FIPS 180-2, appendix B.1, and the digest of the empty message.
    expect(sha256('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
    expect(sha256('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
  })

  test('hashes text as UTF-8', () => {
    expect(sha256('µ')).toBe(sha256(new Uint8Array([0xc2, 0xb5])))
  })

  test('sees only the bytes of a view, wherever its memory lies', () => {
    const shared = new Float64Array(new SharedArrayBuffer(40), 8, 2)
    shared.set([1.5, -2])
    const digest = sha256(new Float64Array([1.5, -2]))
    expect(sha256(shared)).toBe(digest)
    expect(sha256(new Float64Array([9, 1.5, -2, 9]).subarray(1, 3))).toBe(digest)
    expect(sha256(new Float64Array([1.5, 2]))).not.toBe(digest)
  })
})

describe('canonicalJson', () => {
  test('sorts keys at every depth and keeps the order of arrays', () => {
    const text = canonicalJson({ b: [3, 1, { d: null, c: 'x' }], a: true, '1': -0 })
    expect(text).toBe('{"1":0,"a":true,"b":[3,1,{"c":"x","d":null}]}')
  })

  test('leaves undefined members out and refuses undefined elsewhere', () => {
    expect(canonicalJson({ a: undefined, b: 1 })).toBe('{"b":1}')
    expect(() => canonicalJson([undefined])).toThrow(TypeError)
  })

  test('means the same value as JSON, whatever the order of keys', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value)
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)))
        expect(canonicalJson(reversed(value))).toBe(text)
      }),
    )
  })

  const cycle: Record<string, unknown> = {}
  cycle.self = cycle
  test.each([
    ['NaN', Number.NaN],
    ['infinity', [Number.POSITIVE_INFINITY]],
    ['a bigint', 1n],
    ['a function', { run: () => 1 }],
    ['a date', new Date(0)],
    ['a map', new Map()],
    ['a cycle', cycle],
  ])('refuses %s', (_, value) => {
    expect(() => canonicalJson(value)).toThrow(TypeError)
  })

  test('takes one object in two places for what it is: no cycle', () => {
    const shared = { a: 1 }
    expect(canonicalJson([shared, shared])).toBe('[{"a":1},{"a":1}]')
  })
})

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).reverse()
  return Object.fromEntries(entries.map(([key, member]) => [key, reversed(member)]))
}
