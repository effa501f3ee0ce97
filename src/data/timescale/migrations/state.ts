import { ConnectivityError } from '../../../core/errors.ts'
import { meets, type Requirement, type Tier } from '../features.ts'
import type { Session } from '../session.ts'
import type { Migration } from './files.ts'

/** A row of schema_migrations. */
export interface RecordedMigration {
  readonly name: string
  readonly hash: string
  /** `waiting`: the database lacked what it requires. */
  readonly status: 'applied' | 'waiting'
  /** Epoch milliseconds; when it was applied, or first found waiting. */
  readonly timeMs: number
}

export interface MigrationState {
  readonly name: string
  readonly requires: Requirement | null
  /** `pending`: can be applied; `waiting`: the database lacks what it requires. */
  readonly status: 'applied' | 'pending' | 'waiting'
  /** null unless applied. */
  readonly appliedMs: number | null
}

/** What is recorded; undefined in a database that no migration was ever applied to. */
export async function readRecorded(
  session: Session,
): Promise<readonly RecordedMigration[] | undefined> {
  const columns = await session.query<{ name: string }>(
    `SELECT attname AS name FROM pg_attribute
     WHERE attrelid = to_regclass('schema_migrations') AND attnum > 0 AND NOT attisdropped`,
  )
  if (columns.length === 0) return undefined
  if (
    !['name', 'hash', 'status', 'applied'].every((own) => columns.some(({ name }) => name === own))
  ) {
    throw new ConnectivityError(
      'DATABASE_FOREIGN',
      'The table schema_migrations of this database belongs to another program. Use a database of its own for candles: database.name of settings.yaml.',
    )
  }
  return session.query<RecordedMigration>(
    `SELECT name, hash, status, round(extract(epoch FROM applied) * 1000)::float8 AS "timeMs"
     FROM schema_migrations ORDER BY name`,
  )
}

/**
 * Compares the program's migrations with those of the database.
 * @throws ConnectivityError `MIGRATION_CHANGED` (an applied file has another content now), `DATABASE_NEWER` (the database has one that the program does not know)
 */
export function compareMigrations(
  migrations: readonly Migration[],
  recorded: readonly RecordedMigration[],
  tier: Tier,
): readonly MigrationState[] {
  refuseUnknown(migrations, recorded)
  return migrations.map(({ name, hash, requires = null }) => {
    const found = recorded.find((one) => one.name === name)
    if (found?.status !== 'applied') {
      const status = meets(tier, requires ?? undefined) ? 'pending' : 'waiting'
      return { name, requires, status, appliedMs: null }
    }
    if (found.hash !== hash) throw changed(name, found.hash, hash)
    return { name, requires, status: 'applied', appliedMs: found.timeMs }
  })
}

/** Whether the database lacks something that the program cannot do without; what TimescaleDB adds is not of that kind. */
export function isIncomplete(states: readonly MigrationState[]): boolean {
  return states.some(({ status, requires }) => status === 'pending' && requires === null)
}

function refuseUnknown(
  migrations: readonly Migration[],
  recorded: readonly RecordedMigration[],
): void {
  const known = new Set(migrations.map(({ name }) => name))
  const unknown = recorded.map(({ name }) => name).filter((name) => !known.has(name))
  if (unknown.length === 0) return
  throw new ConnectivityError(
    'DATABASE_NEWER',
    `The database has migrations that this version of the program does not know: ${unknown.join(', ')}. Update the program; an older one must not write into a newer database.`,
    { context: { unknown } },
  )
}

function changed(name: string, applied: string, found: string): ConnectivityError {
  return new ConnectivityError(
    'MIGRATION_CHANGED',
    `migrations/${name}.sql was changed after it had been applied to this database (sha-256 ${applied.slice(0, 12)}… then, ${found.slice(0, 12)}… now). Put the file back as it was, and write the change as a new migration.`,
    { context: { name, applied, found } },
  )
}
