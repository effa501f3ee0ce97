import type { Clock } from '../../core/clock.ts'
import { ConnectivityError } from '../../core/errors.ts'
import { TURNED_AWAY_MS_MAX } from '../../core/retry.ts'
import type { Permit, RateBudget } from '../rate-budget.ts'
import {
  type Answer,
  type RateLimits,
  RequestLog,
  type Reservation,
  type Wait,
} from './request-log.ts'

export interface SharedBudgetOptions {
  /** SQLite file that all processes of this user share. */
  readonly file: string
  /** Whose limit it is: the host that serves requests. */
  readonly venue: string
  readonly limits: RateLimits
  readonly clock: Clock
  /** A number in [0, 1): keeps processes that wait for the same moment from waking together. */
  readonly random: () => number
  /** For what the user should know: a long wait, a file that cannot be shared. */
  readonly warn: (message: string) => void
}

const PAUSE_MS_MIN = 10
const JITTER_MS = 50
/** The longest sleep: a clock that is set anew, or a laptop that slept, is noticed after it. */
const PAUSE_MS_MAX = 15_000
/** Waits up to a minute are how limits work; the user should know of longer ones. */
const LONG_MS = 61_000

/**
 * Returns a budget that all processes of this machine share through a file. Requests of one process are served in the order
 * in which they asked. Where the file cannot be used, this process keeps to the limits on its own and says so.
 */
export function createSharedBudget(options: SharedBudgetOptions): RateBudget & { close(): void } {
  return new SharedBudget(options)
}

interface Waiting {
  readonly weight: number
  readonly grant: (permit: Permit) => void
  readonly refuse: (reason: unknown) => void
}

class SharedBudget implements RateBudget {
  readonly #options: SharedBudgetOptions
  #log: RequestLog
  readonly #queue: Waiting[] = []
  #isServing = false
  /** Aborted when nobody waits any more, so that no sleep keeps the process. */
  #idle = new AbortController()
  #toldUntilMs = 0
  #limits: RateLimits

  constructor(options: SharedBudgetOptions) {
    this.#options = options
    this.#limits = options.limits
    this.#log = this.#open()
  }

  async take(weight: number, signal?: AbortSignal): Promise<Permit> {
    signal?.throwIfAborted()
    const { promise, resolve, reject } = Promise.withResolvers<Permit>()
    const waiting = { weight, grant: resolve, refuse: reject }
    const leave = () => {
      this.#remove(waiting)
      reject(signal?.reason)
    }
    signal?.addEventListener('abort', leave)
    this.#queue.push(waiting)
    void this.#serve()
    try {
      return await promise
    } finally {
      signal?.removeEventListener('abort', leave)
    }
  }

  lower(weightPerMinute: number): void {
    const { weightPerMinute: known = Number.POSITIVE_INFINITY } = this.#limits
    this.#limits = { ...this.#limits, weightPerMinute: Math.min(known, weightPerMinute) }
  }

  close(): void {
    this.#log.close()
  }

  /** Serves those who wait, first come, first served; only the first one looks at the file. */
  async #serve(): Promise<void> {
    if (this.#isServing) return
    this.#isServing = true
    for (let first = this.#queue[0]; first !== undefined; first = this.#queue[0]) {
      const answer = this.#ask(first.weight)
      if ('id' in answer) {
        this.#queue.shift()
        first.grant(this.#permit(answer))
      } else if (answer.isForbidden && this.#waitMs(answer) > TURNED_AWAY_MS_MAX) {
        this.#queue.shift()
        first.refuse(this.#turnedAway(answer))
      } else {
        await this.#pause(answer)
      }
    }
    this.#isServing = false
  }

  async #pause(wait: Wait): Promise<void> {
    const { untilMs, isForbidden } = wait
    const { clock, random } = this.#options
    const waitMs = this.#waitMs(wait)
    if (isForbidden && waitMs > LONG_MS) this.#tell(untilMs)
    const pauseMs = Math.min(PAUSE_MS_MAX, Math.max(PAUSE_MS_MIN, waitMs)) + random() * JITTER_MS
    this.#idle = new AbortController()
    await clock.sleep(Math.ceil(pauseMs), this.#idle.signal).catch(() => {})
  }

  #remove(waiting: Waiting): void {
    const index = this.#queue.indexOf(waiting)
    if (index >= 0) this.#queue.splice(index, 1)
    if (this.#queue.length === 0) this.#idle.abort()
  }

  #tell(untilMs: number): void {
    if (untilMs === this.#toldUntilMs) return
    this.#toldUntilMs = untilMs
    this.#options.warn(`${this.#silence(untilMs)}; waiting.`)
  }

  #turnedAway(wait: Wait): ConnectivityError {
    const { venue } = this.#options
    const retryAfterMs = this.#waitMs(wait)
    return new ConnectivityError('RATE_LIMITED', `${this.#silence(wait.untilMs)}.`, {
      context: { venue, retryAfterMs },
    })
  }

  #silence(untilMs: number): string {
    const until = new Date(untilMs).toISOString().slice(0, 19)
    return `${this.#options.venue} accepts no requests from this address until ${until}Z`
  }

  #waitMs({ untilMs }: Wait): number {
    return untilMs - this.#options.clock.now()
  }

  #ask(weight: number): Answer {
    const { venue, clock } = this.#options
    const limits = this.#limits
    const request = () => this.#log.take({ venue, weight, limits, nowMs: clock.now() })
    try {
      return request()
    } catch (error) {
      this.#log = this.#openAlone(error)
      return request()
    }
  }

  #permit(reservation: Reservation): Permit {
    const log = this.#log
    const { clock } = this.#options
    return {
      settle: (reply) => {
        try {
          log.settle(reservation, reply, clock.now())
        } catch {
          // The file is gone or full, which the next request will find out. Until it expires, this one counts.
        }
      },
    }
  }

  #open(): RequestLog {
    try {
      return new RequestLog(this.#options.file)
    } catch (error) {
      return this.#openAlone(error)
    }
  }

  #openAlone(error: unknown): RequestLog {
    const { file, warn } = this.#options
    const reason = error instanceof Error ? error.message : String(error)
    warn(
      `the rate limit is not shared with other processes, because ${file} cannot be used (${reason}). Run one at a time, or delete the file.`,
    )
    return new RequestLog(':memory:')
  }
}
