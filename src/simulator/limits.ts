import type { RequestLimits } from './rest/request-limiter.ts'
import type { SocketLimits } from './streams/connection.ts'

/** Everything that the venue rations. */
export interface Limits extends RequestLimits, SocketLimits {
  /** New websockets in five real minutes. */
  readonly connectionsPerFiveMinutes: number
}

const MINUTE_MS = 60_000

/**
 * What Binance grants, as its documentation says (rest-api.md "LIMITS", web-socket-streams.md "WebSocket Limits"). How many
 * refusals lead to a ban is not published.
 */
export const BINANCE_LIMITS: Limits = {
  weightPerMinute: 6000,
  refusalsBeforeBan: 10,
  pingMs: 20_000,
  pongTimeoutMs: MINUTE_MS,
  lifeMs: 24 * 60 * MINUTE_MS,
  shutdownNoticeMs: 10 * MINUTE_MS,
  messagesPerSecond: 5,
  streamsMax: 1024,
  connectionsPerFiveMinutes: 300,
}
