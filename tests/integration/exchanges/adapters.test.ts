import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import binance from '../../../src/exchanges/binance/index.ts'
import ccxt from '../../../src/exchanges/ccxt/index.ts'
import type { ExchangeDefinition } from '../../../src/exchanges/exchange.ts'
import type { Simulator } from '../../../src/simulator/index.ts'
import { testExchange } from '../../contracts/exchange.ts'
import { testExchangeDefinition } from '../../contracts/exchange-definition.ts'
import { testExchangeStreams } from '../../contracts/exchange-streams.ts'
import { connectExchange } from '../../support/connect-exchange.ts'
import { startSimulator } from '../../support/simulator.ts'

setDefaultTimeout(60_000)

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
    const asked = JSON.stringify(simulator.requests())
    expect(asked).not.toMatch(/sapi|fapi|dapi|signature|timestamp=/)
  })
})
