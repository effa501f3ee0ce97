import { describe, expect, test } from 'bun:test'
import ccxt, { type Exchange as Client } from 'ccxt'
import { Markets } from '../../../../src/exchanges/ccxt/markets.ts'

interface Given {
  readonly id: string
  readonly base: string
  readonly quote: string
  readonly spot?: boolean
  readonly active?: boolean
  readonly precision?: object
  readonly limits?: object
}

function marketsOf(client: Client, ...given: readonly Given[]): Markets {
  const complete = given.map(({ spot = true, ...one }) => ({
    symbol: `${one.base}/${one.quote}${spot ? '' : `:${one.quote}`}`,
    type: spot ? 'spot' : 'swap',
    spot,
    baseId: one.base,
    quoteId: one.quote,
    ...one,
  }))
  client.setMarkets(complete.map((one) => client.safeMarketStructure(one)))
  return new Markets('venue', client)
}

describe('the markets of ccxt', () => {
  test('are named by base and quote, however the venue spells them', () => {
    const markets = marketsOf(
      new ccxt.kraken(),
      { id: 'XXBTZUSD', base: 'BTC', quote: 'USD' },
      { id: 'ETH-USDT', base: 'ETH', quote: 'USDT' },
    )
    expect(markets.list.map(({ symbol }) => symbol)).toEqual(['BTCUSD', 'ETHUSDT'])
    expect(markets.nameOf('BTCUSD')).toBe('BTC/USD')
    expect(markets.nameOf('ETHUSDT')).toBe('ETH/USDT')
  })

  test("are found by the venue's own name too, which ccxt may spell otherwise", () => {
    const markets = marketsOf(new ccxt.binance(), { id: 'YOYOBTC', base: 'YOYOW', quote: 'BTC' })
    expect(markets.nameOf('YOYOBTC')).toBe('YOYOW/BTC')
    expect(markets.nameOf('YOYOWBTC')).toBe('YOYOW/BTC')
    expect(markets.nameOf('YOYOW/BTC')).toBe('YOYOW/BTC')
  })

  test('that would share a symbol are refused by it, with the names that tell them apart', () => {
    const markets = marketsOf(
      new ccxt.kucoin(),
      { id: 'A-BUSD', base: 'A', quote: 'BUSD' },
      { id: 'AB-USD', base: 'AB', quote: 'USD' },
    )
    expect(markets.list).toEqual([])
    expect(() => markets.nameOf('ABUSD')).toThrow(
      "'ABUSD' may be A/BUSD ('A-BUSD') and AB/USD ('AB-USD')",
    )
    expect(markets.nameOf('AB-USD')).toBe('AB/USD')
  })

  test('that would share a symbol are told apart by it where the venue itself does', () => {
    const markets = marketsOf(
      new ccxt.binance(),
      { id: 'ABUSD', base: 'A', quote: 'BUSD' },
      { id: 'AB_USD', base: 'AB', quote: 'USD' },
    )
    expect(markets.nameOf('ABUSD')).toBe('A/BUSD')
    expect(markets.list.map(({ base }) => base)).toEqual(['A'])
  })

  test('are those of the spot market only', () => {
    const swap = { id: 'BTCUSDT', base: 'BTC', quote: 'USDT', spot: false }
    const markets = marketsOf(new ccxt.bybit(), swap)
    expect(markets.list).toEqual([])
    expect(() => markets.nameOf('BTCUSDT')).toThrow("no market 'BTCUSDT'")
    expect(() => markets.nameOf('BTC/USDT:USDT')).toThrow('only spot markets are read')
  })

  test('have steps and limits as exact decimals, and none where the venue says nothing', () => {
    const pair = { id: 'X', base: 'BTC', quote: 'USD' }
    const exact = {
      precision: { price: 0.00000001, amount: 1e-7 },
      limits: { amount: { min: 0.00005 }, cost: { min: 5 } },
    }
    expect(marketsOf(new ccxt.kraken(), { ...pair, ...exact }).list[0]?.filters).toEqual({
      tickSize: '0.00000001',
      stepSize: '0.0000001',
      minSize: '0.00005',
      maxSize: undefined,
      minNotional: '5',
    })
    const places = { precision: { price: 2, amount: 0 } }
    const client = new ccxt.kraken()
    client.precisionMode = 2
    expect(marketsOf(client, { ...pair, ...places }).list[0]?.filters).toMatchObject({
      tickSize: '0.01',
      stepSize: '1',
    })
    const bare = marketsOf(new ccxt.kraken(), pair).list[0]
    expect(new Set(Object.values(bare?.filters ?? {}))).toEqual(new Set([undefined]))
  })

  test('are halted where the venue says that they do not trade', () => {
    const pair = { id: 'X', base: 'BTC', quote: 'USD' }
    expect(marketsOf(new ccxt.kraken(), { ...pair, active: false }).list[0]?.status).toBe('halted')
    expect(marketsOf(new ccxt.kraken(), pair).list[0]?.status).toBe('trading')
  })
})
