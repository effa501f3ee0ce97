import { afterEach, describe, expect, setDefaultTimeout, test } from 'bun:test'
import type { CandleColumns } from '../../../src/core/candles.ts'
import type { Simulator } from '../../../src/simulator/index.ts'
import { sampleMarket, startSimulator, type TestSimulatorOptions } from '../../support/simulator.ts'

setDefaultTimeout(60_000)

const HOUR = 3_600_000
/** Where the clock stands unless told otherwise. */
const NOW = Date.UTC(2024, 5, 1)
const KLINES = 'klines?symbol=BTCUSDT&interval=1h&limit=100'

const running: Simulator[] = []
afterEach(async () => {
  for (const simulator of running.splice(0)) await simulator.stop()
})

async function start(options: TestSimulatorOptions): Promise<Simulator> {
  const simulator = await startSimulator(options)
  running.push(simulator)
  return simulator
}

/** A connection of its own for each request: one that breaks must not touch the next. */
function get(simulator: Simulator, path: string, signal?: AbortSignal): Promise<Response> {
  const headers = { Connection: 'close' }
  return fetch(`${simulator.url}/api/v3/${path}`, signal ? { headers, signal } : { headers })
}

type Row = readonly [openTime: number, ...text: string[]]

async function rowsOf(simulator: Simulator, path = KLINES): Promise<readonly Row[]> {
  return JSON.parse(await (await get(simulator, path)).text())
}

async function truth(): Promise<CandleColumns> {
  return await (await sampleMarket()).candles('BTCUSDT', '1h')
}

/** What a client sees of a request: its status, or how it failed. */
async function outcome(simulator: Simulator, path = KLINES): Promise<string> {
  try {
    const reply = await get(simulator, path)
    const body = await reply.text()
    try {
      JSON.parse(body)
      return String(reply.status)
    } catch {
      return `${reply.status} not JSON`
    }
  } catch {
    return 'broken'
  }
}

describe('a broken network', () => {
  test.each([[{ kind: 'reset' }], [{ kind: 'reset', at: 'in_body' }], [{ kind: 'truncated' }]])(
    '%j is a failed request, and the next one is well',
    async (fault) => {
      const simulator = await start({ faults: [{ ...fault, max_times: 1 }] })
      expect([await outcome(simulator), await outcome(simulator)]).toEqual(['broken', '200'])
      expect(simulator.stats().faults).toEqual({ [fault.kind]: 1 })
    },
  )

  test('truncates the body and announces its whole length, or that of the rest', async () => {
    const whole = await (await get(await start({}), KLINES)).text()
    const raw = async (content_length: string) => {
      const simulator = await start({ faults: [{ kind: 'truncated', content_length }] })
      return await rawReply(simulator, `/api/v3/${KLINES}`)
    }
    const lying = await raw('original')
    expect(lying.announced).toBe(whole.length)
    expect(lying.body.length).toBeWithin(1, whole.length)
    expect(whole).toStartWith(lying.body)

    const honest = await raw('honest')
    expect(honest.announced).toBe(honest.body.length)
    expect(honest.body.length).toBeWithin(1, whole.length)
  })

  test('lets a client see JSON that is cut, when the length is honest', async () => {
    const simulator = await start({ faults: [{ kind: 'truncated', content_length: 'honest' }] })
    expect(await outcome(simulator)).toBe('200 not JSON')
  })

  test('stalls after the headers until the client gives up', async () => {
    const simulator = await start({ faults: [{ kind: 'stalled', max_times: 1 }] })
    const reply = await get(simulator, KLINES, AbortSignal.timeout(300))
    expect(reply.status).toBe(200)
    expect(await reply.text().catch((error: Error) => error.name)).toBe('TimeoutError')
    expect(await outcome(simulator)).toBe('200')
  })

  test('delays replies', async () => {
    const simulator = await start({ faults: [{ kind: 'latency', min_ms: 60, max_ms: 90 }] })
    const startedMs = performance.now()
    await get(simulator, 'ping')
    expect(performance.now() - startedMs).toBeGreaterThan(59)
  })
})

