/** A candle update of a stream, as Binance writes it. */
export interface KlineMessage {
  readonly e: 'kline'
  readonly E: number
  readonly s: string
  readonly k: Readonly<Record<string, number | string | boolean>> & {
    readonly t: number
    readonly T: number
    readonly x: boolean
  }
}

// biome-ignore lint/suspicious/noExplicitAny: whatever the server sends
type Message = any

/** A websocket that keeps everything it receives. */
export class StreamClient {
  readonly messages: Message[] = []
  readonly #socket: WebSocket
  readonly #closed = Promise.withResolvers<{ readonly code: number; readonly reason: string }>()

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.addEventListener('message', ({ data }) => this.messages.push(JSON.parse(String(data))))
    socket.addEventListener('close', ({ code, reason }) => this.#closed.resolve({ code, reason }))
  }

  static async open(url: string): Promise<StreamClient> {
    const socket = new WebSocket(url)
    const client = new StreamClient(socket)
    const opened = Promise.withResolvers<void>()
    socket.addEventListener('open', () => opened.resolve())
    socket.addEventListener('error', () => opened.reject(new Error(`cannot open ${url}`)))
    await opened.promise
    return client
  }

  /** Sends a message and resolves with the reply that carries its id. */
  async ask(message: { readonly id: unknown }): Promise<Message> {
    this.#socket.send(JSON.stringify(message))
    return await this.until((one) => one.id === message.id)
  }

  send(text: string): void {
    this.#socket.send(text)
  }

  /** Resolves with the first message that was or will be received and meets the condition. */
  async until(condition: (message: Message) => boolean, timeoutMs = 10_000): Promise<Message> {
    const deadline = performance.now() + timeoutMs
    for (;;) {
      const found = this.messages.find(condition)
      if (found !== undefined) return found
      if (performance.now() > deadline) throw new Error('no such message came')
      await Bun.sleep(5)
    }
  }

  /** Resolves when the connection has ended. */
  get closed(): Promise<{ readonly code: number; readonly reason: string }> {
    return this.#closed.promise
  }

  close(): void {
    this.#socket.close()
  }
}
