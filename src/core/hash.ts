import { createHash } from 'node:crypto'

/** Text is hashed as UTF-8, typed arrays as their bytes in memory (little-endian on every platform Bun runs on). */
export type Hashable = string | ArrayBufferView

/** Returns the SHA-256 of one value in hex: what `sha256sum` prints for a file with those bytes. */
export function sha256(value: Hashable): string {
  return createHash('sha256').update(bytesOf(value)).digest('hex')
}

function bytesOf(value: Hashable): Uint8Array {
  if (typeof value === 'string') return new TextEncoder().encode(value)
  return new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
}

/**
 * Returns JSON with the keys of every object sorted, so that equal values give equal text and an equal hash.
 * Members that are undefined are left out, as JSON.stringify does.
 * @throws TypeError for what JSON cannot carry without loss: non-finite numbers, bigints, functions, class instances, cycles
 */
export function canonicalJson(value: unknown): string {
  return encode(value, [])
}

function encode(value: unknown, ancestors: readonly object[]): string {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') {
    return JSON.stringify(value)
  }
  if (typeof value === 'number') return encodeNumber(value)
  if (typeof value !== 'object') throw new TypeError(`canonicalJson: cannot hold a ${typeof value}`)
  if (ancestors.includes(value)) throw new TypeError('canonicalJson: the value contains itself')
  const path = [...ancestors, value]
  if (Array.isArray(value)) return `[${value.map((item) => encode(item, path)).join(',')}]`
  return encodeObject(value, path)
}

function encodeNumber(value: number): string {
  if (!Number.isFinite(value)) throw new TypeError(`canonicalJson: ${value} is not finite`)
  return JSON.stringify(value)
}

function encodeObject(value: object, path: readonly object[]): string {
  const prototype = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) {
    throw new TypeError(`canonicalJson: cannot hold an instance of ${value.constructor.name}`)
  }
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${encode(member, path)}`)
  return `{${members.join(',')}}`
}
