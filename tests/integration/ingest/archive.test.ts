import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { join } from 'node:path'
import { createLakeStore } from '../../../src/data/index.ts'
import { candlesWithin } from '../../../src/data/overlay.ts'
import type { Simulator } from '../../../src/simulator/index.ts'
import { ArchiveFixture, serveArchive } from '../../support/archive-fixture.ts'
import { startSimulator } from '../../support/simulator.ts'
import { SAMPLE } from '../data/lake-fixture.ts'
import { documentOf, makeProject, parseDocument } from '../e2e/crypto.ts'
import { cryptoInside } from '../e2e/crypto-inside.ts'

setDefaultTimeout(120_000)

const simulators: Simulator[] = []
const projects: ReturnType<typeof makeProject>[] = []
afterAll(async () => {
  for (const simulator of simulators) await simulator.stop()
  for (const project of projects) project.remove()
})

const HOUR = 3_600_000
const DAY = 24 * HOUR
const FROM = Date.UTC(2024, 0, 1)
const month = (number: number) => ({
  fromMs: Date.UTC(2024, number - 1),
  toMs: Date.UTC(2024, number),
})
const INGEST = ['ingest', '--symbol', 'BTCUSDT', '--interval', '1h', '--from', '2024-01-01']

interface IngestDocument {
  readonly series: readonly {
    readonly pages: number
    readonly fetched: number
    readonly archived: number
    readonly written: number
    readonly unverified: number
  }[]
}

/** An exchange whose time is 15 April, and an archive with one sound month, a changed one, and the first days of March. */
async function place() {
  const simulator = await startSimulator({ now: '2024-04-15T00:01:00Z' })
  simulators.push(simulator)
  const project = makeProject()
  projects.push(project)
  const store = createLakeStore({ lake: '/nonexistent', samples: [SAMPLE] })
  const key = { exchange: 'binance', symbol: 'BTCUSDT', interval: '1h' }
  const truth = await store.readCandles({ ...key, fromMs: FROM, toMs: Date.UTC(2024, 3, 15) })
  store.close()
  const archive = new ArchiveFixture(join(project.dir, 'archive'))
  await archive.put('BTCUSDT-1h-2024-01', candlesWithin(truth, month(1)))
  await archive.put('BTCUSDT-1h-2024-02', candlesWithin(truth, month(2)), {
    zip: (bytes) => bytes.slice(0, 5_000),
  })
  for (let day = 0; day < 10; day++) {
    const range = { fromMs: month(3).fromMs + day * DAY, toMs: month(3).fromMs + (day + 1) * DAY }
    const name = `BTCUSDT-1h-2024-03-${String(day + 1).padStart(2, '0')}`
    await archive.put(name, candlesWithin(truth, range), { unit: 'us' })
  }
  const run = (words: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    cryptoInside(words, {
      cwd: project.dir,
      env: { SIM_URL: simulator.url, DEFAULT_EXCHANGE: 'sim', ...env },
    })
  const hash = async () => {
    const lake = createLakeStore({ lake: join(project.dir, 'data/lake') })
    const read = await lake.readCandles({ ...key, exchange: 'sim', fromMs: 0, toMs: 9e14 })
    lake.close()
    return read.hash
  }
  return { run, archive, truth, hash }
}

const ARCHIVED = (31 + 10) * 24

describe('ingestion from an archive', () => {
  test('takes what is sound in a folder, and the exchange fills the rest', async () => {
    const { run, truth, hash } = await place()
    const done = await run([...INGEST, '--from-archive', 'archive', '--json'])
    const [series] = documentOf<IngestDocument>(done).result.series
    const rows = truth.openTime.length
    expect(series).toMatchObject({ archived: ARCHIVED, written: rows, unverified: 0 })
    expect(series?.fetched).toBeLessThan(rows - ARCHIVED + 100)
    expect(done.err).toContain('BTCUSDT-1h-2024-02.zip is not used')
    expect(await hash()).toBe(truth.hash)
    const again = await run([...INGEST, '--from-archive', 'archive', '--json'])
    const [second] = documentOf<IngestDocument>(again).result.series
    expect(second).toMatchObject({ archived: 0, written: 0 })
  })

  test('reads the same from a server, and does without one that is not there', async () => {
    const { run, archive, truth, hash } = await place()
    const server = serveArchive(archive.folder)
    const words = [...INGEST, '--from-archive', server.url.href, '--json']
    const [series] = documentOf<IngestDocument>(await run(words)).result.series
    server.stop()
    expect(series?.archived).toBe(ARCHIVED)
    expect(await hash()).toBe(truth.hash)
    const gone = await run([...words, '--from', '2023-11-01'])
    expect(documentOf<IngestDocument>(gone).result.series[0]).toMatchObject({
      archived: 0,
      written: (30 + 31) * 24,
      unverified: 0,
    })
    expect(gone.err).toContain('the archive is left aside')
  })

  describe('without a network', () => {
    const AWAY = { SIM_URL: 'http://127.0.0.1:1' }
    const FOLDER = ['--from-archive', 'archive', '--json']

    test('stores what is in the folder, and says what could not be asked', async () => {
      const { run } = await place()
      const done = await run([...INGEST, ...FOLDER, '--to', '2024-04-01'], AWAY)
      expect(done.code).toBe(5)
      const { ok, result, warnings } = parseDocument<IngestDocument>(done)
      expect(ok).toBeFalse()
      const [series] = result.series
      const left = (91 - 41) * 24
      expect(series).toMatchObject({ archived: ARCHIVED, written: ARCHIVED, unverified: left })
      const { message } = warnings.find(({ code }) => code === 'EXCHANGE_UNREACHABLE') ?? {}
      expect(message).toContain(
        'The archive lacks candles between 2024-02-01T00:00:00Z and 2024-04-01T00:00:00Z. 1,200 candles',
      )
      const again = await run([...INGEST, ...FOLDER, '--to', '2024-04-01'], AWAY)
      expect([again.code, again.out]).toEqual([5, expect.stringContaining('archive lacks')])
    })

    test('is complete where the folder is, and goes on with the exchange later', async () => {
      const { run, truth, hash } = await place()
      const done = await run([...INGEST, ...FOLDER, '--to', '2024-02-01'], AWAY)
      const [series] = documentOf<IngestDocument>(done).result.series
      expect(series).toMatchObject({ archived: 31 * 24, pages: 0, unverified: 0 })
      expect(done.err.replace(/\s+/g, ' ')).toContain('Only the archive is read')
      documentOf(await run([...INGEST, ...FOLDER]))
      expect(await hash()).toBe(truth.hash)
    })
  })

  test.each([
    ['nowhere', 'holds no archive'],
    ['http://example.com/', 'must be a folder or an https:// address'],
    ['ftp://127.0.0.1/', 'must be a folder or an https:// address'],
    ['https://example.com/?list-type=2', 'must not have a query'],
  ])('refuses %s', async (where, text) => {
    const { run } = await place()
    const refused = await run([...INGEST, '--from-archive', where])
    expect([refused.code, refused.out]).toEqual([2, ''])
    expect(refused.err.replace(/\s+/g, ' ')).toContain(text)
  })
})
