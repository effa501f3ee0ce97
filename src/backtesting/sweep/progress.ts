/** Time between two reports to the screen, and between two looks at the memory. */
const TICK_MS = 100

/** Reports at a steady, low rate while a sweep runs, and remembers the largest resident set seen. */
export class Ticker {
  readonly #rssBytes: () => number
  readonly #report: () => void
  readonly #timer: ReturnType<typeof setInterval>
  #peakRssBytes = 0
  #stopped = false

  /**
   * @param rssBytes returns the resident set of the process now
   * @param report called about ten times a second, and once by `stop`
   */
  constructor(rssBytes: () => number, report: () => void) {
    this.#rssBytes = rssBytes
    this.#report = report
    this.sample()
    this.#timer = setInterval(() => {
      this.sample()
      this.#report()
    }, TICK_MS)
  }

  get peakRssBytes(): number {
    return this.#peakRssBytes
  }

  sample(): void {
    this.#peakRssBytes = Math.max(this.#peakRssBytes, this.#rssBytes())
  }

  /** Ends the reports with a last one; further calls do nothing. */
  stop(): void {
    if (this.#stopped) return
    this.#stopped = true
    clearInterval(this.#timer)
    this.sample()
    this.#report()
  }
}
