import { ConnectivityError, PlatformError } from '../../../core/errors.ts'
import type { Database } from '../database.ts'
import { databaseError } from '../errors.ts'
import { type DatabaseFeatures, detectFeatures } from '../features.ts'
import { applyPolicies } from '../policies.ts'
import type { Session } from '../session.ts'
import { type Migration, readMigrations } from './files.ts'
import { withSchemaLock } from './lock.ts'
import { compareMigrations, type MigrationState, readRecorded } from './state.ts'

export interface MigrateOptions {
  readonly migrations?: readonly Migration[]
  /** Whether TimescaleDB is switched on where the server offers it. */
  readonly enableTimescale?: boolean
  readonly onApplied?: (name: string) => void
}

export interface MigrateReport {
  readonly features: DatabaseFeatures
  /** Names, in order, of what this call applied. */
  readonly applied: readonly string[]
  readonly states: readonly MigrationState[]
  /** Why TimescaleDB is offered and not on; undefined when that is not so. */
  readonly notEnabled: string | undefined
}

const CREATE_TABLE = `
CREATE TABLE IF NOT EXISTS schema_migrations (
  name text PRIMARY KEY,
  hash text NOT NULL,
  status text NOT NULL CHECK (status IN ('applied', 'waiting')),
  applied timestamptz NOT NULL DEFAULT now()
)`

const RECORD = `
INSERT INTO schema_migrations (name, hash, status) VALUES ($1, $2, 'applied')
ON CONFLICT (name) DO UPDATE SET hash = excluded.hash, status = excluded.status, applied = now()`

const NOTE_WAITING = `
INSERT INTO schema_migrations (name, hash, status) VALUES ($1, $2, 'waiting') ON CONFLICT DO NOTHING`

/**
 * Brings the database to the state of the program. Several processes may do so at once: one works, the others wait and find
 * it done. Each file is applied whole or not at all; after an error the earlier ones stay applied.
 * @throws ConnectivityError `MIGRATION_FAILED`, `MIGRATION_CHANGED`, `DATABASE_NEWER`, `DATABASE_DENIED`, …
 */
export async function migrate(
  database: Database,
  { migrations = readMigrations(), enableTimescale = true, onApplied }: MigrateOptions = {},
): Promise<MigrateReport> {
  const notEnabled = enableTimescale ? await enableExtension(database) : undefined
  const onWait = () => database.note('another process is migrating this database; waiting for it')
  return database.withSession(
    async (session) => {
      const { features, applied, states } = await withSchemaLock(session, 'exclusive', onWait, () =>
        applyAll(session, database, migrations, onApplied),
      )
      return { features, applied, states, notEnabled }
    },
    // Moving millions of candles takes as long as it takes.
    { statementTimeoutMs: 0 },
  )
}

async function applyAll(
  session: Session,
  database: Database,
  migrations: readonly Migration[],
  onApplied: MigrateOptions['onApplied'],
) {
  const features = await detectFeatures(session)
  const recorded = (await readRecorded(session)) ?? []
  const before = compareMigrations(migrations, recorded, features.tier)
  await session.query(CREATE_TABLE)
  const applied: string[] = []
  for (const [i, migration] of migrations.entries()) {
    const status = before[i]?.status
    if (status === 'pending') {
      await applyOne(session, database, migration)
      applied.push(migration.name)
      onApplied?.(migration.name)
    } else if (status === 'waiting') {
      await session.query(NOTE_WAITING, [migration.name, migration.hash])
    }
  }
  const states = compareMigrations(migrations, (await readRecorded(session)) ?? [], features.tier)
  await applyPolicies(session, database, states)
  return { features, applied, states }
}

async function applyOne(session: Session, database: Database, migration: Migration): Promise<void> {
  try {
    await session.transaction('BEGIN', async () => {
      await session.query(migration.sql)
      await session.query(RECORD, [migration.name, migration.hash])
    })
  } catch (error) {
    throw failed(migration, databaseError(error, database.settings))
  }
}

/** Says which file it was, and where in it. */
function failed({ name, sql }: Migration, error: unknown): unknown {
  if (!(error instanceof PlatformError)) return error
  const code = error.code === 'DATABASE_FAILED' ? 'MIGRATION_FAILED' : error.code
  const position = Number((error.cause as { readonly position?: unknown } | undefined)?.position)
  const line = position > 0 ? `:${sql.slice(0, position).split('\n').length}` : ''
  return new ConnectivityError(
    code,
    `migrations/${name}.sql${line}: ${error.message} Nothing of this file was applied.`,
    { context: error.context, cause: error.cause },
  )
}

/**
 * Switches TimescaleDB on where the server offers it. A user who may not, or a server that has not loaded it, is no error: the
 * database works without.
 * @returns why not
 */
async function enableExtension(database: Database): Promise<string | undefined> {
  const features = await database.retried(() => database.withSession(detectFeatures))
  if (features.timescaleOffered === null) return undefined
  try {
    await database.query('CREATE EXTENSION IF NOT EXISTS timescaledb')
    return undefined
  } catch (error) {
    // Somebody else may have created it at the same moment; a server that has not loaded the library ends the connection.
    const now = await database.retried(() => database.withSession(detectFeatures))
    return now.tier === 'plain' ? (error as Error).message : undefined
  }
}
