/** A request as adapters make it. */
export interface GuardedRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** Milliseconds for the whole reply, its body included. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal | undefined
}

/** A reply whose body has arrived whole. */
export interface GuardedReply {
  readonly status: number
  readonly headers: Headers
  readonly body: string
}

/**
 * Sends a request to one of the allowed hosts. Redirects are not followed.
 * @throws RiskRefusal `HOST_REFUSED` before anything is sent to another host
 * @throws ConnectivityError `EXCHANGE_UNREACHABLE` or `EXCHANGE_TIMEOUT`
 */
export type GuardedFetch = (url: string, request?: GuardedRequest) => Promise<GuardedReply>

/**
 * Opens a websocket to one of the allowed hosts.
 * @throws RiskRefusal `HOST_REFUSED`
 */
export type OpenSocket = (url: string) => WebSocket
