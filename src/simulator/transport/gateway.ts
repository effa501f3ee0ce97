import { createServer, connect as dial, type Server, type Socket } from 'node:net'
import { PlatformError } from '../../core/errors.ts'

/** What happens to a connection while it carries a reply. */
export interface Cut {
  /** Bytes of the body that still arrive; `nothing`: not even a status line does. */
  readonly after: 'nothing' | number
  /** `reset` destroys the connection, `end` closes it in order, `silence` leaves it open and sends no more. */
  readonly how: 'reset' | 'end' | 'silence'
}

export interface GatewayOptions {
  readonly host: string
  readonly port: number
  /** Port of the server behind it, on 127.0.0.1; asked for with each connection. */
  readonly upstreamPort: () => number
}

/**
 * The network between clients and the server: passes bytes on, and breaks connections where it is told to. It works on
 * bytes, because an HTTP server cannot announce a length and send less, or fall silent for good.
 */
export class Gateway {
  readonly #server: Server
  readonly #upstreamPort: () => number
  /** By the port from which a connection reaches the server: that is how the server knows it. */
  readonly #links = new Map<number, Link>()
  readonly #clients = new Set<Socket>()

  private constructor(upstreamPort: () => number) {
    this.#upstreamPort = upstreamPort
    this.#server = createServer({ noDelay: true }, (client) => this.#accept(client))
  }

  /** @throws PlatformError `PORT_IN_USE`, `LISTEN_FAILED` */
  static async open({ host, port, upstreamPort }: GatewayOptions): Promise<Gateway> {
    const gateway = new Gateway(upstreamPort)
    await new Promise<void>((resolve, reject) => {
      gateway.#server.once('error', (error) => reject(cannotListen(error, host, port)))
      gateway.#server.listen({ host, port }, resolve)
    })
    return gateway
  }

  get port(): number {
    const address = this.#server.address()
    return address !== null && typeof address === 'object' ? address.port : 0
  }

  /** Breaks the connection that reaches the server from `fromPort`, at its next reply. */
  cut(fromPort: number, cut: Cut): void {
    this.#links.get(fromPort)?.cut(cut)
  }

  /** Lets a connection die without a sign: it stays open, and nothing passes any more in either direction. */
  silence(fromPort: number): void {
    this.#links.get(fromPort)?.silence()
  }

  /** Destroys a connection without closing it in order. */
  reset(fromPort: number): void {
    this.#links.get(fromPort)?.reset()
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    for (const client of this.#clients) client.destroy()
    await closed
  }

  #accept(client: Socket): void {
    this.#clients.add(client)
    const upstream = dial({ host: '127.0.0.1', port: this.#upstreamPort(), noDelay: true })
    const link = new Link(client, upstream)
    let fromPort: number | undefined
    upstream.once('connect', () => {
      fromPort = upstream.localPort as number
      this.#links.set(fromPort, link)
    })
    client.once('close', () => {
      this.#clients.delete(client)
      if (fromPort !== undefined) this.#links.delete(fromPort)
    })
  }
}

/** One connection of a client and its continuation to the server. */
class Link {
  readonly #client: Socket
  readonly #upstream: Socket
  #cut: Cut | undefined
  #isSilent = false
  /** Whether the head of the reply that is to be cut has gone by, and what of its body may still pass. */
  #head = ''
  #isInBody = false
  #left = 0

  constructor(client: Socket, upstream: Socket) {
    this.#client = client
    this.#upstream = upstream
    client.on('data', (bytes: Buffer) => this.#pass(bytes, upstream, client))
    upstream.on('data', (bytes: Buffer) => this.#reply(bytes))
    client.once('end', () => upstream.end())
    upstream.once('end', () => this.#isSilent || client.end())
    client.once('close', () => upstream.destroy())
    upstream.once('close', () => this.#isSilent || client.destroySoon())
    // Each has its close event as well; without a listener the error would end the process.
    client.on('error', () => {})
    upstream.on('error', () => {})
  }

  cut(cut: Cut): void {
    this.#cut = cut
    if (cut.after === 'nothing') this.#apply(cut)
    else this.#left = cut.after
  }

  silence(): void {
    this.#isSilent = true
  }

  reset(): void {
    this.#client.resetAndDestroy()
  }

  #reply(bytes: Buffer): void {
    const cut = this.#cut
    if (cut === undefined) {
      this.#pass(bytes, this.#client, this.#upstream)
      return
    }
    if (this.#isSilent) return
    const passed = this.#withinCut(bytes)
    const isOver = this.#isInBody && this.#left === 0
    // A reset discards what has not left yet, so it waits for the bytes before it.
    this.#client.write(passed, () => isOver && this.#apply(cut))
    if (isOver) this.#isSilent = true
  }

  /** Returns what of the bytes lies before the place of the cut. */
  #withinCut(bytes: Buffer): Buffer {
    let bodyStart = 0
    if (!this.#isInBody) {
      const before = this.#head.length
      this.#head += bytes.toString('latin1')
      const end = this.#head.indexOf('\r\n\r\n')
      if (end === -1) return bytes
      this.#isInBody = true
      bodyStart = end + 4 - before
    }
    const taken = Math.min(this.#left, bytes.length - bodyStart)
    this.#left -= taken
    return bytes.subarray(0, bodyStart + taken)
  }

  #apply({ how }: Cut): void {
    this.#isSilent = true
    if (how === 'reset') this.#client.resetAndDestroy()
    if (how === 'end') this.#client.end()
  }

  #pass(bytes: Buffer, to: Socket, from: Socket): void {
    if (this.#isSilent || to.destroyed || to.write(bytes)) return
    from.pause()
    to.once('drain', () => from.resume())
  }
}

function cannotListen(cause: Error, host: string, port: number): PlatformError {
  const isTaken = 'code' in cause && cause.code === 'EADDRINUSE'
  const message = isTaken
    ? `port ${port} of ${host} is in use by another process. Stop that, choose another with --port, or let the system choose with --port 0.`
    : `cannot listen on ${host}:${port}: ${cause.message}.`
  const code = isTaken ? 'PORT_IN_USE' : 'LISTEN_FAILED'
  return new PlatformError(code, message, { cause, context: { host, port } })
}
