import { beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import type { CandleColumns } from '../../../src/core/candles.ts'
import { ConnectivityError } from '../../../src/core/errors.ts'
import { createArchive } from '../../../src/data/archive/archive.ts'
import { archiveInFolder } from '../../../src/data/archive/folder.ts'
import { archiveOnServer, type GetBytes } from '../../../src/data/archive/server.ts'
import { columnsOf, vectorsOf } from '../../../src/data/columns.ts'
import type { ArchivePart, ArchiveSource } from '../../../src/data/ingest/archive-pages.ts'
import { candlesWithin, NO_CANDLES, overlay } from '../../../src/data/overlay.ts'
import type { TimeRange } from '../../../src/data/store.ts'
import { createTransport } from '../../../src/exchanges/transport/create-transport.ts'
import {
  type ArchiveFileOptions,
  ArchiveFixture,
  archiveLines,
  serveArchive,
} from '../../support/archive-fixture.ts'
import { walkCandles } from '../../support/walk.ts'
import { BTC, failureOf, temporaryLakes } from './lake-fixture.ts'

setDefaultTimeout(60_000)

const HOUR = 3_600_000
const DAY = 24 * HOUR
const month = (number: number, year = 2024): TimeRange => ({
  fromMs: Date.UTC(year, number - 1),
  toMs: Date.UTC(year, number),
})
const JANUARY = month(1)
const FEBRUARY = month(2)
const day = (number: number): TimeRange => ({
  fromMs: JANUARY.fromMs + (number - 1) * DAY,
  toMs: JANUARY.fromMs + number * DAY,
})
const JAN = 'BTCUSDT-1h-2024-01'

/** The sample's candles, which are the exchange's own. */
let sample: CandleColumns
const newFixture = temporaryLakes()
beforeAll(async () => {
  const fixture = newFixture()
  sample = await fixture
    .store()
    .readCandles({ ...BTC, fromMs: JANUARY.fromMs, toMs: month(4).toMs })
})
const newArchive = () => new ArchiveFixture(join(newFixture().folder, 'archive'))
const of = (range: TimeRange) => candlesWithin(sample, range)
const plain = (columns: CandleColumns) => columnsOf(vectorsOf(columns).map((v) => v.slice()))

interface Read {
  readonly candles: CandleColumns
  readonly ranges: readonly TimeRange[]
  readonly problems: readonly string[]
  readonly messages: readonly string[]
}

async function readAll(
  source: ArchiveSource,
  ranges: readonly TimeRange[] = [JANUARY],
  interval = '1h',
): Promise<Read> {
  const parts: ArchivePart[] = []
  for await (const part of source.read({ ...BTC, interval, ranges })) parts.push(part)
  const notes = parts.flatMap((part) => ('problem' in part ? [part] : []))
  const found = parts.flatMap((part) => ('candles' in part ? [part] : []))
  return {
    candles: found.reduce((all, { candles }) => overlay(all, candles), NO_CANDLES),
    ranges: found.map(({ range }) => range),
    problems: notes.map(({ problem }) => problem),
    messages: notes.map(({ message }) => message),
  }
}

const readFolder = async (archive: ArchiveFixture, ranges?: readonly TimeRange[]) =>
  await readAll(createArchive(await archiveInFolder(archive.folder)), ranges)

const quickClock = { now: () => 0, sleep: async () => {} }

function onServer(url: URL, changes: { readonly get?: GetBytes; readonly retries?: number } = {}) {
  const transport = createTransport({ exchange: 'archive', hosts: [url.host] })
  const get: GetBytes = (address, signal) => transport.fetchBytes(address, { signal })
  const policy = { retries: changes.retries ?? 2, delayMs: 1, delayMsMax: 1 }
  return createArchive(
    archiveOnServer(url, changes.get ?? get, { policy, clock: quickClock, random: () => 0.5 }),
  )
}

describe('an archive in a folder', () => {
  test('gives the candles of its months, bit for bit', async () => {
    const archive = newArchive()
    await archive.put(JAN, of(JANUARY))
    await archive.put('BTCUSDT-1h-2024-02', of(FEBRUARY), { header: true })
    const read = await readFolder(archive, [{ ...JANUARY, toMs: FEBRUARY.toMs }])
    expect(read.candles).toEqual(plain(of({ ...JANUARY, toMs: FEBRUARY.toMs })))
    expect(read.ranges).toEqual([JANUARY, FEBRUARY])
    expect(read.problems).toEqual([])
  })

  test('gives what is wanted of a month and reads its file once', async () => {
    const archive = newArchive()
    await archive.put(JAN, of(JANUARY))
    const wanted = [day(3), { fromMs: day(9).fromMs, toMs: day(12).fromMs + 5 * HOUR }, day(31)]
    const paths: string[] = []
    const readFile = await archiveInFolder(archive.folder)
    const source = createArchive((path) => {
      paths.push(path)
      return readFile(path)
    })
    const read = await readAll(source, wanted)
    expect(read.ranges).toEqual(wanted)
    expect(read.candles).toEqual(wanted.map(of).reduce(overlay))
    expect(paths).toEqual([
      'spot/monthly/klines/BTCUSDT/1h/BTCUSDT-1h-2024-01.zip',
      'spot/monthly/klines/BTCUSDT/1h/BTCUSDT-1h-2024-01.zip.CHECKSUM',
    ])
  })

  test('may be named with data or without', async () => {
    const archive = newArchive()
    await archive.put(JAN, of(JANUARY))
    const inner = createArchive(await archiveInFolder(join(archive.folder, 'data')))
    expect((await readAll(inner)).candles).toEqual(plain(of(JANUARY)))
  })

  test('that is none is refused', async () => {
    const { folder } = newFixture()
    for (const place of [folder, join(folder, 'nowhere')]) {
      const failure = await failureOf(archiveInFolder(place))
      expect(failure).toMatchObject({ code: 'ARCHIVE_FOLDER', exitCode: 2 })
      expect(failure.message).toContain(place)
    }
  })

  test('counts microseconds from 2025 on', async () => {
    const archive = newArchive()
    const range = month(1, 2025)
    const candles = walkCandles({ ...range, stepMs: HOUR, seed: 4 })
    await archive.put('BTCUSDT-1h-2025-01', candles, { unit: 'us' })
    expect((await readFolder(archive, [range])).candles).toEqual(candles)
  })

  test('has weeks by the month in which they open, and no days of them', async () => {
    const archive = newArchive()
    const week = 7 * DAY
    const range = { fromMs: Date.UTC(2024, 0, 1), toMs: Date.UTC(2024, 2, 4) }
    const weeks = walkCandles({ ...range, stepMs: week, seed: 2 })
    const february = { fromMs: Date.UTC(2024, 1, 5), toMs: range.toMs }
    await archive.put(
      'BTCUSDT-1w-2024-01',
      candlesWithin(weeks, { ...range, toMs: february.fromMs }),
    )
    await archive.put('BTCUSDT-1w-2024-02', candlesWithin(weeks, february))
    const paths: string[] = []
    const readFile = await archiveInFolder(archive.folder)
    const source = createArchive((path) => {
      paths.push(path)
      return readFile(path)
    })
    const more = { ...range, toMs: range.toMs + 2 * week }
    const read = await readAll(source, [more], '1w')
    expect(read.candles).toEqual(weeks)
    expect(read.ranges).toEqual([{ ...range, toMs: february.fromMs }, february])
    expect(paths.filter((path) => path.includes('daily'))).toEqual([])
  })

  test('has no file of a month: its days are read instead', async () => {
    const archive = newArchive()
    for (const one of [1, 2, 4]) {
      await archive.put(`${JAN}-${String(one).padStart(2, '0')}`, of(day(one)))
    }
    const read = await readFolder(archive)
    expect(read.ranges).toEqual([day(1), day(2), day(4)])
    expect(read.candles).toEqual([1, 2, 4].map((one) => of(day(one))).reduce(overlay))
    expect(read.problems).toEqual([])
  })

  test('has neither months nor days of a time: a month takes six looks', async () => {
    const archive = newArchive()
    await archive.put('BTCUSDT-1h-2024-03', of(month(3)))
    const paths: string[] = []
    const readFile = await archiveInFolder(archive.folder)
    const source = createArchive((path) => {
      paths.push(path)
      return readFile(path)
    })
    const read = await readAll(source, [{ fromMs: Date.UTC(2023, 0), toMs: month(3).toMs }])
    expect(read.candles).toEqual(plain(of(month(3))))
    expect(paths).toHaveLength(14 * 6 + 2)
  })
})

const flip = (bytes: Uint8Array) => {
  const changed = bytes.slice()
  changed[changed.length >> 1] = (changed[changed.length >> 1] as number) ^ 1
  return changed
}
const cut = (bytes: Uint8Array) => bytes.slice(0, bytes.length - 2_000)
const otherHash = (text: string) => `${'0'.repeat(64)}${text.slice(64)}`

describe('a file of an archive', () => {
  const useless: readonly (readonly [string, string, string, ArchiveFileOptions])[] = [
    ['whose content is not what its checksum says', 'checksum', 'checksum file', { zip: flip }],
    ['whose checksum is that of another file', 'checksum', 'checksum', { checksum: otherHash }],
    ['whose checksum is no checksum', 'checksum', 'no SHA-256', { checksum: () => '<html>' }],
    ['that is cut short, with a checksum', 'checksum', 'checksum file', { zip: cut }],
    ['that is cut short, without one', 'damaged', 'damaged', { zip: cut, checksum: undefined }],
    ['that is empty', 'damaged', 'damaged', { zip: () => new Uint8Array(0), checksum: undefined }],
    [
      'whose content is changed, without a checksum',
      'damaged',
      'CRC',
      { zip: flip, checksum: undefined },
    ],
    ['that holds another file', 'misnamed', 'ETHUSDT.csv', { innerName: 'ETHUSDT.csv' }],
  ]

  test.each(useless)('%s is not used, and its days are', async (_, problem, text, options) => {
    const archive = newArchive()
    await archive.put(JAN, of(JANUARY), options)
    await archive.put(`${JAN}-05`, of(day(5)))
    const read = await readFolder(archive)
    expect(read.problems).toEqual([problem])
    expect(read.messages[0]).toStartWith(`archive file ${JAN}.zip is not used: `)
    expect(read.messages[0]).toContain(text)
    expect(read.candles).toEqual(plain(of(day(5))))
  })

  test('without a checksum file is used, with a word', async () => {
    const archive = newArchive()
    await archive.put(JAN, of(JANUARY), { checksum: undefined })
    const read = await readFolder(archive)
    expect(read.problems).toEqual(['no_checksum'])
    expect(read.candles).toEqual(plain(of(JANUARY)))
  })

  test('of a month that was cut short gives what it has, and its days the rest', async () => {
    const archive = newArchive()
    const shortened = { ...JANUARY, toMs: day(20).fromMs + 7 * HOUR }
    await archive.put(JAN, of(shortened))
    for (const one of [20, 21]) await archive.put(`${JAN}-${one}`, of(day(one)))
    const read = await readFolder(archive)
    const rest = { fromMs: shortened.toMs, toMs: day(20).toMs }
    expect(read.problems).toEqual(['short'])
    expect(read.messages[0]).toContain(`lacks ${12 * 24 - 7} candle(s)`)
    expect(read.ranges).toEqual([shortened, rest, day(21)])
    expect(read.candles).toEqual(plain(of({ ...JANUARY, toMs: day(21).toMs })))
  })

  test('with several holes in one day reads the file of that day once', async () => {
    const archive = newArchive()
    const isLacking = (line: number) => line % 2 === 1 && line < 24
    await archive.put(JAN, of(JANUARY), { lines: (all) => all.filter((_, i) => !isLacking(i)) })
    await archive.put(`${JAN}-01`, of(day(1)))
    const paths: string[] = []
    const readFile = await archiveInFolder(archive.folder)
    const source = createArchive((path) => {
      paths.push(path)
      return readFile(path)
    })
    const read = await readAll(source)
    expect(read.candles).toEqual(plain(of(JANUARY)))
    expect(read.ranges).toHaveLength(13 + 12)
    expect(paths.filter((path) => path.endsWith(`${JAN}-01.zip`))).toHaveLength(1)
  })

  const rows: readonly (readonly [string, (lines: string[]) => string[]])[] = [
    [
      'a price of zero',
      (lines) => lines.with(5, (lines[5] ?? '').replace(/^(\d+),[\d.]+/, '$1,0')),
    ],
    [
      'a field that is no number',
      (lines) => lines.with(5, (lines[5] ?? '').replace(/^(\d+),[\d.]+/, '$1,x')),
    ],
    ['a row that is cut short', (lines) => lines.with(5, (lines[5] ?? '').slice(0, 60))],
    [
      'a row with other values for a time',
      (lines) => [
        ...lines,
        (lines[5] ?? '').replace(/,7,/, ',8,').replace(/(\d)\.(\d+),/, '$1.99999999,'),
      ],
    ],
  ]
  test.each(rows)('with %s is used without it', async (_, lines) => {
    const archive = newArchive()
    await archive.put(JAN, of(JANUARY), { lines })
    const read = await readFolder(archive)
    expect(read.problems).toContain('rows')
    const sixth = { fromMs: JANUARY.fromMs + 5 * HOUR, toMs: JANUARY.fromMs + 6 * HOUR }
    expect(read.ranges).toEqual([
      { ...JANUARY, toMs: sixth.fromMs },
      { ...JANUARY, fromMs: sixth.toMs },
    ])
  })

  test('with its rows in any order, some of them twice, is used as it should be', async () => {
    const archive = newArchive()
    const lines = (all: string[]) => [...all.slice(300), ...all.slice(0, 310)]
    await archive.put(JAN, of(JANUARY), { lines })
    const read = await readFolder(archive)
    expect(read.candles).toEqual(plain(of(JANUARY)))
    expect(read.problems).toEqual([])
  })

  test('with its rows in any order gives what is wanted of them', async () => {
    const archive = newArchive()
    const lines = (all: string[]) => [...all.slice(300), ...all.slice(0, 310)]
    await archive.put(JAN, of(JANUARY), { lines })
    // One of them lies on both sides of the seam.
    const wanted = [day(3), day(13), day(20)]
    const read = await readFolder(archive, wanted)
    expect(read.ranges).toEqual(wanted)
    expect(read.candles).toEqual(wanted.map(of).reduce(overlay))
    expect(read.problems).toEqual([])
  })

  test('that contradicts itself far from what is wanted is not believed there', async () => {
    const archive = newArchive()
    const noon = { fromMs: day(5).fromMs + 12 * HOUR, toMs: day(5).fromMs + 13 * HOUR }
    const other = walkCandles({ ...noon, stepMs: HOUR, seed: 9 })
    const more = archiveLines(JAN, other)
    await archive.put(JAN, of(JANUARY), { lines: (all) => [...all, ...more] })
    const read = await readFolder(archive, [day(5)])
    expect(read.ranges).toEqual([
      { ...day(5), toMs: noon.fromMs },
      { ...day(5), fromMs: noon.toMs },
    ])
    expect(read.candles).toEqual(read.ranges.map(of).reduce(overlay))
    expect(read.problems).toContain('rows')
  })

  test('with rows of other months gives those of its own', async () => {
    const archive = newArchive()
    const more = archiveLines(JAN, of(FEBRUARY)).slice(0, 48)
    await archive.put(JAN, of(JANUARY), { lines: (all) => [...all, ...more] })
    const read = await readFolder(archive, [{ ...JANUARY, toMs: FEBRUARY.toMs }])
    expect(read.ranges).toEqual([JANUARY])
    expect(read.candles).toEqual(plain(of(JANUARY)))
  })

  test('that cannot be read is not used', async () => {
    const archive = newArchive()
    await archive.put(JAN, of(JANUARY))
    const path = archive.pathOf(JAN)
    renameSync(path, `${path}.aside`)
    mkdirSync(path)
    const read = await readFolder(archive)
    expect(read.problems).toEqual(['unreadable'])
    expect(read.ranges).toEqual([])
  })

  test('of a day may be as bad as one of a month', async () => {
    const archive = newArchive()
    await archive.put(`${JAN}-01`, of(day(1)), { zip: flip })
    await archive.put(`${JAN}-31`, of(day(31)), { unit: 'us' })
    const read = await readFolder(archive)
    expect(read.problems).toEqual(['checksum'])
    expect(read.ranges).toEqual([day(31)])
  })
})

describe('an archive on a server', () => {
  test('gives the same candles, and is asked for nothing else', async () => {
    const archive = newArchive()
    await archive.put(JAN, of(JANUARY))
    await archive.put('BTCUSDT-1h-2024-02', of({ ...FEBRUARY, toMs: FEBRUARY.toMs - DAY }))
    await archive.put('BTCUSDT-1h-2024-02-29', of({ ...FEBRUARY, fromMs: FEBRUARY.toMs - DAY }))
    const server = serveArchive(archive.folder)
    try {
      for (const path of ['', '/', '/data', '/data/']) {
        const read = await readAll(onServer(new URL(path, server.url)), [
          { ...JANUARY, toMs: FEBRUARY.toMs },
        ])
        expect(read.candles).toEqual(plain(of({ ...JANUARY, toMs: FEBRUARY.toMs })))
        expect(read.problems).toEqual(['short'])
      }
      const folder = '/data/spot/monthly/klines/BTCUSDT/1h'
      expect(server.requests.slice(0, 4).sort()).toEqual([
        `${folder}/${JAN}.zip`,
        `${folder}/${JAN}.zip.CHECKSUM`,
        `${folder}/BTCUSDT-1h-2024-02.zip`,
        `${folder}/BTCUSDT-1h-2024-02.zip.CHECKSUM`,
      ])
      expect(server.requests).toHaveLength(4 * 6)
    } finally {
      server.stop()
    }
  })

  test('that is not there is given up after some attempts, with one word', async () => {
    const archive = newArchive()
    const server = serveArchive(archive.folder)
    server.stop()
    const read = await readAll(onServer(server.url), [{ ...JANUARY, toMs: FEBRUARY.toMs }])
    expect(read.problems).toEqual(['unreachable'])
    expect(read.messages[0]).toContain('refused')
    expect(read.ranges).toEqual([])
  })

  test('that fails now and then is asked again; what it lacks is not', async () => {
    const archive = newArchive()
    await archive.put(JAN, of(JANUARY))
    const server = serveArchive(archive.folder)
    const transport = createTransport({ exchange: 'archive', hosts: [server.url.host] })
    const asked = new Map<string, number>()
    const get: GetBytes = async (url) => {
      const times = (asked.get(url) ?? 0) + 1
      asked.set(url, times)
      if (times === 1) throw new ConnectivityError('EXCHANGE_TIMEOUT', 'too slow')
      if (times === 2) return { status: 503, bytes: new Uint8Array(0) }
      return await transport.fetchBytes(url)
    }
    try {
      const read = await readAll(onServer(server.url, { get }), [
        { ...JANUARY, toMs: day(31).toMs },
      ])
      expect(read.candles).toEqual(plain(of(JANUARY)))
      expect([...asked.values()]).toEqual([3, 3])
    } finally {
      server.stop()
    }
  })

  test('that refuses a file, redirects or sends half of it is not believed', async () => {
    const answers: readonly (readonly [string, () => Response])[] = [
      ['answered 403', () => new Response('', { status: 403 })],
      ['redirects', () => Response.redirect('http://example.com/', 302)],
    ]
    for (const [text, answer] of answers) {
      const server = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: answer })
      const read = await readAll(onServer(new URL(server.url)), [day(1)])
      await server.stop(true)
      expect(read.ranges).toEqual([])
      expect(read.problems).toEqual(['unreadable', 'unreadable'])
      expect(read.messages[0]).toContain(text)
    }
  })

  test('ends with the reason when it is stopped', async () => {
    const stop = new AbortController()
    const server = Bun.serve({
      hostname: '127.0.0.1',
      port: 0,
      fetch: () => new Promise<Response>(() => {}),
    })
    const parts = onServer(new URL(server.url)).read({
      ...BTC,
      ranges: [JANUARY],
      signal: stop.signal,
    })
    setTimeout(() => stop.abort(new Error('stopped by hand')), 20)
    const reading = Array.fromAsync(parts)
    await expect(reading).rejects.toThrow('stopped by hand')
    await server.stop(true)
  })

  test.each(['https://a.example/?list=1', 'https://me:secret@a.example/'])(
    'is not named with a query or a password (%s)',
    (address) => {
      const url = new URL(address)
      expect(() => onServer(url)).toThrow('must not have a query or a password')
      expect(() => onServer(url)).not.toThrow('secret')
    },
  )
})
