import type { Static, TObject } from 'typebox'
import type { CandleColumns } from '../core/candles.ts'
import type { Clock } from '../core/clock.ts'
import type { Registrable } from '../core/registry.ts'
import type { EpochMs } from '../core/units.ts'
import type { RateBudget } from './rate-budget.ts'
import type { Trading } from './trading.ts'
import type { GuardedFetch, OpenSocket } from './transport.ts'

/** What is traded: `spot` buys and sells the asset itself. */
export type MarketKind = 'spot'

/**
 * What a connection is for. `market_data` reads public candles and markets and never sees a key; it speaks to the
 * venue's production hosts, because the candles of a test network are not a market. `trading` speaks to the test
 * network where `testnet` is set. A configured `base_url` replaces both.
 */
export type ExchangeMode = 'market_data' | 'trading'

/** An entry of exchanges.yaml, complete: the keys that every adapter has, and `options` with its own. */
export interface ExchangeSettings<Options = unknown> {
  /** Key in exchanges.yaml; candles are stored under it. */
  readonly name: string
  readonly testnet: boolean
  /** Address of the venue's REST interface in place of the real one: a simulator or a proxy. */
  readonly baseUrl?: string | undefined
  /** Requests per minute, where the entry says it. */
  readonly rateLimit?: number | undefined
  /** Only for `trading`. */
  readonly credentials?: Credentials | undefined
  readonly options: Options
}

/** Each value is revealed when it is needed and not kept. */
export interface Credentials {
  readonly apiKey: () => string
  readonly apiSecret: () => string
  readonly passphrase?: (() => string) | undefined
}

/**
 * What the program gives an adapter, which uses no other way to the network. Nothing enforces that for a plugin: its code can do what
 * the program can.
 */
export interface ExchangeHost {
  /** Refuses every host that the definition's `hosts` does not list for this exchange and mode. */
  readonly fetch: GuardedFetch
  /** Opens a websocket under the same rule. */
  readonly openSocket: OpenSocket
  /** Shared by all processes that speak to the same venue from this machine. */
  readonly budget: RateBudget
  readonly clock: Clock
  /** For what the user should know, such as a ban. */
  readonly warn: (message: string) => void
}

/**
 * An exchange adapter: how to speak to one venue. `exchanges.yaml` names it as `adapter`. Importing a definition is free
 * of I/O and loads no client, since listing and validating do it; `connect` imports what it needs.
 */
export interface ExchangeDefinition<S extends TObject = TObject> extends Registrable {
  /** Schema of the entry's `options`: types, defaults and documentation. */
  readonly options: S
  readonly marketKinds: readonly MarketKind[]
  /** Candle intervals that the venue serves, shortest first, in the platform's spelling; empty: known when connected. */
  readonly intervals: readonly string[]
  /** Requests per minute that stay within the venue's published limit; used where neither the entry nor `requestsPerMinute` says. */
  readonly rateLimitDefault: number
  /** Request weight per minute that the venue grants, where it counts by weight; a part of it is kept free. */
  readonly weightPerMinute?: number
  /** Requests per minute that the venue takes, where only the settings tell; a lower `rate_limit` holds. */
  requestsPerMinute?(
    settings: ExchangeSettings<Static<S>>,
    mode: ExchangeMode,
  ): number | Promise<number>
  /**
   * Hosts (`name` or `name:port`) that a connection may reach, and no other. The first one serves requests: its name is what
   * the rate limit is counted for.
   * @throws ConfigError when the settings name no venue that is known
   */
  hosts(
    settings: ExchangeSettings<Static<S>>,
    mode: ExchangeMode,
  ): readonly string[] | Promise<readonly string[]>
  /** Opens a connection; it sends nothing yet. */
  connect(
    settings: ExchangeSettings<Static<S>>,
    host: ExchangeHost,
    mode: ExchangeMode,
  ): Promise<Exchange>
}

/** Types and freezes an exchange definition; the default export of every `src/exchanges/<venue>/index.ts`. */
export function defineExchange<S extends TObject>(
  definition: ExchangeDefinition<S>,
): ExchangeDefinition<S> {
  return Object.freeze(definition)
}

