import type { Exchange as Client } from 'ccxt'
import { ConfigError } from '../../core/errors.ts'
import { didYouMean } from '../../core/suggest.ts'
import type { Market } from '../exchange.ts'

/** ccxt's modes of precision: decimal places, or the step itself. */
const DECIMAL_PLACES = 2
const TICK_SIZE = 4

interface NamedMarket {
  /** ccxt's name of it, such as `BTC/USDT`. */
  readonly name: string
  /** The venue's, such as `BTCUSDT`, `XXBTZUSD` or `BTC-USDT`. */
  readonly venueName: string
  readonly market: Market
}

/**
 * The loaded spot markets by the platform's symbol: base and quote without a separator, as ccxt spells them. The venue's own
 * name of a market is understood as well, and tells two markets apart that would share a symbol; so is ccxt's, such as `BTC/USDT`.
 */
export class Markets {
  readonly #exchange: string
  readonly #bySymbol: ReadonlyMap<string, readonly NamedMarket[]>
  readonly #byVenueName: ReadonlyMap<string, readonly NamedMarket[]>
  readonly #byName: ReadonlyMap<string, readonly NamedMarket[]>
  /** The markets whose symbol means them and no other. */
  readonly list: readonly Market[]

  /** @param exchange key in exchanges.yaml, for messages */
  constructor(exchange: string, client: Client) {
    this.#exchange = exchange
    const all = marketsOf(client)
    this.#bySymbol = Map.groupBy(all, ({ market }) => market.symbol)
    this.#byVenueName = Map.groupBy(all, ({ venueName }) => venueName)
    this.#byName = Map.groupBy(all, ({ name }) => name)
    this.list = all
      .filter((one) => this.#find(one.market.symbol).every((found) => found === one))
      .map(({ market }) => market)
  }

  /**
   * Returns ccxt's name of a market.
   * @throws ConfigError `UNKNOWN_SYMBOL` with the nearest symbol, `AMBIGUOUS_SYMBOL` with the markets that have it
   */
  nameOf(symbol: string): string {
    const [one, ...others] = this.#find(symbol)
    if (one === undefined) throw this.#unknown(symbol)
    if (others.length > 0) throw this.#ambiguous(symbol, [one, ...others])
    return one.name
  }

  #find(symbol: string): readonly NamedMarket[] {
    const named = this.#byVenueName.get(symbol) ?? this.#byName.get(symbol) ?? []
    const found = this.#bySymbol.get(symbol) ?? named
    return found.length > 1 && named.length === 1 ? named : found
  }

  #unknown(symbol: string): ConfigError {
    const isContract = symbol.includes(':')
    const contract = isContract
      ? ' The colon makes it a contract, and only spot markets are read.'
      : ''
    const message = `exchange '${this.#exchange}': the venue has no market '${symbol}'.${contract}${didYouMean(symbol, this.#bySymbol.keys())}`
    return new ConfigError('UNKNOWN_SYMBOL', message, {
      context: { exchange: this.#exchange, symbol },
    })
  }

  #ambiguous(symbol: string, found: readonly NamedMarket[]): ConfigError {
    const names = found.map(({ name, venueName }) => `${name} ('${venueName}')`).join(' and ')
    const message = `exchange '${this.#exchange}': '${symbol}' may be ${names}. Use the name in quotes, which is the venue's own.`
    return new ConfigError('AMBIGUOUS_SYMBOL', message, {
      context: { exchange: this.#exchange, symbol },
    })
  }
}

function marketsOf(client: Client): readonly NamedMarket[] {
  return Object.values(client.markets ?? {}).flatMap((one) => {
    if (one?.spot !== true || !one.base || !one.quote) return []
    const market = marketOf(client, `${one.base}${one.quote}`, one)
    return [{ name: one.symbol, venueName: one.id, market }]
  })
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
