import { Type } from 'typebox'
import { defineExchange } from '../exchange.ts'
import { addressesFor } from './addresses.ts'

/** Request weight per minute and IP address that Binance grants. */
const WEIGHT_PER_MINUTE = 6_000
/** A candle page weighs 2, so that 1,200 requests leave room for other programs. */
const RATE_LIMIT_DEFAULT = 1_200

/**
 * https://developers.binance.com/docs/binance-spot-api-docs/rest-api: kline intervals, without 1s and 1M, which the platform
 * does not know, and 3d, whose candles lie on another grid than its own.
 */
const INTERVALS = '1m 3m 5m 15m 30m 1h 2h 4h 6h 8h 12h 1d 1w'.split(' ')

/** Binance spot. */
export default defineExchange({
  name: 'binance',
  description: 'Binance spot, production or test network.',
  marketKinds: ['spot'],
  intervals: INTERVALS,
  rateLimitDefault: RATE_LIMIT_DEFAULT,
  weightPerMinute: WEIGHT_PER_MINUTE,
  options: Type.Object({}, { additionalProperties: false }),
  hosts(settings, mode) {
    const { rest, stream } = addressesFor(settings, mode)
    return [...new Set([new URL(rest).host, new URL(stream).host])]
  },
  async connect(settings, host, mode) {
    const { BinanceExchange } = await import('./binance-exchange.ts')
    const addresses = addressesFor(settings, mode)
    return new BinanceExchange({ name: settings.name, intervals: INTERVALS, addresses, host })
  },
})
