import type { ServerWebSocket } from 'bun'
import type { Clock } from '../../core/clock.ts'
import type { SimulatedClock } from '../clock.ts'
import type { SocketFaults } from '../faults/socket-faults.ts'
import type { Gateway } from '../transport/gateway.ts'
import type { Venue } from '../venue/venue.ts'
import { type ControlMessage, type MessageError, readControlMessage } from './control-message.ts'
import { type KlineUpdate, klineEvent, shutdownEvent } from './kline-event.ts'
import { findKlineStream, type StreamPath } from './stream-name.ts'
import { Subscription } from './subscription.ts'

export interface SocketLimits {
  /** Real milliseconds between the server's pings. */
  readonly pingMs: number
  /** Real milliseconds without a pong after which a connection is dropped. */
  readonly pongTimeoutMs: number
  /** Simulated milliseconds that a connection lives. */
  readonly lifeMs: number
  /** Simulated milliseconds between `serverShutdown` and the end of that life. */
  readonly shutdownNoticeMs: number
  /** Messages per real second that a client may send, pongs included. */
  readonly messagesPerSecond: number
  readonly streamsMax: number
}

/** What a connection needs of its surroundings. */
export interface ConnectionHost {
  readonly venue: Venue
  readonly clock: SimulatedClock
  /** Real time. */
  readonly realClock: Clock
  readonly gateway: Gateway
  readonly faults: SocketFaults
  readonly limits: SocketLimits
  readonly countMessage: () => void
  /** For what the user should know: candles that cannot be read. */
  readonly warn: (message: string) => void
}

/** Data of a websocket, set when it is accepted. */
export interface SocketData {
  readonly path: StreamPath
  /** Port from which it reaches the server, which is its name at the gateway. */
  readonly fromPort: number
  /** Set when it opens. */
  connection?: Connection
}

/** Updates that are sent before others get a turn. */
const BATCH = 500

/** One websocket: its streams, what they have told, and its life. */
export class Connection {
  /** Counted from 1 in the order of opening. */
  readonly number: number
  readonly #socket: ServerWebSocket<SocketData>
  readonly #host: ConnectionHost
  readonly #endsMs: number
  /** By stream name, in the order of subscription; undefined for names that carry nothing. */
  readonly #streams = new Map<string, Subscription | undefined>()
  #isCombined: boolean
  #isNoticed = false
  #isOver = false
  #isSilent = false
  /** The client has not taken yet what was sent. */
  #isBlocked = false
  #turn: Promise<void> = Promise.resolve()
  /** Real time since which a pong is owed. */
  #unansweredSince: number | undefined
  #second = 0
  #messages = 0

  constructor(number: number, socket: ServerWebSocket<SocketData>, host: ConnectionHost) {
    this.number = number
    this.#socket = socket
    this.#host = host
    this.#isCombined = socket.data.path.isCombined
    this.#endsMs = host.clock.now() + host.limits.lifeMs
  }

  get streams(): readonly string[] {
    return [...this.#streams.keys()]
  }

  /** Subscribes to streams from now on. */
  subscribe(names: readonly string[]): Promise<void> {
    const sinceMs = this.#host.clock.now()
    return this.#inTurn(() => this.#add(names, sinceMs))
  }

  /** Answers a client's message. */
  async receive(text: string): Promise<void> {
    if (!this.#countMessage()) return
    const sinceMs = this.#host.clock.now()
    await this.#inTurn(() => this.#answer(readControlMessage(text), sinceMs))
  }

  /** Sends everything that is due by the simulated clock, in the order of time, as fast as the client takes it. */
  pump(): Promise<void> {
    return this.#inTurn(async () => {
      for (let sent = 1; this.#pumpOne(); sent++) {
        if (sent % BATCH === 0) await new Promise((resolve) => setImmediate(resolve))
      }
    })
  }

