import { ConnectivityError } from '../../core/errors.ts'

export interface FrameOptions {
  /** Exchange and stream, for messages. */
  readonly where: string
  /** Time between two pings of ours, milliseconds. */
  readonly pingMs: number
  /** Pings that may stay without any sign of life before the connection counts as lost. */
  readonly silentPingsMax: number
  /** Frames that may wait for their reader. */
  readonly pendingMax: number
  readonly signal: AbortSignal
}

/**
 * Reads the text frames of a socket that is being opened, each once and in order, and closes it at the end. Ends when the
 * signal is aborted.
 *
 * A connection can die without a word (a cable, a router, a peer that is gone): it is pinged, and one that shows no sign of
 * life fails, from the handshake on.
 *
 * @throws ConnectivityError `EXCHANGE_UNREACHABLE` when the connection is lost or its reader too slow, `EXCHANGE_TIMEOUT`
 * after silence, `EXCHANGE_REPLY` for a frame that is not text
 */
export async function* readFrames(
  socket: WebSocket,
  options: FrameOptions,
): AsyncGenerator<string, void> {
  const frames = new PendingFrames(socket, options)
  try {
    for (;;) {
      const frame = await frames.next()
      if (frame === undefined) return
      yield frame
    }
  } finally {
    frames.close()
  }
}

class PendingFrames {
  readonly #socket: WebSocket
  readonly #options: FrameOptions
  readonly #timer: ReturnType<typeof setInterval>
  readonly #listening = new AbortController()
  #frames: string[] = []
  #end: { readonly error?: ConnectivityError } | undefined
  #wake: (() => void) | undefined
  #silentPings = 0

  constructor(socket: WebSocket, options: FrameOptions) {
    this.#socket = socket
    this.#options = options
    this.#timer = setInterval(() => this.#ping(), options.pingMs)
    const { signal } = this.#listening
    const onLife = () => {
      this.#silentPings = 0
    }
    for (const sign of ['open', 'ping', 'pong']) socket.addEventListener(sign, onLife, { signal })
    socket.addEventListener('message', ({ data }) => this.#receive(data), { signal })
    socket.addEventListener('close', ({ code }) => this.#lose(code), { signal })
    const { signal: stop } = options
    stop.addEventListener('abort', () => this.#finish({}), { signal })
    if (stop.aborted) this.#finish({})
  }

  /** Resolves with the oldest frame that waits; undefined at the end. What came before a failure is still given out. */
  async next(): Promise<string | undefined> {
    for (;;) {
      if (this.#options.signal.aborted) return undefined
      const frame = this.#frames.shift()
      if (frame !== undefined) return frame
      if (this.#end?.error !== undefined) throw this.#end.error
      if (this.#end !== undefined) return undefined
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  close(): void {
    this.#listening.abort()
    this.#finish({})
  }

  #receive(data: unknown): void {
    this.#silentPings = 0
    if (typeof data !== 'string') {
      this.#fail('EXCHANGE_REPLY', 'a frame is not text.')
    } else if (this.#frames.length >= this.#options.pendingMax) {
      this.#fail('EXCHANGE_UNREACHABLE', `${this.#frames.length} updates wait for their reader.`)
    } else {
      this.#frames.push(data)
      this.#wake?.()
    }
  }

  #ping(): void {
    const { pingMs, silentPingsMax } = this.#options
    if (this.#silentPings >= silentPingsMax) {
      const silentMs = pingMs * silentPingsMax
      this.#fail('EXCHANGE_TIMEOUT', `the connection has been silent for ${silentMs} ms.`)
      return
    }
    this.#silentPings++
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.ping()
  }

  #lose(code: number): void {
    this.#fail('EXCHANGE_UNREACHABLE', `the connection was lost (close code ${code}).`)
  }

  #fail(code: string, what: string): void {
    const { where } = this.#options
    const error = new ConnectivityError(code, `${where}: ${what}`, { context: { where } })
    this.#finish({ error })
  }

  #finish(end: { readonly error?: ConnectivityError }): void {
    this.#end ??= end
    clearInterval(this.#timer)
    // A farewell would wait for an answer that a dead peer never gives.
    this.#socket.terminate()
    this.#wake?.()
  }
}
