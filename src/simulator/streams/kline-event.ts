import { decimalText } from '../decimal.ts'
import { activityOf } from '../kline.ts'
import type { Candle } from '../market/series.ts'
import type { KlineStream } from './stream-name.ts'

/** A candle at a moment, as a stream tells it. */
export interface KlineUpdate {
  readonly stream: KlineStream
  readonly candle: Candle
  /** Length of the candle, milliseconds. */
  readonly ms: number
  readonly isClosed: boolean
  /** Simulated time. */
  readonly eventMs: number
}

/**
 * The payload of `<symbol>@kline_<interval>`:
 * https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams (Kline/Candlestick Streams).
 * The lake knows no trades: their ids are the open time and the numbers after it.
 */
export function klineEvent({ stream, candle, ms, isClosed, eventMs }: KlineUpdate) {
  const { symbol, interval } = stream
  const { quoteVolume, trades, takerVolume, takerQuoteVolume } = activityOf(candle)
  return {
    e: 'kline',
    E: eventMs,
    s: symbol,
    k: {
      t: candle.openTime,
      T: candle.openTime + ms - 1,
      s: symbol,
      i: interval,
      f: trades === 0 ? -1 : candle.openTime,
      L: trades === 0 ? -1 : candle.openTime + trades - 1,
      o: decimalText(candle.open),
      c: decimalText(candle.close),
      h: decimalText(candle.high),
      l: decimalText(candle.low),
      v: decimalText(candle.volume),
      n: trades,
      x: isClosed,
      q: quoteVolume,
      V: takerVolume,
      Q: takerQuoteVolume,
      B: '0',
    },
  }
}

export function shutdownEvent(eventMs: number) {
  return { e: 'serverShutdown', E: eventMs }
}
