import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { join } from 'node:path'
import { ConnectivityError } from '../../../src/core/errors.ts'
import { createArchive } from '../../../src/data/archive/archive.ts'
import { archiveInFolder } from '../../../src/data/archive/folder.ts'
import type { GetBytes } from '../../../src/data/archive/server.ts'
import { candlesWithin, overlay } from '../../../src/data/overlay.ts'
import { createTransport } from '../../../src/exchanges/transport/create-transport.ts'
import { serveArchive } from '../../support/archive-fixture.ts'
import { walkCandles } from '../../support/walk.ts'
import {
  archiveTools,
  DAY,
  day,
  FEBRUARY,
  HOUR,
  JAN,
  JANUARY,
  month,
  onServer,
  plain,
  readAll,
  readFolder,
} from './archive-reading.ts'
import { BTC, failureOf } from './lake-fixture.ts'

setDefaultTimeout(60_000)

const { newFixture, newArchive, of } = archiveTools()

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
