import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import type { Server } from 'bun'
import { crypto, documentOf, makeProject, ROOT } from './crypto.ts'

setDefaultTimeout(60_000)

const HOUR = 3_600_000
const FROM = Date.UTC(2024, 0, 1)
const COUNT = 1_200

/** A venue as docs/exchanges.md assumes it, with pages of 500 candles; one request in five is turned away. */
function answer(request: Request): Response {
  const { pathname, searchParams } = new URL(request.url)
  if (pathname === '/time') return Response.json({})
  if (pathname === '/markets') {
    return Response.json([{ symbol: 'BTCUSDT', base: 'BTC', quote: 'USDT' }])
  }
  if (++requests % 5 === 2) {
    return new Response('', { status: 429, headers: { 'Retry-After': '0' } })
  }
  const [from, to] = [Number(searchParams.get('from')), Number(searchParams.get('to'))]
  const first = Math.max(0, (from - FROM) / HOUR)
  const end = Math.min(COUNT, (to - FROM) / HOUR, first + 500)
  const rows = Array.from({ length: Math.max(0, end - first) }, (_, i) => row(first + i))
  return Response.json(rows)
}

const row = (i: number) => [FROM + i * HOUR, 100 + i, 102 + i, 99 + i, 101 + i, 10]

let requests = 0
let server: Server<undefined>
let project: ReturnType<typeof makeProject>

beforeAll(() => {
  server = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: answer })
  const page = readFileSync(`${ROOT}/docs/exchanges.md`, 'utf8')
  const example = /```ts\n(import[^`]*?(?:`[^`]*`[^`]*?)*?\n)```/.exec(page)?.[1]
  if (example === undefined) throw new Error('docs/exchanges.md shows no plugin')
  const exchanges = {
    mine: { adapter: 'my_venue', base_url: `http://127.0.0.1:${server.port}` },
    elsewhere: { adapter: 'my_venue', base_url: 'http://venue.example.com' },
  }
  project = makeProject({
    'plugins/exchanges/my-venue.ts': example,
    'config/exchanges.yaml': JSON.stringify({ exchanges }),
    'config/settings.yaml': JSON.stringify({ default_exchange: 'mine' }),
    'config/strategies.yaml': 'strategies: {}',
    'config/backtests.yaml': 'backtests: {}',
    'config/sweeps.yaml': 'sweeps: {}',
  })
})
afterAll(async () => {
  project.remove()
  await server.stop(true)
})

const ASKED = ['--symbol', 'BTCUSDT', '--interval', '1h', '--json']
const PERIOD = ['--from', '2024-01-01', '--to', '2024-02-20']

test('the exchange plugin of the documentation is listed, ingested from and read by its name', async () => {
  const options = { cwd: project.dir }
  const ingested = documentOf<{ series: readonly Record<string, unknown>[] }>(
    await crypto(['ingest', ...ASKED, ...PERIOD], options),
  )
  expect(ingested.result.series).toMatchObject([
    { exchange: 'mine', symbol: 'BTCUSDT', written: COUNT, holes: 0, quarantined: 0 },
  ])
  const listed = documentOf<{ series: readonly Record<string, unknown>[] }>(
    await crypto(['data', 'list', '--json'], options),
  )
  expect(listed.result.series.find(({ exchange }) => exchange === 'mine')).toMatchObject({
    symbol: 'BTCUSDT',
    rows: COUNT,
  })
})

test('it may not send an unencrypted request beyond this machine', async () => {
  const finished = await crypto(['ingest', '--exchange', 'elsewhere', ...ASKED, ...PERIOD], {
    cwd: project.dir,
  })
  expect(finished.code).toBe(6)
  expect(JSON.parse(finished.out)).toMatchObject({ ok: false, error: { code: 'HOST_REFUSED' } })
})
