import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import binance from '../../../src/exchanges/binance/index.ts'
import ccxt from '../../../src/exchanges/ccxt/index.ts'
import type { ExchangeDefinition } from '../../../src/exchanges/exchange.ts'
import type { Simulator } from '../../../src/simulator/index.ts'
import { testExchange } from '../../contracts/exchange.ts'
import { testExchangeDefinition } from '../../contracts/exchange-definition.ts'
import { testExchangeStreams } from '../../contracts/exchange-streams.ts'
import { connectExchange } from '../../support/connect-exchange.ts'
import { startSimulator } from '../../support/simulator.ts'

/** As the registry has it: the options of an entry have been checked by its schema. */
const CCXT = ccxt as ExchangeDefinition

testExchange(binance)
testExchangeStreams(binance)
testExchangeDefinition(CCXT)
testExchange(CCXT, { exchange: 'binance' })
testExchangeStreams(CCXT, { exchange: 'binance' })

function ccxtOf(exchange: string, baseUrl: string) {
  return connectExchange(CCXT, { baseUrl, options: { exchange } })
}

describe('two adapters over one venue', () => {
  let simulator: Simulator
  beforeAll(async () => {
    simulator = await startSimulator({ now: '2024-06-01' })
  })
  afterAll(() => simulator.stop())

  test('give the same bits', async () => {
    const { exchange: native } = await connectExchange(binance, { baseUrl: simulator.url })
    const { exchange: library } = await ccxtOf('binance', simulator.url)
    const query = {
      symbol: 'ETHUSDT',
      interval: '1h',
      fromMs: Date.UTC(2024, 3, 1),
      toMs: Date.UTC(2024, 4, 1),
    }
    const mine = await native.candles(query)
    expect(mine.openTime).toHaveLength(720)
    expect(await library.candles(query)).toEqual(mine)
    await Promise.all([native.close(), library.close()])
  })

  test('nothing that is signed, and no other product, is asked for', async () => {
    const { exchange: library } = await ccxtOf('binance', simulator.url)
    await library.markets()
    await library.close()
    const asked = await (await fetch(`${simulator.url}/sim/requests`)).text()
    expect(asked).not.toMatch(/sapi|fapi|dapi|signature|timestamp=/)
  })
})

describe('other exchanges of ccxt', () => {
  test('an unknown one is refused with the nearest name', async () => {
    await expect(ccxtOf('krakn', 'http://127.0.0.1:1')).rejects.toMatchObject({
      code: 'UNKNOWN_NAME',
      message: expect.stringContaining("'kraken'"),
    })
  })

  test('kraken: its own paths, its own shape of candles, and the market under its plain name', async () => {
    const rows = [0, 1, 2].map((i) => [
      1_714_521_600 + i * 3_600,
      '60.1',
      '61.2',
      '59.3',
      '60.4',
      '60',
      `${i}.5`,
      9,
    ])
    const server = Bun.serve({
      hostname: '127.0.0.1',
      port: 0,
      fetch(request) {
        const { pathname } = new URL(request.url)
        if (pathname.endsWith('/AssetPairs'))
          return Response.json({ error: [], result: KRAKEN_PAIRS })
        if (pathname.endsWith('/Assets')) return Response.json({ error: [], result: {} })
        if (pathname.endsWith('/Time'))
          return Response.json({ error: [], result: { unixtime: 1_714_600_000 } })
        return Response.json({ error: [], result: { XXBTZUSD: rows, last: 0 } })
      },
    })
    const { exchange } = await ccxtOf('kraken', `http://127.0.0.1:${server.port}`)
    const [market] = await exchange.markets()
    expect(market).toMatchObject({ symbol: 'BTCUSD', base: 'BTC', quote: 'USD' })
    const fromMs = 1_714_521_600_000
    const query = { symbol: 'BTCUSD', interval: '1h', fromMs, toMs: fromMs + 3 * 3_600_000 }
    const page = await exchange.candles(query)
    expect([...page.close]).toEqual([60.4, 60.4, 60.4])
    expect([...page.volume]).toEqual([0.5, 1.5, 2.5])
    expect(exchange.intervals).toContain('4h')
    expect(exchange.seeksForward).toBe(true)
    await exchange.close()
    await server.stop(true)
  })
})

/** As Kraken publishes a pair, shortened to what identifies it. */
const KRAKEN_PAIRS = {
  XXBTZUSD: {
    altname: 'XBTUSD',
    wsname: 'XBT/USD',
    aclass_base: 'currency',
    base: 'XXBT',
    aclass_quote: 'currency',
    quote: 'ZUSD',
    lot: 'unit',
    pair_decimals: 1,
    lot_decimals: 8,
    lot_multiplier: 1,
    leverage_buy: [],
    leverage_sell: [],
    fees: [[0, 0.4]],
    fees_maker: [[0, 0.25]],
    ordermin: '0.00005',
    costmin: '0.5',
    tick_size: '0.1',
    status: 'online',
  },
}