/** `trading` accepts orders; `halted` is suspended (BREAK, HALT, CANCEL_ONLY); `closed` is delisted. */
export type MarketStatus = 'trading' | 'halted' | 'closed'

/** A market and the limits of its orders. Amounts are exact decimal strings, as the venue writes them. */
export interface Market {
  /** In the platform's spelling, as the lake has it: `BTCUSDT`. */
  readonly symbol: string
  readonly base: string
  readonly quote: string
  readonly kind: MarketKind
  readonly status: MarketStatus
  /** Step of prices, step and bounds of sizes, least value of an order; undefined where the venue says nothing. */
  readonly filters: {
    readonly tickSize?: string | undefined
    readonly stepSize?: string | undefined
    readonly minSize?: string | undefined
    readonly maxSize?: string | undefined
    readonly minNotional?: string | undefined
  }
}

export interface CandleQuery {
  readonly symbol: string
  readonly interval: string
  /** Open times in [fromMs, toMs); of a range longer than a page the first `candlesPerPage`, see `seeksForward`. */
  readonly fromMs: number
  readonly toMs: number
}

/** A candle of a stream while it forms and once it is closed. */
export interface CandleUpdate {
  readonly symbol: string
  readonly interval: string
  readonly openTime: EpochMs
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  readonly volume: number
  /** The last update of this candle. */
  readonly isClosed: boolean
  /** Time of the update by the venue's clock. */
  readonly eventTime: EpochMs
}

/**
 * A connection to one venue. Nothing is retried here: every method fails with what happened, and the caller, who knows
 * whether a repetition is safe, decides.
 *
 * @throws ConnectivityError `EXCHANGE_UNREACHABLE` (refused, reset, DNS), `EXCHANGE_TIMEOUT`, `EXCHANGE_UNAVAILABLE` (5xx),
 * `EXCHANGE_REPLY` (truncated, malformed, not what was asked) or `RATE_LIMITED` (429 and 418, with `retryAfterMs` in its context)
 * @throws ConfigError `UNKNOWN_SYMBOL` or `UNKNOWN_INTERVAL` with the nearest known name; `AMBIGUOUS_SYMBOL` where a name may mean two
 * @throws VenueRejection for any other refusal
 * @throws RiskRefusal `HOST_REFUSED` when the adapter would leave its hosts
 */
export interface Exchange {
  /** Key in exchanges.yaml. */
  readonly name: string
  /** The most candles that one `candles` call returns. */
  readonly candlesPerPage: number
  /**
   * Asked for a range longer than a page, the venue answers with its first candles in it, wherever they lie, so that an empty
   * answer means an empty range. Otherwise an empty answer says nothing of what lies beyond one page.
   */
  readonly seeksForward: boolean
  /** Intervals that can be asked for, in the platform's spelling. */
  readonly intervals: readonly string[]

  /** The venue's clock. */
  serverTime(signal?: AbortSignal): Promise<EpochMs>

  /**
   * The time that a simulator on this machine says it runs by, as of the last `serverTime`: its clock is compared with this one in place
   * of ours. undefined, or absent, for a venue, whose clock is that of the world.
   */
  simulatedTime?(): EpochMs | undefined

  markets(signal?: AbortSignal): Promise<readonly Market[]>

  /**
   * Returns the candles of a page as the venue sent them, in its order and with its mistakes: the caller checks them.
   * The last one may still be forming.
   */
  candles(query: CandleQuery, signal?: AbortSignal): Promise<CandleColumns>

  /**
   * Streams candles as they form, every update once and in order. Ends when the signal is aborted; fails when the
   * connection is lost or silent, after which the caller reads what it missed and streams again.
   */
  watchCandles?(
    series: { readonly symbol: string; readonly interval: string },
    signal: AbortSignal,
  ): AsyncIterable<CandleUpdate>

  /** Orders and balances; absent for `market_data`. */
  readonly trading?: Trading

  close(): Promise<void>
}
