import type { Clock } from '../../core/clock.ts'

/** Where the database is and how it is used; the section `database` of settings.yaml with its secrets resolvable. */
export interface DatabaseSettings {
  readonly host: string
  readonly port: number
  readonly name: string
  readonly user: string
  /** Asked for when the server wants one, at each connection. undefined: there is none. */
  readonly password: () => string | undefined
  /** Where user and password were found if nobody may expect it there: `.env:3 DB_PASSWORD`. */
  readonly credentialsFrom?: string | undefined
  /** off: plain; require: encrypted with whoever answers; verify: encrypted with a server whose certificate is trusted. */
  readonly tls: 'off' | 'require' | 'verify'
  /** Certificates (PEM) to trust with `verify`; undefined: those of the system. */
  readonly ca: string | undefined
  /** Connections at most. */
  readonly poolMax: number
  readonly connectTimeoutMs: number
  readonly statementTimeoutMs: number
  /** Age in days from which TimescaleDB compresses chunks. */
  readonly compressAfterDays: number
  /** What `pg_stat_activity` shows. */
  readonly applicationName: string
}

/** What the database layer takes from the program around it. */
export interface DatabaseContext {
  readonly clock: Clock
  /** A number in [0, 1): spreads the retries of processes that lost the database together. */
  readonly random: () => number
  /** Told what the user may want to know and need not act on. */
  readonly note: (message: string) => void
  readonly signal?: AbortSignal | undefined
}

/** Where a database is, in messages: `localhost:5432/crypto`. */
export function placeOf({ host, port, name }: DatabaseSettings): string {
  return `${host}:${port}/${name}`
}
