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
 * Sends a request to one of the allowed hosts and returns its reply, whatever the status. Redirects are not followed.
 * @throws RiskRefusal `HOST_REFUSED` before anything is sent to another host
 * @throws ConnectivityError `EXCHANGE_UNREACHABLE` (refused, reset, DNS, cut short), `EXCHANGE_TIMEOUT` or `EXCHANGE_REPLY`
 * (a redirect, too large, damaged, of unknown length). None of them says that the venue did not act on the request. Once more is
 * only what the runtime does by itself: it repeats GET, PUT and DELETE, never POST, on a kept connection that was closed.
 * @throws the signal's reason when it is aborted
 */
export type GuardedFetch = (url: string, request?: GuardedRequest) => Promise<GuardedReply>

/**
 * Opens a websocket to one of the allowed hosts. What happens to it afterwards is for its listeners: a handshake that is
 * refused or redirected ends in `close` with code 1006.
 * @throws RiskRefusal `HOST_REFUSED`
 */
export type OpenSocket = (url: string) => WebSocket
