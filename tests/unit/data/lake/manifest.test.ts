import { afterAll, describe, expect, test } from 'bun:test'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DataError } from '../../../../src/core/errors.ts'
import { digestBytes, digestFile } from '../../../../src/data/lake/digest.ts'
import { seriesFolder } from '../../../../src/data/lake/lake.ts'
import {
  manifestDamage,
  readManifest,
  writeManifest,
} from '../../../../src/data/lake/manifest-file.ts'

const KEY = { exchange: 'venue', symbol: 'BTCUSDT', interval: '1h' }
const FACTS = { rows: 1, first: 0, last: 0, holes: 0, zero_volume: 0, hash: 'abc', bytes: 9 }
const COPY = { ...FACTS, source: { database: 'd', version: 'v' } }

const root = mkdtempSync(join(tmpdir(), 'crypto-manifest-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const folder = seriesFolder(root, KEY)
const path = join(folder, 'manifest.json')

function read(manifest: unknown) {
  mkdirSync(folder, { recursive: true })
  writeFileSync(path, typeof manifest === 'string' ? manifest : JSON.stringify(manifest))
  const { partitions, claims = {} } = readManifest(root, KEY)
  return { partitions, claims }
}

function codeOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    return (error as DataError).code
  }
  return 'none'
}

const schema = 'crypto/lake.series@1'

describe('a manifest', () => {
  const manifest = {
    partitions: { '2024-01': FACTS, '2024-02': COPY },
    claims: { '2024-03': 'd' },
  }

  test('is read as it was written', async () => {
    await writeManifest(root, { ...KEY, ...manifest })
    expect(readManifest(root, KEY)).toEqual({ ...KEY, ...manifest })
    expect(manifestDamage(folder)).toBeUndefined()
  })

  test('of an earlier version, which has no hash of itself, is read', () => {
    expect(read({ schema, ...KEY, ...manifest })).toEqual(manifest)
  })

  test('that is absent is empty', () => {
    rmSync(path, { force: true })
    expect(readManifest(root, KEY)).toEqual({ ...KEY, partitions: {} })
  })

  test.each([
    ['no JSON', '{'],
    ['null', 'null'],
    ['a list', '[]'],
    ['another schema', { schema: 'x', partitions: { '2024-01': FACTS } }],
    ['no partitions', { schema }],
    ['null for partitions', { schema, partitions: null, claims: null }],
    ['text for partitions', { schema, partitions: 'x', claims: 5 }],
    ['null for an entry', { schema, partitions: { '2024-01': null } }],
    ['text for an entry', { schema, partitions: { '2024-01': 'x' } }],
    ['no hash', { schema, partitions: { '2024-01': { ...FACTS, hash: undefined } } }],
    ['text for a number', { schema, partitions: { '2024-01': { ...FACTS, rows: '1' } } }],
    [
      'half a source',
      { schema, partitions: { '2024-01': { ...FACTS, source: { database: 'd' } } } },
    ],
    ['null for a source', { schema, partitions: { '2024-01': { ...FACTS, source: null } } }],
    ['a number for a claim', { schema, partitions: {}, claims: { '2024-01': 7 } }],
    ['no hash of itself', { schema: 'crypto/lake.series@2', partitions: {} }],
  ])('that is damaged (%s) is refused: what it said of the files is lost', (_, damaged) => {
    expect(codeOf(() => read(damaged))).toBe('MANIFEST_DAMAGED')
    expect(manifestDamage(folder)?.message).toContain(path)
  })

  test('is refused whichever bit flips, unless it says the same', async () => {
    await writeManifest(root, { ...KEY, ...manifest })
    const bytes = readFileSync(path)
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = Buffer.from(bytes)
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7))
      writeFileSync(path, flipped)
      const code = codeOf(() => expect(readManifest(root, KEY)).toEqual({ ...KEY, ...manifest }))
      expect(['none', 'MANIFEST_DAMAGED']).toContain(code)
    }
  })
})

describe('a checksum', () => {
  test('of a file is that of its bytes, beyond the size that is read at a time as well', () => {
    for (const size of [0, 1, 2 ** 20, 2 ** 20 + 5, 3 * 2 ** 20]) {
      const bytes = Uint8Array.from({ length: size }, (_, i) => (i * 7) & 255)
      const file = join(root, 'bytes')
      writeFileSync(file, bytes)
      expect(digestFile(file)).toBe(digestBytes(bytes))
      if (size === 0) continue
      bytes[size - 1] = (bytes[size - 1] as number) ^ 1
      expect(digestFile(file)).not.toBe(digestBytes(bytes))
    }
  })
})
