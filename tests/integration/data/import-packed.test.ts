import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdirSync, readdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { constants, gzipSync, zstdCompressSync } from 'node:zlib'
import { Uint8ArrayWriter, ZipWriter } from '@zip.js/zip.js'
import { closesOf, csv, importFile, ROWS } from './import-fixture.ts'
import { BTC, failureOf, temporaryLakes } from './lake-fixture.ts'

setDefaultTimeout(60_000)

const lake = temporaryLakes()
const HOUR = 3_600_000

/** Rows enough to fill several blocks of a compressor, none like the other. */
const LONG = csv(
  Array.from({ length: 20_000 }, (_, i) => {
    const price = 100 + ((i * 7919) % 1000) / 8
    return `${1_388_534_400_000 + i * HOUR},${price},${price + 1},${price - 1},${price},${i % 97}`
  }),
)

function zstd(text: string, params: Record<number, number> = {}): Buffer {
  return zstdCompressSync(Buffer.from(text), { params })
}
const CHECKED = { [constants.ZSTD_c_checksumFlag]: 1 }
const SIZELESS = { [constants.ZSTD_c_contentSizeFlag]: 0 }

async function zip(
  files: Readonly<Record<string, string>>,
  options: { readonly password?: string } = {},
): Promise<Buffer> {
  const writer = new ZipWriter(new Uint8ArrayWriter(), { useWebWorkers: false, ...options })
  for (const [name, text] of Object.entries(files)) {
    await writer.add(name, new Response(text).body as ReadableStream)
  }
  return Buffer.from(await writer.close())
}

const skippable = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3])
const text = csv(ROWS)
const whole = {
  gzip: gzipSync(text),
  'gzip of two members': Buffer.concat([gzipSync(text.slice(0, 50)), gzipSync(text.slice(50))]),
  'gzip that zeros follow': Buffer.concat([gzipSync(text), Buffer.alloc(512)]),
  zstd: zstd(text),
  'zstd with a checksum': zstd(text, CHECKED),
  'zstd without its size': zstd(text, SIZELESS),
  'zstd of two frames and one to skip': Buffer.concat([
    zstd(text.slice(0, 50)),
    skippable,
    zstd(text.slice(50)),
  ]),
  zip: await zip({ 'candles.csv': text }),
  'zip from a desktop': await zip({
    'a/btc.csv': text,
    '__MACOSX/a/._btc.csv': 'x',
    '.DS_Store': 'x',
  }),
}

describe('a packed file is known by its content', () => {
  test.each(Object.entries(whole))('%s', async (_, bytes) => {
    // None of them is called what it is.
    const { store, lake: path, done } = importFile(lake(), bytes, {}, 'candles.dat')
    expect(await done).toMatchObject({ rows: 5, added: 5 })
    expect(await closesOf(store)).toEqual([105, 110, 115, 120, 125])
    expect(readdirSync(path)).toEqual(['exchange=binance'])
  })

  test('one that is called packed and is not', async () => {
    expect(await importFile(lake(), text, {}, 'candles.csv.gz').done).toMatchObject({ added: 5 })
  })

  test('Parquet inside of a zip', async () => {
    const file = join(
      import.meta.dir,
      '../../../data/sample/exchange=binance/symbol=BTCUSDT/interval=1h/2024-01.parquet',
    )
    const bytes = await Bun.file(file).bytes()
    const writer = new ZipWriter(new Uint8ArrayWriter(), { useWebWorkers: false })
    await writer.add('m.parquet', new Response(bytes).body as ReadableStream)
    expect(await importFile(lake(), await writer.close()).done).toMatchObject({ added: 744 })
  })
})

/** Says that a file is refused as damaged and nothing is stored of it. */
async function expectRefused(bytes: Uint8Array, name = 'candles.csv.gz'): Promise<string> {
  const { lake: path, store, done } = importFile(lake(), bytes, {}, name)
  const failure = await failureOf(done)
  expect([failure.code, failure.exitCode]).toEqual(['IMPORT_UNREADABLE', 3])
  expect(readdirSync(path)).toEqual([])
  expect(await store.listSeries()).toEqual([])
  return failure.message
}

const packed = {
  gzip: gzipSync(LONG),
  zstd: zstd(LONG, CHECKED),
  'zstd without its size': zstd(LONG, { ...SIZELESS, ...CHECKED }),
  zip: await zip({ 'candles.csv': LONG }),
}

