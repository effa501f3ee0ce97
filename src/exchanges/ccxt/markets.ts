import type { Exchange as Client } from 'ccxt'
import type { Market } from '../exchange.ts'

/** A market with ccxt's name of it, such as `BTC/USDT`. */
export interface NamedMarket {
  readonly id: string
  readonly market: Market
}

/** ccxt's modes of precision: decimal places, or the step itself. */
const DECIMAL_PLACES = 2
const TICK_SIZE = 4

/**
 * Returns the loaded spot markets by the platform's symbol: base and quote without a separator. Two markets that would share
 * a symbol are both left out, since a name has to mean one thing.
 */
export function marketsOf(client: Client): ReadonlyMap<string, NamedMarket> {
  const markets = new Map<string, NamedMarket>()
  const taken = new Set<string>()
  for (const one of Object.values(client.markets ?? {})) {
    if (one?.spot !== true || !one.base || !one.quote) continue
    const symbol = `${one.base}${one.quote}`
    if (taken.has(symbol)) markets.delete(symbol)
    else markets.set(symbol, { id: one.symbol, market: marketOf(client, symbol, one) })
    taken.add(symbol)
  }
  return markets
}

type CcxtMarket = NonNullable<NonNullable<Client['markets']>[string]>

function marketOf(client: Client, symbol: string, one: CcxtMarket): Market {
  const { amount, cost } = one.limits
  return {
    symbol,
    base: one.base,
    quote: one.quote,
    kind: 'spot',
    // Where the venue says nothing of it, a listed market trades.
    status: one.active === false ? 'halted' : 'trading',
    filters: {
      tickSize: stepOf(client, one.precision.price),
      stepSize: stepOf(client, one.precision.amount),
      minSize: textOf(client, amount?.min),
      maxSize: textOf(client, amount?.max),
      minNotional: textOf(client, cost?.min),
    },
  }
}

function stepOf(client: Client, precision: number | undefined): string | undefined {
  if (precision === undefined) return undefined
  if (client.precisionMode === TICK_SIZE) return textOf(client, precision)
  if (client.precisionMode !== DECIMAL_PLACES) return undefined
  return precision <= 0 ? `1${'0'.repeat(-precision)}` : `0.${'0'.repeat(precision - 1)}1`
}

function textOf(client: Client, value: number | undefined): string | undefined {
  return value === undefined || value === 0 ? undefined : client.numberToString(value)
}
