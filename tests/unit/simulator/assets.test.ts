import { expect, test } from 'bun:test'
import { leastOrder, splitSymbol } from '../../../src/simulator/market/assets.ts'

test.each([
  ['BTCUSDT', 'BTC', 'USDT', '5.00000000'],
  ['ETHBTC', 'ETH', 'BTC', '0.00010000'],
  ['BTCFDUSD', 'BTC', 'FDUSD', '5.00000000'],
  ['BNBETH', 'BNB', 'ETH', '0.00100000'],
  ['USDTTRY', 'USDT', 'TRY', '5.00000000'],
  ['EURUSDC', 'EUR', 'USDC', '5.00000000'],
  ['1000SATSUSDT', '1000SATS', 'USDT', '5.00000000'],
  ['ABCXYZ', 'ABC', 'XYZ', '5.00000000'],
])('%s is %s paid with %s', (symbol, base, quote, least) => {
  expect(splitSymbol(symbol)).toEqual({ base, quote })
  expect(leastOrder({ base, quote })).toBe(least)
})

test('a symbol that is itself a quote asset still has two parts', () => {
  expect(splitSymbol('USDT')).toEqual({ base: 'U', quote: 'SDT' })
})
