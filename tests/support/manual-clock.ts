import type { Clock } from '../../src/core/clock.ts'

/** A clock that stands still until it is told that time passes. */
export class ManualClock implements Clock {
  #nowMs: number
  #sleepers: { readonly untilMs: number; readonly wake: () => void }[] = []

  constructor(nowMs: number) {
    this.#nowMs = nowMs
  }

  now(): number {
    return this.#nowMs
  }

  /** Lets time pass and wakes those whose time has come, earliest first. */
  pass(ms: number): void {
    this.#nowMs += ms
    const due = this.#sleepers.filter(({ untilMs }) => untilMs <= this.#nowMs)
    this.#sleepers = this.#sleepers.filter(({ untilMs }) => untilMs > this.#nowMs)
    for (const { wake } of due.sort((a, b) => a.untilMs - b.untilMs)) wake()
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#sleepers.push({ untilMs: this.#nowMs + ms, wake: resolve })
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
    return promise
  }
}