describe('refusals in place of an answer', () => {
  test('are server errors with JSON or with HTML', async () => {
    const simulator = await start({
      faults: [
        { kind: 'server_error', max_times: 1 },
        { kind: 'server_error', status: 502, body: 'html', max_times: 1 },
      ],
    })
    const first = await get(simulator, 'ping')
    expect([first.status, JSON.parse(await first.text()).code]).toEqual([503, -1008])
    const second = await get(simulator, 'ping')
    expect([second.status, second.headers.get('Content-Type')]).toEqual([502, 'text/html'])
    expect(await second.text()).toContain('<html>')
    expect((await get(simulator, 'ping')).status).toBe(200)
  })

  test('come in bursts of 429 with the time to wait', async () => {
    const simulator = await start({
      faults: [{ kind: 'rate_limited', requests: 3, retry_after_seconds: 7, max_times: 1 }],
    })
    const statuses: number[] = []
    for (let i = 0; i < 5; i++) {
      const reply = await get(simulator, 'ping')
      statuses.push(reply.status)
      if (reply.status === 429) expect(reply.headers.get('Retry-After')).toBe('7')
    }
    expect(statuses).toEqual([429, 429, 429, 200, 200])
  })
})

describe('rows of one reply', () => {
  test('are left out once, and there when asked again', async () => {
    const simulator = await start({ faults: [{ kind: 'missing_rows', rows: 5 }] })
    const asked = await rowsOf(await start({}))
    const seen = new Map<number, number>()
    for (let i = 0; i < 3; i++) {
      const rows = await rowsOf(simulator)
      expect(rows.length).toBeWithin(95, 101)
      for (const [openTime] of rows) seen.set(openTime, (seen.get(openTime) ?? 0) + 1)
    }
    // Missing at most once in three replies.
    expect(asked.filter(([openTime]) => (seen.get(openTime) ?? 0) < 2)).toEqual([])
    expect(asked.some(([openTime]) => seen.get(openTime) === 2)).toBe(true)
  })

  test('are repeated or out of order', async () => {
    const repeated = await rowsOf(await start({ faults: [{ kind: 'duplicate_rows', rows: 4 }] }))
    expect(repeated.length).toBeWithin(101, 105)
    expect(new Set(repeated.map(([openTime]) => openTime)).size).toBe(100)

    const shuffled = await rowsOf(await start({ faults: [{ kind: 'unsorted_rows', rows: 9 }] }))
    const times = shuffled.map(([openTime]) => openTime)
    expect(times).not.toEqual(times.toSorted())
    expect(new Set(times).size).toBe(100)
  })

  test('are spoiled once, and sound when asked again', async () => {
    const simulator = await start({ faults: [{ kind: 'invalid_rows', rows: 3 }] })
    const sound = await rowsOf(await start({}))
    const differing = async () => {
      const rows = await rowsOf(simulator)
      return rows.flatMap((row, i) => (Bun.deepEquals(row, sound[i]) ? [] : [i]))
    }
    const [first, second] = [await differing(), await differing()]
    expect(first.length).toBeWithin(1, 4)
    expect(second.filter((i) => first.includes(i))).toEqual([])
  })
})

describe("the exchange's records", () => {
  test('have holes where the plan says so, for everybody and for good', async () => {
    const faults = [{ kind: 'holes', from: '2024-05-30T02:00:00Z', to: '2024-05-30T05:00:00Z' }]
    const simulator = await start({ faults })
    const path = `klines?symbol=BTCUSDT&interval=1h&startTime=${Date.UTC(2024, 4, 30)}&limit=6`
    const hours = (await rowsOf(simulator, path)).map(([time]) => new Date(time).getUTCHours())
    expect(hours).toEqual([0, 1, 5, 6, 7, 8])
    expect(await rowsOf(simulator, path)).toEqual(await rowsOf(simulator, path))
    // A day is not missing because three of its hours are.
    expect(await rowsOf(simulator, 'klines?symbol=BTCUSDT&interval=1d&limit=3')).toHaveLength(3)
  })

  test('have holes at random that follow from the seed', async () => {
    const faults = [{ kind: 'holes', probability: 0.1 }]
    const times = async (seed: number) =>
      (await rowsOf(await start({ faults, seed }), `${KLINES}&startTime=0`)).map(([time]) => time)
    const first = await times(1)
    const holes = (Number(first.at(-1)) - Number(first[0])) / HOUR + 1 - first.length
    expect(holes).toBeWithin(3, 30)
    expect(await times(1)).toEqual(first)
    expect(await times(2)).not.toEqual(first)
  })

  test('are corrected some time after the close', async () => {
    const { openTime, close, volume } = await truth()
    const simulator = await start({
      now: '2024-06-01T00:00:10Z',
      faults: [{ kind: 'late_corrections', settle_seconds: 30 }],
    })
    const index = openTime.indexOf(Date.UTC(2024, 4, 31, 23))
    const lastClosed = async () =>
      (await rowsOf(simulator, `${KLINES}&endTime=${openTime[index]}`)).at(-1)
    const early = await lastClosed()
    expect(Number(early?.[5])).toBeLessThan(volume[index] as number)
    expect(Number(early?.[5])).toBeGreaterThan((volume[index] as number) * 0.9)
    await simulator.advance(20_000)
    const late = await lastClosed()
    expect([Number(late?.[4]), Number(late?.[5])]).toEqual([
      close[index] as number,
      volume[index] as number,
    ])
  })

  test('hold candles that are wrong whenever they are asked for', async () => {
    // Where two entries meet they must not make it right again.
    const everywhere = { kind: 'corrupt_candles', from: '2024-05-31', to: '2024-06-01' }
    const faults = [{ kind: 'corrupt_candles', probability: 0.05 }, everywhere, everywhere]
    const simulator = await start({ faults })
    const rows = await rowsOf(simulator)
    const broken = rows.filter(([, ...text]) => {
      const [open = 0, high = 0, low = 0, close = 0, volume = 0] = text.map(Number)
      return !(
        low > 0 &&
        low <= Math.min(open, close) &&
        high >= Math.max(open, close) &&
        volume >= 0
      )
    })
    expect(broken.length).toBeWithin(25, 44)
    const lastDay = Date.UTC(2024, 4, 31)
    expect(broken.filter(([time]) => time >= lastDay && time < NOW)).toHaveLength(24)
    expect(await rowsOf(simulator)).toEqual(rows)
  })
})

