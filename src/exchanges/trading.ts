import type { EpochMs } from '../core/units.ts'

/**
 * The trading half of an exchange. Sizes, prices and money are exact decimal strings: a double is not what an account
 * holds. Every order carries a client id chosen before it is sent, so that its fate can be asked for when the answer is
 * lost; a client id is unique among open orders only, so the same id must never simply be sent again.
 */
export interface Trading {
  /**
   * Sends an order.
   * @throws VenueRejection when the venue proved that it did not accept the order
   * @throws ConnectivityError for everything else: the order may exist, and its client id has to be looked up
   */
  placeOrder(order: OrderRequest, signal?: AbortSignal): Promise<OrderState>
  /** @throws VenueRejection `ORDER_NOT_FOUND` when it is filled, gone or was never there */
  cancelOrder(order: OrderReference, signal?: AbortSignal): Promise<OrderState>
  /** Returns what the venue knows of an order; undefined when it knows none, which soon after a send is not final. */
  findOrder(order: OrderReference, signal?: AbortSignal): Promise<OrderState | undefined>
  openOrders(symbol: string, signal?: AbortSignal): Promise<readonly OrderState[]>
  /** Fills from `fromMs` on, oldest first, each with the venue's trade id. */
  fills(symbol: string, fromMs: number, signal?: AbortSignal): Promise<readonly Fill[]>
  balances(signal?: AbortSignal): Promise<readonly Balance[]>
  /** What the key may do, so that one that may withdraw can be refused. */
  permissions(signal?: AbortSignal): Promise<KeyPermissions>
  /** Streams every order event and balance change, none left out; fails when the connection is lost. */
  watchAccount(signal: AbortSignal): AsyncIterable<AccountEvent>
}

export type OrderSide = 'buy' | 'sell'
export type OrderType = 'market' | 'limit' | 'stop_loss' | 'stop_loss_limit'

export interface OrderRequest {
  readonly clientOrderId: string
  readonly symbol: string
  readonly side: OrderSide
  readonly type: OrderType
  /** Base asset. */
  readonly size: string
  /** Quote per base; limit orders. */
  readonly price?: string
  /** Quote per base; stop orders. */
  readonly stopPrice?: string
  readonly timeInForce?: 'GTC' | 'IOC' | 'FOK'
}

export interface OrderReference {
  readonly symbol: string
  readonly clientOrderId: string
}

export type OrderStatus =
  | 'new'
  | 'partially_filled'
  | 'filled'
  | 'canceled'
  | 'rejected'
  | 'expired'

export interface OrderState extends OrderReference {
  readonly venueOrderId: string
  readonly side: OrderSide
  readonly type: OrderType
  readonly status: OrderStatus
  readonly size: string
  readonly filledSize: string
  /** Quote asset spent or received so far. */
  readonly filledValue: string
  readonly updatedMs: EpochMs
}

export interface Fill extends OrderReference {
  readonly tradeId: string
  readonly price: string
  readonly size: string
  readonly fee: string
  readonly feeAsset: string
  readonly isMaker: boolean
  readonly timeMs: EpochMs
}

export interface Balance {
  readonly asset: string
  readonly free: string
  readonly locked: string
}

export interface KeyPermissions {
  readonly canTrade: boolean
  readonly canWithdraw: boolean
  readonly isIpRestricted: boolean
}

export type AccountEvent =
  | { readonly kind: 'order'; readonly order: OrderState; readonly fill?: Fill }
  | { readonly kind: 'balance'; readonly balance: Balance }
