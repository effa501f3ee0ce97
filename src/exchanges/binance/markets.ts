import type { Market, MarketStatus } from '../exchange.ts'
import type { SymbolInfo } from './wire.ts'

/** Statuses under which orders can be placed or not; BREAK is also what a delisted market keeps. */
const STATUSES: Readonly<Record<string, MarketStatus>> = {
  TRADING: 'trading',
  HALT: 'halted',
  BREAK: 'halted',
  CANCEL_ONLY: 'halted',
}

export function marketOf(info: SymbolInfo): Market {
  const filter = (...types: readonly string[]) =>
    info.filters.find(({ filterType }) => types.includes(filterType))
  const price = filter('PRICE_FILTER')
  const lot = filter('LOT_SIZE')
  return {
    symbol: info.symbol,
    base: info.baseAsset,
    quote: info.quoteAsset,
    kind: 'spot',
    // A status that is not known accepts no order as far as we can tell.
    status: info.isSpotTradingAllowed ? (STATUSES[info.status] ?? 'halted') : 'halted',
    filters: {
      tickSize: limitOf(price?.tickSize),
      stepSize: limitOf(lot?.stepSize),
      minSize: limitOf(lot?.minQty),
      maxSize: limitOf(lot?.maxQty),
      minNotional: limitOf(filter('NOTIONAL', 'MIN_NOTIONAL')?.minNotional),
    },
  }
}

/** Zero means that the rule is off. */
function limitOf(text: string | undefined): string | undefined {
  return text === undefined || Number(text) === 0 ? undefined : text
}
