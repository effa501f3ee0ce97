import type { Exchange as Client } from 'ccxt'
import { ConfigError } from '../../core/errors.ts'
import { didYouMean } from '../../core/suggest.ts'
import type { Market } from '../exchange.ts'

/** ccxt's modes of precision: decimal places, or the step itself. */
const DECIMAL_PLACES = 2
const TICK_SIZE = 4

/** A market with ccxt's name of it, such as `BTC/USDT`. */
interface NamedMarket {
  readonly id: string
  readonly market: Market
}

/**
 * The loaded spot markets by the platform's symbol: base and quote without a separator. A name that two markets have means
 * neither.
 */
export class Markets {
  readonly #exchange: string
  readonly #bySymbol: ReadonlyMap<string, readonly NamedMarket[]>
  /** The markets that can be named. */
  readonly list: readonly Market[]

  /** @param exchange key in exchanges.yaml, for messages */
  constructor(exchange: string, client: Client) {
    this.#exchange = exchange
    this.#bySymbol = marketsBySymbol(client)
    this.list = [...this.#bySymbol.values()].flatMap((all) =>
      all.length === 1 ? all.map(({ market }) => market) : [],
    )
  }

  /**
   * Returns ccxt's name of a market.
   * @throws ConfigError `UNKNOWN_SYMBOL` with the nearest symbol, `AMBIGUOUS_SYMBOL` with the markets that have it
   */
  idOf(symbol: string): string {
    const [one, ...others] = this.#bySymbol.get(symbol) ?? []
    const context = { exchange: this.#exchange, symbol }
    const where = `exchange '${this.#exchange}'`
    if (one === undefined) {
      const suggestion = didYouMean(symbol, this.#bySymbol.keys())
      const message = `${where}: the venue has no market '${symbol}'.${suggestion}`
      throw new ConfigError('UNKNOWN_SYMBOL', message, { context })
    }
    if (others.length === 0) return one.id
    const ids = [one, ...others].map(({ id }) => id).join(' and ')
    const message = `${where}: '${symbol}' is the name of ${ids}, so it means neither: their candles would be stored as one series.`
    throw new ConfigError('AMBIGUOUS_SYMBOL', message, { context })
  }
}

function marketsBySymbol(client: Client): ReadonlyMap<string, readonly NamedMarket[]> {
  const markets = new Map<string, NamedMarket[]>()
  for (const one of Object.values(client.markets ?? {})) {
    if (one?.spot !== true || !one.base || !one.quote) continue
    const symbol = `${one.base}${one.quote}`
    const named = { id: one.symbol, market: marketOf(client, symbol, one) }
    const others = markets.get(symbol)
    if (others === undefined) markets.set(symbol, [named])
    else others.push(named)
  }
  return markets
}

type CcxtMarket = NonNullable<NonNullable<Client['markets']>[string]>

function marketOf(client: Client, symbol: string, one: CcxtMarket): Market {
  const { amount, cost } = one.limits ?? {}
  return {
    symbol,
    base: one.base,
    quote: one.quote,
    kind: 'spot',
    // Where the venue says nothing of it, a listed market trades.
    status: one.active === false ? 'halted' : 'trading',
    filters: {
      tickSize: stepOf(client, one.precision?.price),
      stepSize: stepOf(client, one.precision?.amount),
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
