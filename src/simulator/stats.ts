/** Requests that are remembered one by one. */
const LOGGED_MAX = 10_000

/** A request as it was answered. */
export interface LoggedRequest {
  readonly endpoint: string
  /** Query string without the question mark. */
  readonly query: string
  readonly status: number
  /** Simulated time of the answer. */
  readonly atMs: number
}

/** Counts what the simulator did, for tests and for people who watch a client. */
export class Stats {
  readonly #requests = new Map<string, Map<number, number>>()
  readonly #log: LoggedRequest[] = []

  countRequest(request: LoggedRequest): void {
    const byStatus = this.#requests.get(request.endpoint) ?? new Map<number, number>()
    byStatus.set(request.status, (byStatus.get(request.status) ?? 0) + 1)
    this.#requests.set(request.endpoint, byStatus)
    this.#log.push(request)
    if (this.#log.length > LOGGED_MAX) this.#log.shift()
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
