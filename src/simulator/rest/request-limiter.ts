import type { Clock } from '../../core/clock.ts'
import { ApiError } from './api-error.ts'

const MINUTE_MS = 60_000
const BAN_FIRST_MS = 2 * MINUTE_MS
const BAN_MAX_MS = 3 * 24 * 60 * MINUTE_MS

export interface RequestLimits {
  /** Request weight that is granted per minute. */
  readonly weightPerMinute: number
  /** Requests beyond the limit that are answered 429 before the address is banned. */
  readonly refusalsBeforeBan: number
}

/**
 * Counts request weight in whole minutes of real time, as clients wait in real time whatever the simulated speed.
 * Beyond the limit it refuses with 429; a client that goes on is banned (418), for two minutes at first and twice as long
 * each time it goes on again, up to three days. All clients are one address: the simulator listens on loopback only.
 */
export class RequestLimiter {
  readonly #limits: RequestLimits
  readonly #clock: Clock
  #minute = 0
  #used = 0
  #refusals = 0
  #bannedUntil = 0
  #banMs = BAN_FIRST_MS

  constructor(limits: RequestLimits, clock: Clock) {
    this.#limits = limits
    this.#clock = clock
  }

  /** Weight used in the current minute, refused requests included. */
  get used(): number {
    this.#startMinute(this.#clock.now())
    return this.#used
  }

  /** When the ban ends, epoch milliseconds of real time; null when there is none. */
  get bannedUntil(): number | null {
    return this.#clock.now() < this.#bannedUntil ? this.#bannedUntil : null
  }

  /**
   * Counts a request.
   * @throws ApiError 429 or 418, with `Retry-After` in seconds
   */
  spend(weight: number): void {
    const now = this.#clock.now()
    this.#startMinute(now)
    this.#used += weight
    const isBanned = now < this.#bannedUntil
    if (!isBanned && this.#used <= this.#limits.weightPerMinute) return
    this.#refusals++
    if (this.#refusals > this.#limits.refusalsBeforeBan) this.#ban(now)
    throw now < this.#bannedUntil ? this.#banned(now) : this.#tooMuch(now)
  }

  #startMinute(now: number): void {
    const minute = Math.floor(now / MINUTE_MS)
    if (minute === this.#minute) return
    this.#minute = minute
    this.#used = 0
    if (now >= this.#bannedUntil) this.#refusals = 0
  }

  #ban(now: number): void {
    this.#bannedUntil = now + this.#banMs
    this.#banMs = Math.min(this.#banMs * 2, BAN_MAX_MS)
    this.#refusals = 0
  }

  #tooMuch(now: number): ApiError {
    const { weightPerMinute } = this.#limits
    const message = `Too much request weight used; current limit is ${weightPerMinute} request weight per 1 MINUTE. Please use WebSocket Streams for live updates to avoid polling the API.`
    return new ApiError(429, -1003, message, retryAfter((this.#minute + 1) * MINUTE_MS - now))
  }

  #banned(now: number): ApiError {
    const message = `Way too much request weight used; IP banned until ${this.#bannedUntil}. Please use WebSocket Streams for live updates to avoid bans.`
    return new ApiError(418, -1003, message, retryAfter(this.#bannedUntil - now))
  }
}

function retryAfter(ms: number): Readonly<Record<string, string>> {
  return { 'Retry-After': String(Math.max(1, Math.ceil(ms / 1000))) }
}
