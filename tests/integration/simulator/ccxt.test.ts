import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import type { Exchange } from 'ccxt'
import ccxt from 'ccxt'
import { CANDLE_COLUMNS } from '../../../src/core/candles.ts'
import type { Simulator } from '../../../src/simulator/index.ts'
import { sampleMarket, startSimulator } from '../../support/simulator.ts'

setDefaultTimeout(60_000)

const HOUR = 3_600_000
const NOW = Date.UTC(2024, 5, 1, 0, 30)

let simulator: Simulator
let client: Exchange

beforeAll(async () => {
  simulator = await startSimulator({ now: NOW })
  client = await connect(simulator)
})
afterAll(async () => {
  await client.close()
  await simulator.stop()
})

/** ccxt as it is, with every address of the exchange replaced: one left out would be asked for real. */
async function connect({ url, streamUrl }: Simulator): Promise<Exchange> {
  const exchange = new ccxt.pro.binance({
    options: { fetchMarkets: { types: ['spot'] }, fetchMargins: false },
    fetchCurrencies: false,
  })
  exchange.has.fetchCurrencies = false
  const addresses = exchange.urls.api as Record<string, unknown>
  for (const name of Object.keys(addresses)) {
    if (typeof addresses[name] === 'string') addresses[name] = `${url}/api/v3`
  }
  addresses.ws = { spot: `${streamUrl}/stream/ws` }
  // Without it ccxt refuses addresses that begin with ws:.
  await exchange.loadHttpProxyAgent()
  return exchange
}

describe('ccxt, unmodified, as a client', () => {
  test('loads the markets with steps and limits', async () => {
    await client.loadMarkets()
    expect(Object.keys(client.markets ?? {}).sort()).toEqual(['BTC/USDT', 'ETH/USDT', 'SOL/USDT'])
    const market = client.market('BTC/USDT')
    expect(market).toMatchObject({
      id: 'BTCUSDT',
      base: 'BTC',
      quote: 'USDT',
      spot: true,
      active: true,
      precision: { price: 0.01, amount: 0.000001 },
    })
    expect(market.limits).toMatchObject({
      cost: { min: 5 },
      amount: { min: 0.000001 },
      price: { min: 0.01 },
    })
  })

  test('reads the simulated time', async () => {
    expect(await client.fetchTime()).toBe(NOW)
  })

  test('pages through a month and gets the stored candles', async () => {
    const from = Date.UTC(2024, 4, 1)
    const to = Date.UTC(2024, 5, 1)
    const fetched: number[][] = []
    while (fetched.length === 0 || Number(fetched.at(-1)?.[0]) < to - HOUR) {
      const since = fetched.length === 0 ? from : Number(fetched.at(-1)?.[0]) + HOUR
      fetched.push(...((await client.fetchOHLCV('BTC/USDT', '1h', since, 300)) as number[][]))
    }
    const stored = await (await sampleMarket()).candles('BTCUSDT', '1h')
    const rows = [...stored.openTime].flatMap((time, i) =>
      from <= time && time <= NOW ? [[time, ...CANDLE_COLUMNS.map((name) => stored[name][i])]] : [],
    )
    // The last one is still forming.
    expect(rows.length).toBe(31 * 24 + 1)
    expect(fetched.slice(0, -1)).toEqual(rows.slice(0, -1) as number[][])
    expect(fetched.at(-1)?.[0]).toBe(to)
    expect(fetched.at(-1)?.[5]).toBeLessThan(rows.at(-1)?.[5] as number)
  })

  test('understands refusals', async () => {
    const error = await client.publicGetKlines({ symbol: 'NOPE', interval: '1h' }).catch(named)
    expect(error).toBe('BadSymbol')
    const limits = { weightPerMinute: 1 }
    const strict = await startSimulator({ limits })
    const other = await connect(strict)
    expect(await other.loadMarkets().catch(named)).toBe('DDoSProtection')
    await other.close()
    await strict.stop()
  })

  test('streams candles', async () => {
    const running = await startSimulator({ now: NOW, speed: 3600 })
    const watcher = await connect(running)
    const candles = new Map<number, number>()
    while (candles.size < 3) {
      for (const [time, , , , close] of await watcher.watchOHLCV('BTC/USDT', '1h')) {
        candles.set(Number(time), Number(close))
      }
    }
    await watcher.close()
    await running.stop()
    const stored = await (await sampleMarket()).candles('BTCUSDT', '1h')
    const [first, second] = [...candles.keys()].sort((a, b) => a - b)
    expect(first).toBe(Date.UTC(2024, 5, 1))
    expect(second).toBe(Date.UTC(2024, 5, 1, 1))
    expect(candles.get(first as number)).toBe(
      stored.close[stored.openTime.indexOf(first as number)] as number,
    )
  })
})

function named(error: Error): string {
  return error.constructor.name
}
