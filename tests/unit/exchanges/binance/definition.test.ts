import { expect, test } from 'bun:test'
import binance from '../../../../src/exchanges/binance/index.ts'
import { testExchangeDefinition } from '../../../contracts/exchange-definition.ts'

testExchangeDefinition(binance)

test("does not offer candles of three days, which lie beside the platform's", () => {
  expect(binance.intervals).not.toContain('3d')
})

test('serves the intervals of the shipped configurations', () => {
  for (const interval of ['1m', '1h', '4h', '1d']) expect(binance.intervals).toContain(interval)
})
