import type { Pool, PoolClient } from 'pg'
import { PlatformError } from '../../core/errors.ts'
import { type RetryPolicy, withRetries } from '../../core/retry.ts'
import {
  connectError,
  databaseError,
  isConnectionLost,
  isPassingDatabaseError,
  notUnderstood,
  poolExhausted,
} from './errors.ts'
import { Session } from './session.ts'
import type { DatabaseContext, DatabaseSettings } from './settings.ts'

export interface SessionOptions {
  /** Instead of the configured limit; 0: none. */
  readonly statementTimeoutMs?: number
}

export interface TransactionOptions extends SessionOptions {
  readonly readOnly?: boolean
  /**
   * Whether doing it twice is the same as doing it once. Then it is repeated after a conflict with another transaction and after
   * a lost connection, also when it is not known whether the commit arrived.
   */
  readonly idempotent?: boolean
}

/** About 17 seconds in all: a restart of the server, not an outage. */
const RETRIES: RetryPolicy = { retries: 7, delayMs: 250, delayMsMax: 5_000 }
/** A server that vanished without a word is noticed by this much after the statement's own limit. */
const ANSWER_GRACE_MS = 10_000
const KEEP_ALIVE_MS = 10_000

/** A pool of connections to one database. Every error is a PlatformError that says what to do; see `databaseError`. */
export class Database {
  readonly settings: DatabaseSettings
  readonly #context: DatabaseContext
  readonly #pool: Pool

  private constructor(settings: DatabaseSettings, context: DatabaseContext, pool: Pool) {
    this.settings = settings
    this.#context = context
    this.#pool = pool
    // An idle connection that breaks is replaced by the next use; without a listener it would end the process.
    pool.on('error', (error) => context.note(`an idle database connection broke: ${error.message}`))
  }

  /**
   * Opens the pool and proves that the database answers. The driver is loaded here.
   * @throws ConnectivityError `DATABASE_UNREACHABLE`, `DATABASE_REFUSED`, `DATABASE_UNKNOWN`, `DATABASE_TLS`, …
   */
  static async connect(settings: DatabaseSettings, context: DatabaseContext): Promise<Database> {
    const { default: pg } = await import('pg')
    const database = new Database(settings, context, new pg.Pool(poolOptions(settings)))
    try {
      const [row] = await database.retried(() => database.query('SELECT 1 AS one'), isStarting)
      // A server that is damaged, or another program that only speaks like one.
      if (row?.one !== 1) throw notUnderstood(settings, 'it does not answer 1 to SELECT 1')
    } catch (error) {
      await database.close()
      throw error
    }
    return database
  }

  /** Runs one statement on any connection; not repeated when it fails. */
  query<Row = Readonly<Record<string, unknown>>>(
    sql: string,
    values: readonly unknown[] = [],
  ): Promise<readonly Row[]> {
    return this.withSession((session) => session.query<Row>(sql, values))
  }

  /** Runs one statement that changes nothing, again after a lost connection. */
  read<Row = Readonly<Record<string, unknown>>>(
    sql: string,
    values: readonly unknown[] = [],
  ): Promise<readonly Row[]> {
    return this.retried(() => this.query<Row>(sql, values))
  }

  /** Hands out one connection and takes it back; a broken one is closed. */
  async withSession<T>(
    work: (session: Session) => Promise<T>,
    options: SessionOptions = {},
  ): Promise<T> {
    const session = await this.acquire(options)
    let failure: unknown
    try {
      return await work(session)
    } catch (error) {
      failure = this.#explained(error, session.lost)
      throw failure
    } finally {
      await session.release(isConnectionLost(failure))
    }
  }

  /** Returns one connection that the caller keeps, such as for an advisory lock, and must release. It counts towards `poolMax`. */
  async acquire(options: SessionOptions = {}): Promise<Session> {
    try {
      const { statementTimeoutMs } = this.settings
      const session = new Session(await this.#client(), {
        defaultMs: statementTimeoutMs,
        graceMs: ANSWER_GRACE_MS,
      })
      const { statementTimeoutMs: own } = options
      if (own !== undefined) await session.limit(own)
      return session
    } catch (error) {
      throw databaseError(error, this.settings)
    }
  }

  /** Runs work between BEGIN and COMMIT; an error rolls back and is thrown. */
  transaction<T>(
    work: (session: Session) => Promise<T>,
    options: TransactionOptions = {},
  ): Promise<T> {
    const begin = options.readOnly ? 'BEGIN READ ONLY' : 'BEGIN'
    const attempt = () =>
      this.withSession((session) => session.transaction(begin, () => work(session)), options)
    return options.idempotent || options.readOnly ? this.retried(attempt) : attempt()
  }

  /** Repeats work that is safe to repeat when it fails for a passing reason: lost connection, conflict, no free connection. */
  retried<T>(
    work: () => Promise<T>,
    isPassing: (error: unknown) => boolean = isPassingDatabaseError,
  ): Promise<T> {
    const { clock, random, note, signal } = this.#context
    return withRetries(work, {
      policy: RETRIES,
      clock,
      random,
      isPassing,
      onRetry: (error, retry, waitMs) =>
        note(
          `${(error as Error).message} Trying again in ${waitMs} ms (${retry} of ${RETRIES.retries}).`,
        ),
      signal,
    })
  }

  /** Tells the user something that needs no action. */
  note(message: string): void {
    this.#context.note(message)
  }

  /** Waits for connections in use to be released, then closes all. */
  async close(): Promise<void> {
    if (!this.#pool.ending) await this.#pool.end()
  }

  /** A stream that broke with the connection does not say so itself. */
  #explained(error: unknown, lost: Error | undefined): unknown {
    const explained = databaseError(error, this.settings)
    const isUnknown = explained === error && !(error instanceof PlatformError)
    return isUnknown && lost !== undefined ? databaseError(lost, this.settings) : explained
  }

  async #client(): Promise<PoolClient> {
    try {
      return await this.#pool.connect()
    } catch (error) {
      const isWaiting = (error as Error).message === 'timeout exceeded when trying to connect'
      throw isWaiting ? poolExhausted(this.settings) : connectError(error, this.settings)
    }
  }
}

/** A server that is down stays down for whoever waits at a terminal; one that is starting is worth waiting for. */
function isStarting(error: unknown): boolean {
  return error instanceof PlatformError && error.code === 'DATABASE_STARTING'
}

function poolOptions(settings: DatabaseSettings) {
  const { host, port, name, user, password, statementTimeoutMs } = settings
  return {
    host,
    port,
    user,
    database: name,
    // A function, without which the driver would look into PGPASSWORD and the password file: nobody would mask what it finds.
    password: () => password() ?? '',
    ssl: tlsOptions(settings),
    max: settings.poolMax,
    connectionTimeoutMillis: settings.connectTimeoutMs,
    application_name: settings.applicationName,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    // As a statement and not as a start-up parameter, which connection poolers refuse.
    onConnect: async (client: { query(sql: string): Promise<unknown> }) => {
      await client.query(`SET statement_timeout = ${statementTimeoutMs}; SET timezone = 'UTC'`)
    },
  }
}

function tlsOptions({ tls, ca }: DatabaseSettings) {
  if (tls === 'off') return false
  if (tls === 'require') return { rejectUnauthorized: false }
  return { rejectUnauthorized: true, ...(ca !== undefined && { ca }) }
}
