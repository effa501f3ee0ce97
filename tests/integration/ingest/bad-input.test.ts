import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { testWithPostgres } from '../../support/databases.ts'
import { documentOf } from '../e2e/crypto.ts'
import {
  ALL,
  INGEST,
  type IngestDocument,
  ingestScenes,
  SLOW,
  served,
  settingsFor,
  YEAR,
} from './ingest-scene.ts'

setDefaultTimeout(120_000)

const { venue, newServer } = ingestScenes()

describe('what cannot be fetched', () => {
  const refused: readonly (readonly [string, readonly string[], number, string])[] = [
    [
      'an unknown symbol',
      ['ingest', '--symbol', 'BTCUSD', '--interval', '1h', '--days', '1'],
      2,
      "'BTCUSDT'",
    ],
    [
      'an unknown interval',
      ['ingest', '--symbol', 'BTCUSDT', '--interval', '7m', '--days', '1'],
      2,
      '7m',
    ],
    ['an unknown exchange', [...YEAR, '--exchange', 'binanse'], 2, "'binance'"],
    ['reversed dates', [...INGEST, '--from', '2024-03-01', '--to', '2024-02-01'], 2, 'before --to'],
    ['dates in the future', [...INGEST, '--from', '2025-01-01'], 2, 'future'],
    [
      'an end in the future',
      [...INGEST, '--from', '2024-01-01', '--to', '2025-01-01'],
      2,
      'future',
    ],
  ]
  test.each(refused)('%s', async (_, words, code, text) => {
    const { run } = await venue()
    const said = await run(words)
    expect([said.code, said.out]).toEqual([code, ''])
    expect(said.err.replace(/\s+/g, ' ')).toContain(text)
  })

  test('the longest period begins after 1970, by the clock of the first markets too', async () => {
    const { run } = await venue({ now: '2009-01-03' })
    const words = ['ingest', '--symbol', 'BTCUSDT', '--interval', '1d']
    const longest = await run([...words, '--days', '14000', '--json'])
    expect(longest.code).toBe(0)
    const since = await run([...words, '--from', '1970-01-01', '--dry-run', '--json'])
    expect(since.code).toBe(0)
  })

  test('an exchange that is not there ends with 5', async () => {
    const { run } = await venue()
    const gone = await run(YEAR, { env: { SIM_URL: 'http://127.0.0.1:1' } })
    expect(gone.code).toBe(5)
    expect(gone.err).toContain('refused')
  })

  test('a long ban ends this command and every later one with 5, which says until when', async () => {
    const { run, dir } = await venue()
    let requests = 0
    const banned = Bun.serve({
      port: 0,
      hostname: '127.0.0.1',
      fetch() {
        requests++
        return new Response('', { status: 418, headers: { 'Retry-After': '999999999' } })
      },
    })
    const env = { SIM_URL: banned.url.origin, TMPDIR: dir }
    const first = await run(YEAR, { env })
    expect([first.code, requests]).toEqual([5, 1])
    for (const more of [[], ['--dry-run'], ['--follow']]) {
      const later = await run([...YEAR, ...more, '--json'], { env })
      expect(later.code).toBe(5)
      const { error } = JSON.parse(later.out)
      expect(error.code).toBe('RATE_LIMITED')
      expect(error.message).toMatch(/accepts no requests from this address until \d{4}-/)
    }
    expect(requests).toBe(1)
    await banned.stop(true)
  })

  test.each([
    ['2099', Date.UTC(2099, 11, 31)],
    ['1971', Date.UTC(1971, 0, 1)],
  ])(
    'an exchange whose clock says %s ends with 5, names both clocks and stores nothing',
    async (year, nowMs) => {
      const { run } = await venue()
      const strange = Bun.serve({
        port: 0,
        hostname: '127.0.0.1',
        fetch(request) {
          const headers = { Date: new Date(nowMs).toUTCString() }
          const { pathname } = new URL(request.url)
          if (pathname === '/api/v3/time') return Response.json({ serverTime: nowMs }, { headers })
          if (pathname === '/api/v3/klines') {
            const row = [
              nowMs - 3 * 3_600_000,
              '1',
              '2',
              '0.5',
              '1',
              '1',
              nowMs,
              '1',
              1,
              '1',
              '1',
              '0',
            ]
            return Response.json([row], { headers })
          }
          const symbols = [
            {
              symbol: 'BTCUSDT',
              status: 'TRADING',
              baseAsset: 'BTC',
              quoteAsset: 'USDT',
              isSpotTradingAllowed: true,
              filters: [],
            },
          ]
          return Response.json(
            { timezone: 'UTC', serverTime: nowMs, rateLimits: [], symbols },
            { headers },
          )
        },
      })
      const env = { SIM_URL: strange.url.origin }
      for (const more of [[], ['--dry-run'], ['--follow']]) {
        const failed = await run([...INGEST, '--days', '1', ...more, '--json'], { env })
        const { error } = JSON.parse(failed.out)
        expect([failed.code, error.code]).toEqual([5, 'EXCHANGE_CLOCK'])
        expect(error.message).toContain(`its clock says ${year}-`)
        expect(error.message).toContain(`says ${new Date().toISOString().slice(0, 10)}`)
      }
      const listed = JSON.parse((await run(['data', 'list', '--json'])).out)
      expect(
        listed.result.series.filter(({ exchange }: { exchange: string }) => exchange === 'sim'),
      ).toEqual([])
      await strange.stop(true)
    },
  )

  test('an address beyond the machine that is not encrypted is refused before anything is sent', async () => {
    const { run } = await venue()
    const plain = await run(YEAR, { env: { SIM_URL: 'http://api.example.com' } })
    expect(plain.code).toBe(6)
    expect(plain.err).toContain('not encrypted')
  })
})

