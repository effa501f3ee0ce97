import type { WebSocketHandler } from 'bun'
import { Connection, type ConnectionHost, type SocketData } from './connection.ts'

/** Real milliseconds between looks at the simulated clock. */
const TICK_MS = 50
const CONNECTION_WINDOW_MS = 300_000

/** All websockets: opens them, lets time pass for them, pings them. */
export class StreamHub {
  readonly #host: ConnectionHost
  readonly #connectionsPerWindow: number
  readonly #connections = new Set<Connection>()
  #opened = 0
  #window = 0
  #openedInWindow = 0

  /** @param connectionsPerWindow new connections that are allowed in five real minutes */
  constructor(host: ConnectionHost, connectionsPerWindow: number) {
    this.#host = host
    this.#connectionsPerWindow = connectionsPerWindow
  }

  /** Lets time pass until the signal is aborted. */
  start(signal: AbortSignal): void {
    const every = async (ms: number, work: () => void | Promise<void>) => {
      while (!signal.aborted) {
        await this.#host.realClock.sleep(ms, signal).catch(() => {})
        if (!signal.aborted) await work()
      }
    }
    void every(this.#host.limits.pingMs, () => this.#ping())
    if (this.#host.clock.speed > 0) void every(TICK_MS, () => this.pump())
  }

  get open(): number {
    return this.#connections.size
  }

  /** Connections opened so far. */
  get opened(): number {
    return this.#opened
  }

  /** Streams of all connections, sorted, each once. */
  get streams(): readonly string[] {
    const all = [...this.#connections].flatMap((connection) => connection.streams)
    return [...new Set(all)].sort()
  }

  /** Whether the address may open another connection; counts the attempt. */
  admits(): boolean {
    const window = Math.floor(this.#host.realClock.now() / CONNECTION_WINDOW_MS)
    this.#openedInWindow = window === this.#window ? this.#openedInWindow + 1 : 1
    this.#window = window
    return this.#openedInWindow <= this.#connectionsPerWindow
  }

  readonly handlers: WebSocketHandler<SocketData> = {
    // Our own pings, on our own terms.
    sendPings: false,
    idleTimeout: 0,
    perMessageDeflate: false,
    open: async (socket) => {
      const connection = new Connection(++this.#opened, socket, this.#host)
      socket.data.connection = connection
      this.#connections.add(connection)
      await connection.subscribe(socket.data.path.streams)
    },
    message: async (socket, text) => {
      await socket.data.connection?.receive(String(text))
    },
    pong: (socket) => socket.data.connection?.ponged(),
    drain: async (socket) => {
      await socket.data.connection?.drained()
    },
    close: (socket) => {
      const { connection } = socket.data
      if (connection !== undefined) this.#connections.delete(connection)
    },
  }

  /** Sends what is due; returns when every client has it or cannot take more. */
  async pump(): Promise<void> {
    await Promise.all([...this.#connections].map((connection) => connection.pump()))
  }

  /** Breaks every connection. @returns how many there were */
  break(how: 'close' | 'reset' | 'half_open'): number {
    const all = [...this.#connections]
    for (const connection of all) connection.break(how)
    return all.length
  }

  #ping(): void {
    for (const connection of this.#connections) connection.ping()
  }
}