describe('a damaged one is refused, and never imported in part', () => {
  const cases = Object.entries(packed).flatMap(([kind, bytes]) =>
    [1, 4, 8, 30, 0.9, 0.5, 0.1].map((cut) => {
      const kept = cut < 1 ? Math.floor(bytes.length * cut) : bytes.length - cut
      return [kind, kept, bytes] as const
    }),
  )
  test.each(cases)('%s cut to %p bytes', async (_, kept, bytes) => {
    await expectRefused(bytes.subarray(0, kept))
  })

  const flips = Object.entries(packed).flatMap(([kind, bytes]) =>
    Array.from(
      { length: 6 },
      (_, i) => [kind, Math.floor(((i + 0.5) * bytes.length) / 6), bytes] as const,
    ),
  )
  test.each(flips)('%s with a flipped bit in byte %p', async (_, at, bytes) => {
    const flipped = Buffer.from(bytes)
    flipped[at] = (flipped[at] as number) ^ 0x10
    await expectRefused(flipped)
  })

  test.each([
    ['gzip with a wrong CRC-32', flippedAt(packed.gzip, -6)],
    ['gzip with a wrong length', flippedAt(packed.gzip, -2)],
    ['gzip that something follows', Buffer.concat([packed.gzip, Buffer.from('more')])],
    [
      'gzip with a second member that is cut',
      Buffer.concat([packed.gzip, packed.gzip.subarray(0, 40)]),
    ],
    ['zstd with a wrong checksum', flippedAt(packed.zstd, -1)],
    ['zstd that something follows', Buffer.concat([packed.zstd, Buffer.from('more')])],
    [
      'zstd with a second frame that is cut',
      Buffer.concat([packed.zstd, packed.zstd.subarray(0, 40)]),
    ],
    [
      'zstd with a frame to skip that is cut',
      Buffer.concat([packed.zstd, skippable.subarray(0, 9)]),
    ],
  ])('%s', async (_, bytes) => {
    expect(await expectRefused(bytes)).toContain('cut short or damaged')
  })

  test.each([
    ['of two files', zip({ 'a.csv': text, 'b.csv': text }), /2 files \(a.csv, b.csv/],
    ['of none', zip({}), /no file/],
    ['that is encrypted', zip({ 'a.csv': text }, { password: 'x' }), /encrypted/],
    ['that says less than it unpacks to', zip({ 'a.csv': LONG }).then(lyingSize), /damaged/],
  ])('a zip %s', async (_, bytes, message) => {
    expect(await expectRefused(await bytes, 'candles.zip')).toMatch(message)
  })

  test('a zip whose list of files is too long for memory', async () => {
    const bytes = Buffer.from(packed.zip)
    bytes.writeUInt32LE(0x7fff_ffff, bytes.lastIndexOf('PK\x05\x06') + 12)
    expect(await expectRefused(bytes)).toContain('more files')
  })
})

function flippedAt(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes)
  const index = at < 0 ? bytes.length + at : at
  copy[index] = (copy[index] as number) ^ 0x55
  return copy
}

/** The sizes in both headers of the only entry become smaller than what is packed. */
function lyingSize(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes)
  copy.writeUInt32LE(1000, copy.lastIndexOf('PK\x01\x02') + 24)
  return copy
}

describe('only a plain file is opened', () => {
  test.each([
    ['a pipe', 'pipe', 'it is a pipe'],
    ['a folder', 'folder', 'it is a folder'],
    ['a link to a device', 'zero', 'it is a device'],
  ])('%s is refused at once', async (_, name, reason) => {
    const { folder, store } = lake()
    Bun.spawnSync(['mkfifo', join(folder, 'pipe')])
    mkdirSync(join(folder, 'folder'))
    symlinkSync('/dev/zero', join(folder, 'zero'))
    const failure = await failureOf(store().importCandles({ ...BTC, file: join(folder, name) }))
    expect([failure.code, failure.exitCode]).toEqual(['IMPORT_FILE', 3])
    expect(failure.message).toContain(reason)
  })

  test.each([
    ['a stream of Arrow', Buffer.from([255, 255, 255, 255, 8, 0]), 'it is an Arrow stream'],
    ['Feather of before', Buffer.from('FEA1\0\0'), 'it is Feather 1'],
    ['a tape inside of gzip', gzipSync(gzipSync(text)), 'what is packed in it is gzip'],
  ])('%s is named', async (_, bytes, reason) => {
    expect(await expectRefused(bytes)).toContain(reason)
  })
})
