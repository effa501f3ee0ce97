/** Quote assets of Binance spot, longest first where one ends with another. */
const QUOTES = [
  ...['FDUSD', 'USDT', 'USDC', 'TUSD', 'BUSD', 'USDP', 'DOGE'],
  ...['BTC', 'ETH', 'BNB', 'SOL', 'XRP', 'TRX', 'DAI'],
  ...['EUR', 'GBP', 'TRY', 'BRL', 'JPY', 'AUD', 'UAH', 'RUB', 'ZAR', 'PLN', 'ARS', 'MXN', 'USD'],
]

/** Coins worth so much that the least order is a small fraction of one. */
const LEAST_ORDERS: Readonly<Record<string, string>> = {
  BTC: '0.00010000',
  ETH: '0.00100000',
  BNB: '0.01000000',
}

export interface Assets {
  readonly base: string
  readonly quote: string
}

/**
 * Splits a symbol into what is traded and what it is paid with. A quote asset that Binance does not have is taken to be
 * the last three letters.
 *
 * @example splitSymbol('ETHBTC') // { base: 'ETH', quote: 'BTC' }
 */
export function splitSymbol(symbol: string): Assets {
  const known = QUOTES.find((quote) => symbol.endsWith(quote) && symbol.length > quote.length)
  const at = symbol.length - (known?.length ?? Math.min(3, symbol.length - 1))
  return { base: symbol.slice(0, at), quote: symbol.slice(at) }
}

/** Least value of an order, in the quote asset. */
export function leastOrder({ quote }: Assets): string {
  return LEAST_ORDERS[quote] ?? '5.00000000'
}
