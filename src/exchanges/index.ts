/** The public face of exchange authors: everything that an adapter needs, imported as `crypto-platform/exchange`. */

export { Type } from 'typebox'
export type { CandleColumns } from '../core/candles.ts'
export {
  ConfigError,
  ConnectivityError,
  PlatformError,
  VenueRejection,
} from '../core/errors.ts'
export { parseJson, wrongReply } from '../core/reply-body.ts'
export type { EpochMs } from '../core/units.ts'
export { columnsOfRows } from './candle-rows.ts'
export { ConnectionEnd } from './connection-end.ts'
export {
  type CandleQuery,
  type CandleUpdate,
  defineExchange,
  type Exchange,
  type ExchangeDefinition,
  type ExchangeHost,
  type ExchangeMode,
  type ExchangeSettings,
  type Market,
} from './exchange.ts'
export type { Permit, RateBudget, RateReply } from './rate-budget.ts'
export { countOf, dateMsOf, retryAfterMsOf } from './reply-headers.ts'
export { type FrameOptions, readFrames } from './transport/socket-frames.ts'
export type { GuardedFetch, GuardedReply, GuardedRequest, OpenSocket } from './transport.ts'
