import type { Exchange as Client } from 'ccxt'

/** In place of a client's own ways to the network. */
export interface Network {
  readonly fetch: (
    url: string,
    request: { method?: string; headers?: Record<string, string>; body?: string },
  ) => Promise<Response>
  /** Waits for the turn that ccxt's limiter gives, or for the end of the call that it is for. */
  readonly pace: (turn: Promise<void>) => Promise<void>
  readonly openSocket: (url: string) => WebSocket
}

/** What is used of ccxt's websocket client. */
interface SocketClient {
  readonly url: string
  connection: WebSocket
  connectionStarted: number
  createConnection(): void
  setConnectionTimeout(): void
  onConnectionOpen(): void
  onMessage(event: MessageEvent): void
  onError(event: Event): void
  onClose(event: CloseEvent): void
  onPong(): void
}

/** Gives a client its ways to the network: it has no other. */
export function attach(client: Client, { fetch, pace, openSocket }: Network): void {
  const { client: createSocketClient, throttle } = Object.getPrototypeOf(client) as {
    readonly client: (url: string) => SocketClient
    readonly throttle: (cost?: number) => Promise<void>
  }
  Object.assign(client, {
    fetchImplementation: fetch,
    throttle: (cost?: number) => pace(throttle.call(client, cost)),
    // Plain ws: is refused where it is not allowed, by the guard and not by ccxt.
    getHttpAgentIfNeeded: () => undefined,
    client(url: string): SocketClient {
      const socketClient = createSocketClient.call(client, url)
      socketClient.createConnection = () => {
        const socket = openSocket(socketClient.url)
        socketClient.connection = socket
        socketClient.connectionStarted = client.milliseconds()
        // Only with a socket: ccxt's timer takes for granted that there is one.
        socketClient.setConnectionTimeout()
        socket.onopen = () => socketClient.onConnectionOpen()
        socket.onmessage = (event) => socketClient.onMessage(event)
        socket.onerror = (event) => socketClient.onError(event)
        socket.onclose = (event) => socketClient.onClose(event)
        socket.addEventListener('pong', () => socketClient.onPong())
      }
      return socketClient
    },
  })
}

/** Before a client is attached to anything. */
export const NO_NETWORK: Network = {
  fetch: () => Promise.reject(new Error('Invariant: this client sends no requests')),
  pace: (turn) => turn,
  openSocket: () => {
    throw new Error('Invariant: this client opens no websocket')
  },
}
