import { expect, test } from 'bun:test'
import { Value } from 'typebox/value'
import binance from '../../../src/exchanges/binance/index.ts'
import { testExchangeDefinition } from '../../contracts/exchange-definition.ts'

testExchangeDefinition(binance)

test('refuses a rate limit that would never send a request', () => {
  const options = Value.Default(binance.options, { rate_limit: 0 })
  expect(Value.Check(binance.options, options)).toBe(false)
})

test('serves the intervals of the shipped configurations', () => {
  for (const interval of ['1m', '1h', '4h', '1d']) expect(binance.intervals).toContain(interval)
})