describe('trouble on the way', () => {
  test('two ingestions of one symbol: the second is refused, the first is whole', async () => {
    const { start, simulator } = await venue({ faults: SLOW })
    const first = start([...YEAR, '--json'])
    await served(simulator, 1)
    const second = await start([...YEAR, '--json'])
    expect(second.code).toBe(1)
    expect(JSON.parse(second.out).error.code).toBe('SERIES_BUSY')
    expect(documentOf<IngestDocument>(await first).result.series[0]?.written).toBe(ALL)
  })

  test('Ctrl-C keeps what is stored, and the same command goes on from there', async () => {
    const { run, start, simulator } = await venue({ faults: SLOW })
    const stopped = await start([...YEAR, '--json'], {
      during: async (child) => {
        await served(simulator, 3)
        child.kill('SIGINT')
      },
    })
    expect(stopped.code).toBe(130)
    const [before] = JSON.parse(stopped.out).result.series as IngestDocument['series']
    expect(before?.written).toBeGreaterThan(0)
    expect((before?.written ?? 0) + (before?.unverified ?? 0)).toBe(ALL)
    const [after] = documentOf<IngestDocument>(await run([...YEAR, '--json'])).result.series
    expect((before?.written ?? 0) + (after?.written ?? 0)).toBe(ALL)
  })

  test('a full disk: a clear error, nothing lost, and the command goes on once there is room', async () => {
    const { run, start, dir } = await venue()
    const full = await start([...YEAR, '--json'], { shell: 'ulimit -f 200;' })
    expect(full.code).toBe(1)
    // The limit of a process stands for the disk: SQLite calls a full disk by its name, and the limit a failed write.
    expect(['DISK_FULL', 'WRITE_FAILED']).toContain(JSON.parse(full.out).error.code)
    const later = documentOf<IngestDocument>(await run([...YEAR, '--json']))
    expect(later.result.series[0]?.unverified).toBe(0)
    const folder = join(dir, 'data/lake/exchange=sim/symbol=BTCUSDT/interval=1h')
    expect(readdirSync(folder).filter((name) => /^\d{4}-\d{2}\.parquet$/.test(name))).toHaveLength(
      12,
    )
    expect((await run(['data', 'list'])).out).toContain('8,784')
  })

  test('a month file that was cut short is named; a repair sets it aside and fetches the month again', async () => {
    const { run, dir } = await venue()
    await run(YEAR)
    const file = join(dir, 'data/lake/exchange=sim/symbol=BTCUSDT/interval=1h/2023-09.parquet')
    truncateSync(file, 999)
    const broken = await run(YEAR)
    expect(broken.code).toBe(3)
    const said = broken.err.replace(/\s+/g, '')
    expect(said).toContain('2023-09.parquet')
    expect(said).toContain('--repair')
    const repaired = await run([...YEAR, '--repair', '--json'])
    const [healed] = documentOf<IngestDocument>(repaired).result.series
    expect(healed).toMatchObject({ written: 720, unverified: 0 })
    expect(repaired.err.replace(/\s+/g, '')).toContain('2023-09.parquet.damaged')
    expect(statSync(`${file}.damaged`).size).toBe(999)
    rmSync(file)
    const [fetched] = documentOf<IngestDocument>(await run([...YEAR, '--json'])).result.series
    expect(fetched?.written).toBe(720)
  })

  test('a month file that was damaged without a change of its size is fetched again by one repair', async () => {
    const { run, dir } = await venue()
    await run(YEAR)
    const file = join(dir, 'data/lake/exchange=sim/symbol=BTCUSDT/interval=1h/2023-09.parquet')
    const bytes = readFileSync(file)
    writeFileSync(file, bytes.fill(0xa5, 1_000, 9_000))
    const september = [...INGEST, '--from', '2023-09-01', '--to', '2023-10-01']
    for (const period of [september, YEAR]) {
      const repaired = await run([...period, '--repair', '--json'])
      const [series] = documentOf<IngestDocument>(repaired).result.series
      expect(series).toMatchObject({ written: period === september ? 720 : 0, unverified: 0 })
    }
    expect((await run(['data', 'check', '--symbol', 'BTCUSDT', '--exchange', 'sim'])).code).toBe(0)
  })
})

describe('trouble with the database', () => {
  testWithPostgres('down at the start, or a wrong password: 5, and the way out', async () => {
    const server = await newServer()
    const wrong = await venue({}, settingsFor(server, { DB_PASSWORD: 'not-the-password' }))
    const refused = await wrong.run([...YEAR, '--json'])
    expect([refused.code, JSON.parse(refused.out).error.code]).toEqual([5, 'DATABASE_REFUSED'])
    expect(refused.out).not.toContain('not-the-password')
    const nowhere = await venue({}, settingsFor(server, { DB_PORT: '1' }))
    const down = await nowhere.run([...YEAR, '--json'])
    expect([down.code, JSON.parse(down.out).error.code]).toEqual([5, 'DATABASE_UNREACHABLE'])
  })

  testWithPostgres('restarted in the middle: the run goes on by itself', async () => {
    const server = await newServer()
    const { run, start, simulator } = await venue({ faults: SLOW }, settingsFor(server))
    expect((await run(['db', 'migrate'])).code).toBe(0)
    const survived = await start([...YEAR, '--json'], {
      during: async () => {
        await served(simulator, 3)
        await server.crash()
        await server.restart()
      },
    })
    const [series] = documentOf<IngestDocument>(survived).result.series
    expect(series?.unverified).toBe(0)
    expect(survived.err).toMatch(/Going\s+on\s+in/)
    expect((await run(['data', 'list'])).out).toContain('8,784')
  })
})