  /** One thing after the other: who moves the clock after a subscription can rely on it. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    this.#turn = this.#turn.then(work).catch((error: unknown) => {
      this.#host.warn(`a stream ended: ${error instanceof Error ? error.message : error}`)
      this.#end(1011, 'Internal error')
    })
    return this.#turn
  }

  async #answer(message: ControlMessage | MessageError, sinceMs: number): Promise<void> {
    if ('error' in message) this.#send(message.error)
    else this.#send({ result: await this.#obey(message, sinceMs), id: message.id })
  }

  /** Does what a message asks for and returns the result of the reply. */
  async #obey(
    message: ControlMessage,
    sinceMs: number,
  ): Promise<readonly string[] | boolean | null> {
    switch (message.method) {
      case 'LIST_SUBSCRIPTIONS':
        return this.streams
      case 'GET_COMBINED':
        return this.#isCombined
      case 'SET_COMBINED':
        this.#isCombined = message.isCombined
        return null
      case 'UNSUBSCRIBE':
        for (const name of message.streams) this.#streams.delete(name)
        return null
      case 'SUBSCRIBE':
        await this.#add(message.streams, sinceMs)
        return null
    }
  }

  /** Ends the connection when it would have more streams than Binance allows. */
  async #add(names: readonly string[], sinceMs: number): Promise<void> {
    for (const name of names) {
      if (this.#streams.has(name)) continue
      if (this.#streams.size >= this.#host.limits.streamsMax) {
        this.#end(1008, 'Too many streams')
        return
      }
      this.#streams.set(name, await this.#open(name, sinceMs))
    }
  }

  /** Undefined for a name that carries nothing. */
  async #open(name: string, sinceMs: number): Promise<Subscription | undefined> {
    const { venue } = this.#host
    const stream = findKlineStream(name)
    const isServed =
      stream !== undefined &&
      venue.symbols.includes(stream.symbol) &&
      venue.serves(stream.symbol, stream.interval)
    if (!isServed) return undefined
    const series = await venue.series(stream.symbol, stream.interval)
    return new Subscription(stream, series, sinceMs)
  }

  /** The client has taken what waited for it. */
  async drained(): Promise<void> {
    this.#isBlocked = false
    await this.pump()
  }

  /** Asks for a sign of life, or drops a connection that has given none for too long. */
  ping(): void {
    if (this.#isOver) return
    const now = this.#host.realClock.now()
    this.#unansweredSince ??= now
    if (now - this.#unansweredSince >= this.#host.limits.pongTimeoutMs) {
      this.#end(1008, 'Pong timeout')
    } else this.#socket.ping(String(now))
  }

  ponged(): void {
    this.#unansweredSince = undefined
    this.#countMessage()
  }

  /** Breaks the connection: closes it in order, destroys it, or lets it die without a sign. */
  break(how: 'close' | 'reset' | 'half_open'): void {
    const { fromPort } = this.#socket.data
    this.#isSilent = true
    if (how === 'close') this.#end(1001, 'Closed by the simulator')
    else if (how === 'reset') this.#host.gateway.reset(fromPort)
    else this.#host.gateway.silence(fromPort)
  }

  /** Sends the next thing that is due. @returns whether there may be more */
  #pumpOne(): boolean {
    if (this.#isOver || this.#isSilent || this.#isBlocked) return false
    const nowMs = this.#host.clock.now()
    const noticeMs = this.#endsMs - this.#host.limits.shutdownNoticeMs
    const update = this.#nextUpdate(Math.min(nowMs, this.#endsMs))
    if (!this.#isNoticed && noticeMs <= Math.min(nowMs, update?.event.eventMs ?? nowMs)) {
      this.#isNoticed = true
      return this.#sendEvent('!serverShutdown', shutdownEvent(noticeMs))
    }
    if (update !== undefined) return this.#tell(update)
    if (nowMs >= this.#endsMs) this.#end(1001, 'Connection is 24 hours old')
    return false
  }

  /** The earliest update of all streams. */
  #nextUpdate(nowMs: number): DueUpdate | undefined {
    let earliest: DueUpdate | undefined
    for (const [name, subscription] of this.#streams) {
      const event = subscription?.next(nowMs)
      if (subscription === undefined || event === undefined) continue
      if (earliest === undefined || event.eventMs < earliest.event.eventMs) {
        earliest = { name, subscription, event }
      }
    }
    return earliest
  }

  #tell({ name, subscription, event }: DueUpdate): boolean {
    if (event.isClosed) {
      const strike = this.#host.faults.strike({
        connection: this.number,
        ...subscription.stream,
        openTime: event.candle.openTime,
        nowMs: event.eventMs,
      })
      if (strike !== undefined) {
        this.break(strike === 'socket_drop' ? 'reset' : 'half_open')
        return false
      }
    }
    subscription.told(event)
    return this.#sendEvent(name, klineEvent(event))
  }

  #sendEvent(stream: string, data: object): boolean {
    return this.#send(this.#isCombined ? { stream, data } : data)
  }

  /** @returns whether the client can take more at once */
  #send(message: object): boolean {
    this.#host.countMessage()
    this.#isBlocked = this.#socket.send(JSON.stringify(message)) === -1
    return !this.#isBlocked
  }

  /** Ends a connection whose client says too much. */
  #countMessage(): boolean {
    const second = Math.floor(this.#host.realClock.now() / 1000)
    this.#messages = second === this.#second ? this.#messages + 1 : 1
    this.#second = second
    if (this.#messages <= this.#host.limits.messagesPerSecond) return true
    this.#end(1008, 'Too many requests')
    return false
  }

  #end(code: number, reason: string): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#socket.close(code, reason)
  }
}

interface DueUpdate {
  readonly name: string
  readonly subscription: Subscription
  readonly event: KlineUpdate
}
