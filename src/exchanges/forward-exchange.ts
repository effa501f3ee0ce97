import type { Exchange } from './exchange.ts'

/** The same connection as an object of ours, whose parts can be replaced: an adapter's own may be frozen, or of a class. */
export function forwardExchange(exchange: Exchange): Exchange {
  const { simulatedTime, watchCandles, trading } = exchange
  return {
    name: exchange.name,
    candlesPerPage: exchange.candlesPerPage,
    seeksForward: exchange.seeksForward,
    intervals: exchange.intervals,
    serverTime: (signal) => exchange.serverTime(signal),
    markets: (signal) => exchange.markets(signal),
    candles: (query, signal) => exchange.candles(query, signal),
    ...(simulatedTime && { simulatedTime: simulatedTime.bind(exchange) }),
    ...(watchCandles && { watchCandles: watchCandles.bind(exchange) }),
    ...(trading && { trading }),
    close: () => exchange.close(),
  }
}
