import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import type { Simulator } from '../../../src/simulator/index.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { sampleMarket, startSimulator } from '../../support/simulator.ts'

setDefaultTimeout(60_000)

const HOUR = 3_600_000
const NOW = Date.UTC(2024, 5, 1, 12, 20)

let simulator: Simulator

beforeAll(async () => {
  simulator = await startSimulator({ now: NOW })
})
afterAll(() => simulator.stop())

async function get(path: string, server = simulator) {
  const reply = await fetch(`${server.url}/api/v3/${path}`)
  return { status: reply.status, headers: reply.headers, json: JSON.parse(await reply.text()) }
}

/** Open times of a page, in hours before now. */
async function hours(parameters: string): Promise<readonly number[]> {
  const { status, json } = await get(`klines?symbol=BTCUSDT&interval=1h${parameters}`)
  expect(status).toBe(200)
  const current = Date.UTC(2024, 5, 1, 12)
  return json.map((row: readonly [number]) => (current - row[0]) / HOUR)
}

const hour = (before: number, extraMs = 0) => Date.UTC(2024, 5, 1, 12 - before) + extraMs

describe('klines', () => {
  test('without a range are the newest, oldest first, the unfinished one included', async () => {
    expect(await hours('&limit=3')).toEqual([2, 1, 0])
    expect(await hours('')).toHaveLength(500)
    expect((await hours('')).at(-1)).toBe(0)
  })

  test('with a start are the oldest from there', async () => {
    expect(await hours(`&startTime=${hour(10)}&limit=3`)).toEqual([10, 9, 8])
    expect(await hours(`&startTime=${hour(10, 1)}&limit=3`)).toEqual([9, 8, 7])
    expect(await hours(`&startTime=${hour(2)}`)).toEqual([2, 1, 0])
  })

  test('with an end are the newest up to it, the end included', async () => {
    expect(await hours(`&endTime=${hour(10)}&limit=2`)).toEqual([11, 10])
    expect(await hours(`&endTime=${hour(10, -1)}&limit=2`)).toEqual([12, 11])
  })

  test('with both are those between, the oldest when there are too many', async () => {
    expect(await hours(`&startTime=${hour(5)}&endTime=${hour(3)}`)).toEqual([5, 4, 3])
    expect(await hours(`&startTime=${hour(5)}&endTime=${hour(3)}&limit=2`)).toEqual([5, 4])
    expect(await hours(`&startTime=${hour(3)}&endTime=${hour(5)}`)).toEqual([])
  })

  test('take times in microseconds', async () => {
    expect(await hours(`&startTime=${hour(3)}000&limit=1`)).toEqual([3])
  })

  test('are never more than a thousand', async () => {
    expect(await hours('&limit=5000')).toHaveLength(1000)
  })

  test('do not show what has not happened', async () => {
    expect(await hours(`&startTime=${hour(-1)}`)).toEqual([])
  })

  test('have twelve elements, decimals as text that reads back exactly', async () => {
    const market = await sampleMarket()
    const { openTime, open, high, low, close, volume } = await market.candles('BTCUSDT', '1h')
    const { json } = await get('klines?symbol=BTCUSDT&interval=1h&startTime=0&limit=1000')
    expect(json).toHaveLength(1000)
    for (const [i, row] of json.entries()) {
      expect(row).toHaveLength(12)
      expect(row.slice(0, 6).map(Number)).toEqual(
        [openTime, open, high, low, close, volume].map((column) => column[i]),
      )
      expect(row[6]).toBe(row[0] + HOUR - 1)
    }
    expect(json[0].slice(1, 6).every((text: string) => /^\d+\.\d{8}$/.test(text))).toBe(true)
  })

  test('of the candle that forms grow with the clock', async () => {
    const own = await startSimulator({ now: NOW })
    try {
      const last = async () => (await get('klines?symbol=BTCUSDT&interval=1h&limit=1', own)).json[0]
      const before = await last()
      await own.advance(600_000)
      const after = await last()
      expect(after[0]).toBe(before[0])
      expect(Number(after[5])).toBeGreaterThan(Number(before[5]))
    } finally {
      await own.stop()
    }
  })

  test('of a coarser interval are built from those that are stored', async () => {
    const { json } = await get('klines?symbol=ETHUSDT&interval=4h&startTime=0&limit=1')
    const fine = await get('klines?symbol=ETHUSDT&interval=1h&startTime=0&limit=4')
    const column = (at: number) => fine.json.map((row: readonly string[]) => Number(row[at]))
    expect(Number(json[0][2])).toBe(Math.max(...column(2)))
    expect(Number(json[0][5])).toBe(column(5).reduce((sum: number, v: number) => sum + v, 0))
  })

  test('are the same for charts', async () => {
    const parameters = 'symbol=BTCUSDT&interval=1h&limit=2'
    expect((await get(`uiKlines?${parameters}`)).json).toEqual(
      (await get(`klines?${parameters}`)).json,
    )
  })
})

