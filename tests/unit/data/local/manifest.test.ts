import { afterAll, describe, expect, test } from 'bun:test'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { seriesFolder } from '../../../../src/data/local/lake.ts'
import { readManifest } from '../../../../src/data/local/manifest.ts'

const KEY = { exchange: 'venue', symbol: 'BTCUSDT', interval: '1h' }
const FACTS = { rows: 1, first: 0, last: 0, holes: 0, zero_volume: 0, hash: 'abc', bytes: 9 }
const COPY = { ...FACTS, source: { database: 'd', version: 'v' } }

const root = mkdtempSync(join(tmpdir(), 'crypto-manifest-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

function read(manifest: unknown) {
  const folder = seriesFolder(root, KEY)
  mkdirSync(folder, { recursive: true })
  const text = typeof manifest === 'string' ? manifest : JSON.stringify(manifest)
  writeFileSync(join(folder, 'manifest.json'), text)
  const { partitions, claims = {} } = readManifest(root, KEY)
  return { partitions, claims }
}

const schema = 'crypto/lake.series@1'
const EMPTY = { partitions: {}, claims: {} }

describe('a manifest', () => {
  test('is read as it was written', () => {
    const manifest = {
      partitions: { '2024-01': FACTS, '2024-02': COPY },
      claims: { '2024-03': 'd' },
    }
    expect(read({ schema, ...KEY, ...manifest })).toEqual(manifest)
  })

  test.each([
    ['no JSON', '{'],
    ['null', 'null'],
    ['another schema', { schema: 'x', partitions: { '2024-01': FACTS } }],
    ['no partitions', { schema }],
    ['null for partitions', { schema, partitions: null, claims: null }],
    ['text for partitions', { schema, partitions: 'x', claims: 5 }],
  ])('that is damaged (%s) counts as empty', (_, manifest) => {
    expect(read(manifest)).toEqual(EMPTY)
  })

  test.each([
    ['null', null],
    ['text', 'x'],
    ['without a hash', { ...FACTS, hash: undefined }],
    ['with text for a number', { ...FACTS, rows: '1' }],
    ['with half a source', { ...FACTS, source: { database: 'd' } }],
    ['with null for a source', { ...FACTS, source: null }],
  ])('loses an entry that is damaged (%s) and keeps the others', (_, entry) => {
    const partitions = { '2024-01': entry, '2024-02': FACTS }
    expect(read({ schema, partitions, claims: { '2024-01': 7 } })).toEqual({
      partitions: { '2024-02': FACTS },
      claims: {},
    })
  })
})
