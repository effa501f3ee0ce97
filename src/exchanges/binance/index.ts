import { Type } from 'typebox'
import { defineExchange } from '../exchange.ts'

/** Request weight per minute and IP that Binance grants is 6,000; a candle page costs 2, so 1,200 requests leave room. */
const RATE_LIMIT_DEFAULT = 1_200

/** Binance spot. Intervals: https://developers.binance.com/docs/binance-spot-api-docs (kline intervals, without 1s and 1M). */
export default defineExchange({
  name: 'binance',
  description: 'Binance spot, production or test network.',
  marketKinds: ['spot'],
  intervals: [
    '1m',
    '3m',
    '5m',
    '15m',
    '30m',
    '1h',
    '2h',
    '4h',
    '6h',
    '8h',
    '12h',
    '1d',
    '3d',
    '1w',
  ],
  rateLimitDefault: RATE_LIMIT_DEFAULT,
  options: Type.Object({}, { additionalProperties: false }),
})
