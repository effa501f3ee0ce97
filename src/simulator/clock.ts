import type { Clock } from '../core/clock.ts'

/**
 * The exchange's time: it starts at a chosen instant and runs `speed` times as fast as real time, or stands still with
 * speed 0. `advance` moves it forward in either case. It never goes back, even when the real clock does.
 */
export class SimulatedClock {
  readonly speed: number
  readonly #real: Clock
  readonly #realStart: number
  #start: number
  #latest: number

  /** @param startMs simulated epoch milliseconds */
  constructor(real: Clock, startMs: number, speed: number) {
    this.#real = real
    this.#realStart = real.now()
    this.#start = startMs
    this.#latest = startMs
    this.speed = speed
  }

  /** Simulated epoch milliseconds, whole. */
  now(): number {
    const passed = Math.floor((this.#real.now() - this.#realStart) * this.speed)
    this.#latest = Math.max(this.#latest, this.#start + passed)
    return this.#latest
  }

  /** @param ms simulated milliseconds, not negative */
  advance(ms: number): void {
    this.#start += ms
    this.#latest += ms
  }
}
