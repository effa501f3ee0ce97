import { PlatformError } from '../core/errors.ts'

/** The end of a connection: aborts what is under way and refuses what comes later. */
export class ConnectionEnd {
  readonly #exchange: string
  readonly #controller = new AbortController()

  /** @param exchange key in exchanges.yaml, for messages */
  constructor(exchange: string) {
    this.#exchange = exchange
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Everything under way fails with `EXCHANGE_CLOSED`. */
  close(): void {
    const message = `exchange '${this.#exchange}': the connection is closed.`
    this.#controller.abort(new PlatformError('EXCHANGE_CLOSED', message))
  }

  /**
   * Runs with a signal that is aborted by the caller's and by the end of the connection, and leaves no listener behind on
   * either: both may outlive a million requests.
   */
  async run<T>(
    signal: AbortSignal | undefined,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const signals = signal === undefined ? [this.signal] : [signal, this.signal]
    const either = new AbortController()
    const follow = ({ target }: Event) => either.abort((target as AbortSignal).reason)
    for (const one of signals) {
      if (one.aborted) either.abort(one.reason)
      one.addEventListener('abort', follow)
    }
    try {
      return await work(either.signal)
    } finally {
      for (const one of signals) one.removeEventListener('abort', follow)
    }
  }
}