test('the clock may be wrong', async () => {
  const simulator = await start({ faults: [{ kind: 'clock_skew', offset_ms: -4500 }] })
  const { serverTime } = JSON.parse(await (await get(simulator, 'time')).text())
  expect(serverTime).toBe(simulator.now() - 4500)
})

test('faults keep to their endpoints, symbols and simulated time', async () => {
  const simulator = await start({
    now: '2024-06-01',
    faults: [
      { kind: 'server_error', endpoints: ['time'], status: 500 },
      { kind: 'server_error', symbols: ['ETHUSDT'], status: 502 },
      { kind: 'server_error', from: '2024-06-02', to: '2024-06-03', status: 504 },
    ],
  })
  const all = async () => [
    await outcome(simulator, 'time'),
    await outcome(simulator, 'klines?symbol=ETHUSDT&interval=1h'),
    await outcome(simulator),
  ]
  expect(await all()).toEqual(['500', '502', '200'])
  await simulator.advance(24 * HOUR)
  expect(await all()).toEqual(['500', '502', '504'])
  await simulator.advance(24 * HOUR)
  expect(await all()).toEqual(['500', '502', '200'])
})

test('the same seed and the same requests meet the same faults, whatever happens in between', async () => {
  const faults = [
    { kind: 'reset', probability: 0.2 },
    { kind: 'truncated', probability: 0.2, content_length: 'honest' },
    { kind: 'server_error', probability: 0.2 },
    { kind: 'missing_rows', probability: 0.5, rows: 3 },
  ]
  const series = async (seed: number, other: boolean) => {
    const simulator = await start({ faults, seed })
    const seen: string[] = []
    for (let i = 0; i < 25; i++) {
      const kind = await outcome(simulator)
      if (other) await outcome(simulator, 'klines?symbol=ETHUSDT&interval=1h&limit=5')
      seen.push(
        `${kind} ${simulator.requests().findLast(({ query }) => query.includes('BTC'))?.faults}`,
      )
    }
    return seen
  }
  const first = await series(7, false)
  expect(new Set(first).size).toBeGreaterThan(3)
  expect(await series(7, true)).toEqual(first)
  expect(await series(8, false)).not.toEqual(first)
})

interface RawReply {
  readonly announced: number
  readonly body: string
}

/** Reads a reply without an HTTP client, which would hide what arrived of it. */
async function rawReply(simulator: Simulator, path: string): Promise<RawReply> {
  const { promise, resolve } = Promise.withResolvers<string>()
  let received = ''
  await Bun.connect({
    hostname: '127.0.0.1',
    port: Number(new URL(simulator.url).port),
    socket: {
      open: (socket) =>
        void socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`),
      data: (_, bytes) => {
        received += bytes.toString('latin1')
      },
      close: () => resolve(received),
    },
  })
  const text = await promise
  const head = text.slice(0, text.indexOf('\r\n\r\n'))
  const announced = Number(/content-length: (\d+)/i.exec(head)?.[1])
  return { announced, body: text.slice(head.length + 4) }
}
