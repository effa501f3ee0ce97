import { decimalText } from './decimal.ts'
import type { Candle } from './market/series.ts'

/**
 * What the wire says of a candle and the lake does not hold. Trades and what takers bought are invented: a trade for
 * every thousand of the quote asset, at the mean of open, high, low and close, half of them by takers.
 */
export interface Activity {
  readonly quoteVolume: string
  readonly trades: number
  readonly takerVolume: string
  readonly takerQuoteVolume: string
}

const QUOTE_PER_TRADE = 1000

export function activityOf({ open, high, low, close, volume }: Candle): Activity {
  const quote = volume * ((open + high + low + close) / 4)
  return {
    quoteVolume: hundredths(quote),
    trades: Math.ceil(quote / QUOTE_PER_TRADE),
    takerVolume: hundredths(volume / 2),
    takerQuoteVolume: hundredths(quote / 2),
  }
}

/** Figures that are invented need no more decimals, and whole numbers are written much faster than others. */
function hundredths(value: number): string {
  const count = Math.round(value * 100)
  const whole = Math.floor(count / 100)
  return `${whole}.${String(count - whole * 100).padStart(2, '0')}000000`
}

/** A candle as `GET /api/v3/klines` writes it: twelve elements. */
export type KlineRow = readonly [
  openTime: number,
  open: string,
  high: string,
  low: string,
  close: string,
  volume: string,
  closeTime: number,
  quoteVolume: string,
  trades: number,
  takerVolume: string,
  takerQuoteVolume: string,
  unused: '0',
]

/** @param ms length of the candle */
export function klineRow(candle: Candle, ms: number): KlineRow {
  const activity = activityOf(candle)
  return [
    candle.openTime,
    decimalText(candle.open),
    decimalText(candle.high),
    decimalText(candle.low),
    decimalText(candle.close),
    decimalText(candle.volume),
    candle.openTime + ms - 1,
    activity.quoteVolume,
    activity.trades,
    activity.takerVolume,
    activity.takerQuoteVolume,
    '0',
  ]
}
