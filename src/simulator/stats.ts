/** Requests that are remembered one by one. */
const LOGGED_MAX = 10_000

/** A request as it was answered. */
export interface LoggedRequest {
  readonly endpoint: string
  /** Query string without the question mark. */
  readonly query: string
  readonly status: number
  /** Kinds of the faults it met. */
  readonly faults: readonly string[]
  /** Simulated time of the request. */
  readonly atMs: number
}

/** What `GET /sim/stats` answers. */
export interface StatsReport {
  /** Simulated time. */
  readonly now: string
  readonly speed: number
  /** Requests by endpoint and status. */
  readonly requests: Readonly<Record<string, Readonly<Record<string, number>>>>
  /** Request weight of the current minute, and until when the address is banned: real time, epoch milliseconds. */
  readonly weight: { readonly used: number; readonly banned_until: number | null }
  /** Faults that have happened, by kind. */
  readonly faults: Readonly<Record<string, number>>
  readonly sockets: { readonly open: number; readonly opened: number; readonly messages: number }
  /** Names that are subscribed to, whether they carry anything or not. */
  readonly streams: readonly string[]
}

/** Counts what the simulator did, for tests and for people who watch a client. */
export class Stats {
  readonly #requests = new Map<string, Map<number, number>>()
  readonly #faults = new Map<string, number>()
  readonly #log: LoggedRequest[] = []
  #messages = 0

  countRequest(request: LoggedRequest): void {
    const byStatus = this.#requests.get(request.endpoint) ?? new Map<number, number>()
    byStatus.set(request.status, (byStatus.get(request.status) ?? 0) + 1)
    this.#requests.set(request.endpoint, byStatus)
    this.#log.push(request)
    if (this.#log.length > LOGGED_MAX) this.#log.shift()
  }

  countMessage(): void {
    this.#messages++
  }

  /** Messages sent over websockets. */
  get messages(): number {
    return this.#messages
  }

  countFault(kind: string): void {
    this.#faults.set(kind, (this.#faults.get(kind) ?? 0) + 1)
  }

  /** Faults that have happened, by kind; those of the exchange's records are no events and not counted. */
  get faults(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#faults)
  }

  /** Requests by endpoint and status. */
  get requests(): Readonly<Record<string, Readonly<Record<string, number>>>> {
    return Object.fromEntries(
      [...this.#requests].map(([endpoint, byStatus]) => [endpoint, Object.fromEntries(byStatus)]),
    )
  }

  /** The latest requests, oldest first. */
  get log(): readonly LoggedRequest[] {
    return this.#log
  }
}