describe('refusals', () => {
  test.each([
    ['klines?interval=1h', 400, -1102, "'symbol'"],
    ['klines?symbol=BTCUSDT', 400, -1102, "'interval'"],
    ['klines?symbol=btcusdt&interval=1h', 400, -1100, "'symbol'"],
    ['klines?symbol=BTCUSDT&interval=1h&limit=ten', 400, -1100, "'limit'"],
    ['klines?symbol=BTCUSDT&interval=1h&limit=', 400, -1105, "'limit'"],
    ['klines?symbol=BTCUSDT&interval=1h&limit=0', 400, -1130, "'limit'"],
    ['klines?symbol=BTCUSDT&interval=1h&startTime=-5', 400, -1100, "'startTime'"],
    ['klines?symbol=BTCUSDT&interval=1h&symbol=ETHUSDT', 400, -1101, 'Duplicate'],
    ['klines?symbol=BTCUSDT&interval=1h&timeZone=8', 400, -1104, "read '2' parameter(s)"],
    ['klines?symbol=XRPUSDT&interval=1h', 400, -1121, 'Invalid symbol.'],
    ['klines?symbol=BTCUSDT&interval=7h', 400, -1120, 'Invalid interval.'],
    ['klines?symbol=BTCUSDT&interval=1m', 400, -1120, 'Invalid interval.'],
    ['klines?symbol=BTCUSDT&interval=1M', 400, -1120, 'Invalid interval.'],
    ['klines?symbol=BTCUSDT&interval=3d', 400, -1120, 'Simulator: it cannot build 3d candles'],
    ['exchangeInfo?symbol=NOPE', 400, -1121, 'Invalid symbol.'],
    ['exchangeInfo?symbol=BTCUSDT&symbols=["ETHUSDT"]', 400, -1128, 'Combination'],
    ['exchangeInfo?symbols=BTCUSDT', 400, -1100, "'symbols'"],
    ['depth?symbol=BTCUSDT', 404, -5000, '/api/v3/depth'],
  ])('%s', async (path, status, code, words) => {
    const reply = await get(path)
    expect([reply.status, reply.json.code]).toEqual([status, code])
    expect(reply.json.msg).toContain(words)
  })
})

describe('other endpoints', () => {
  test('tell the simulated time', async () => {
    expect((await get('time')).json).toEqual({ serverTime: NOW })
    expect((await get('ping')).json).toEqual({})
  })

  test('describe the markets with the steps that their candles have', async () => {
    const { json } = await get('exchangeInfo?symbols=["BTCUSDT","SOLUSDT"]')
    expect(json.symbols.map((one: { symbol: string }) => one.symbol)).toEqual([
      'BTCUSDT',
      'SOLUSDT',
    ])
    const [btc] = json.symbols
    expect(btc).toMatchObject({ status: 'TRADING', baseAsset: 'BTC', quoteAsset: 'USDT' })
    const filter = (type: string) =>
      btc.filters.find((one: { filterType: string }) => one.filterType === type)
    expect(filter('PRICE_FILTER').tickSize).toBe('0.01000000')
    expect(filter('LOT_SIZE').stepSize).toBe('0.00000100')
    expect(filter('NOTIONAL').minNotional).toBe('5.00000000')
    expect(json.rateLimits[0]).toEqual({
      rateLimitType: 'REQUEST_WEIGHT',
      interval: 'MINUTE',
      intervalNum: 1,
      limit: 6000,
    })
  })

  test('quote the last price', async () => {
    const [, , , , close] = (await get('klines?symbol=ETHUSDT&interval=1h&limit=1')).json[0]
    expect((await get('ticker/price?symbol=ETHUSDT')).json).toEqual({
      symbol: 'ETHUSDT',
      price: close,
    })
    expect((await get('ticker/price')).json).toHaveLength(3)
  })
})

describe('request weight', () => {
  test('is counted as Binance does and said in every reply', async () => {
    const own = await startSimulator({ clock: new ManualClock(0) })
    try {
      const used = async (path: string) =>
        Number((await get(path, own)).headers.get('X-MBX-USED-WEIGHT-1M'))
      const steps = [
        await used('ping'),
        await used('time'),
        await used('klines?symbol=BTCUSDT&interval=1h'),
        await used('klines?symbol=NOPE&interval=1h'),
        await used('exchangeInfo'),
        await used('ticker/price'),
        await used('ticker/price?symbol=BTCUSDT'),
      ]
      expect(steps).toEqual([1, 2, 4, 6, 26, 30, 32])
    } finally {
      await own.stop()
    }
  })

  test('beyond the limit gets 429, then 418, with the time to wait', async () => {
    const own = await startSimulator({ limits: { weightPerMinute: 1, refusalsBeforeBan: 1 } })
    try {
      const replies = [
        await get('exchangeInfo', own),
        await get('ping', own),
        await get('ping', own),
      ]
      expect(replies.map(({ status }) => status)).toEqual([429, 418, 418])
      expect(replies.map(({ json }) => json.code)).toEqual([-1003, -1003, -1003])
      expect(Number(replies[1]?.headers.get('Retry-After'))).toBeWithin(110, 121)
    } finally {
      await own.stop()
    }
  })
})
