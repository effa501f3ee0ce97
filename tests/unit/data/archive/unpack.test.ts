import { describe, expect, test } from 'bun:test'
import { Uint8ArrayReader, Uint8ArrayWriter, ZipWriter } from '@zip.js/zip.js'
import { unpack } from '../../../../src/data/archive/unpack.ts'

const NAME = 'BTCUSDT-1h-2024-01.csv'
const CONTENT = new TextEncoder().encode('1704067200000,1,2,0.5,1.5,10\n')
/** Where the central directory has the unpacked size of its first entry, from the signature of the entry. */
const SIZE_AT = 24

async function zipOf(content: Uint8Array): Promise<Uint8Array> {
  const writer = new ZipWriter(new Uint8ArrayWriter(), { useWebWorkers: false })
  await writer.add(NAME, new Uint8ArrayReader(content))
  return await writer.close()
}

/** The zip with another unpacked size in its directory. */
function claiming(zip: Uint8Array, size: number): Uint8Array {
  const bytes = Buffer.from(zip)
  const entry = bytes.indexOf('PK\x01\x02', 0, 'latin1')
  bytes.writeUInt32LE(size, entry + SIZE_AT)
  return bytes
}

describe('unpack', () => {
  test('returns the file in the zip', async () => {
    expect(await unpack(await zipOf(CONTENT), NAME)).toEqual(CONTENT)
  })

  test('refuses a file that says it is larger than any known one, and unpacks nothing of it', async () => {
    const size = 512 * 1_048_576 + 1
    await expect(unpack(claiming(await zipOf(CONTENT), size), NAME)).rejects.toMatchObject({
      kind: 'damaged',
      message: `it would unpack to ${size} bytes`,
    })
  })

  test('refuses a file that unpacks to another length than it says', async () => {
    for (const size of [1, 5_000]) {
      await expect(unpack(claiming(await zipOf(CONTENT), size), NAME)).rejects.toMatchObject({
        kind: 'damaged',
      })
    }
  })
})
