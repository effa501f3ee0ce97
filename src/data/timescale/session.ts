import type { Duplex } from 'node:stream'
import type { PoolClient, QueryConfig, QueryResult } from 'pg'

export interface SessionLimits {
  /** Statement limit of every connection of the pool, in milliseconds. */
  readonly defaultMs: number
  /** How much later an answer is no longer expected. */
  readonly graceMs: number
}

/** One connection, used by one piece of work at a time. Errors are the driver's; `Database` explains them. */
export class Session {
  readonly #client: PoolClient
  readonly #limits: SessionLimits
  readonly #onError: (error: Error) => void
  #limitMs: number
  #lost: Error | undefined

  constructor(client: PoolClient, limits: SessionLimits) {
    this.#client = client
    this.#limits = limits
    this.#limitMs = limits.defaultMs
    this.#onError = (error) => {
      this.#lost ??= error
    }
    client.on('error', this.#onError)
  }

  /** Why the connection is gone; undefined while it lives. */
  get lost(): Error | undefined {
    return this.#lost
  }

  async query<Row = Readonly<Record<string, unknown>>>(
    sql: string,
    values: readonly unknown[] = [],
  ): Promise<readonly Row[]> {
    return (await this.#run(sql, values)).rows as readonly Row[]
  }

  /** Runs a statement and returns how many rows it touched. */
  async run(sql: string, values: readonly unknown[] = []): Promise<number> {
    return (await this.#run(sql, values)).rowCount ?? 0
  }

  /** Sets the statement limit of this session until it is released; 0: none. */
  async limit(statementTimeoutMs: number): Promise<void> {
    await this.#run(`SET statement_timeout = ${statementTimeoutMs}`, [])
    this.#limitMs = statementTimeoutMs
  }

  /** @param begin `BEGIN` or `BEGIN READ ONLY` */
  async transaction<T>(begin: string, work: () => Promise<T>): Promise<T> {
    await this.#run(begin, [])
    try {
      const result = await work()
      // COMMIT of a transaction in which a statement failed answers ROLLBACK, without an error.
      const { command } = await this.#run('COMMIT', [])
      if (command !== 'COMMIT') throw new Error('Invariant: a failed transaction throws its error')
      return result
    } catch (error) {
      await this.#rollBack()
      throw error
    }
  }

  /**
   * Runs work on the connection that this class does not wrap, such as a COPY. A server that neither sends nor takes anything for
   * longer than a statement may last has vanished: the connection is closed, which ends the work.
   * @param work calls `alive` with each piece
   */
  async streamed<T>(work: (client: PoolClient, alive: () => void) => Promise<T>): Promise<T> {
    const answerMs = this.#answerMs
    if (answerMs === 0) return await work(this.#client, () => {})
    const timer = setTimeout(() => this.#abandon(), answerMs)
    try {
      return await work(this.#client, () => timer.refresh())
    } finally {
      clearTimeout(timer)
    }
  }

  /** Gives the connection back; a broken one is closed instead. */
  async release(isBroken = false): Promise<void> {
    const isLost = isBroken || this.#lost !== undefined || !(await this.#restoredLimit())
    this.#client.off('error', this.#onError)
    this.#client.release(isLost)
  }

  /** A connection that cannot even roll back is closed, which does the same. */
  async #rollBack(): Promise<void> {
    if (this.#lost !== undefined) return
    try {
      await this.#run('ROLLBACK', [], ROLLBACK_MS_MAX)
    } catch (error) {
      this.#lost ??= error as Error
    }
  }

  async #restoredLimit(): Promise<boolean> {
    if (this.#limitMs === this.#limits.defaultMs) return true
    try {
      await this.limit(this.#limits.defaultMs)
      return true
    } catch {
      return false
    }
  }

  /** How long an answer is waited for; 0: for ever. */
  get #answerMs(): number {
    return this.#limitMs === 0 ? 0 : this.#limitMs + this.#limits.graceMs
  }

  /** The driver says the same of a statement. */
  #abandon(): void {
    this.#lost ??= new Error('Query read timeout')
    const { connection } = this.#client as unknown as { connection: { stream: Duplex } }
    connection.stream.destroy(this.#lost)
  }

  #run(sql: string, values: readonly unknown[], answerMs = this.#answerMs): Promise<QueryResult> {
    const query: QueryConfig & { readonly query_timeout?: number } = {
      text: sql,
      ...(values.length > 0 && { values: [...values] }),
      ...(answerMs > 0 && { query_timeout: answerMs }),
    }
    return this.#client.query(query)
  }
}

/** It is queued behind a statement that is still under way, such as an abandoned COPY. */
const ROLLBACK_MS_MAX = 5_000
