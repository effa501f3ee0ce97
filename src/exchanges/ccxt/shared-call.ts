/** One call that several callers wait for. A caller may leave; the call is aborted when the last one does. */
export class SharedCall<T> {
  readonly #result: Promise<T>
  readonly #abandoned = new AbortController()
  #waiting = 0

  constructor(work: (signal: AbortSignal) => Promise<T>) {
    this.#result = work(this.#abandoned.signal)
  }

  /** Whether everybody has left, so that there is nothing to wait for. */
  get isAbandoned(): boolean {
    return this.#abandoned.signal.aborted
  }

  /** Resolves when nothing of the call is under way any more, however it ended. */
  get ended(): Promise<void> {
    return this.#result.then(
      () => {},
      () => {},
    )
  }

  /** @throws the signal's reason when it is aborted; what the call throws otherwise */
  async wait(signal: AbortSignal | undefined): Promise<T> {
    signal?.throwIfAborted()
    this.#waiting++
    const left = Promise.withResolvers<never>()
    const leave = () => {
      this.#waiting--
      if (this.#waiting > 0) left.reject(signal?.reason)
      // The call ends with the same reason once nothing of it is under way.
      else this.#abandoned.abort(signal?.reason)
    }
    signal?.addEventListener('abort', leave)
    try {
      return await Promise.race([this.#result, left.promise])
    } finally {
      signal?.removeEventListener('abort', leave)
    }
  }
}
