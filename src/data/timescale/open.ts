import { ConnectivityError } from '../../core/errors.ts'
import { Database } from './database.ts'
import { type DatabaseFeatures, detectFeatures, missingNote } from './features.ts'
import { type Migration, readMigrations } from './migrations/files.ts'
import { withSchemaLock } from './migrations/lock.ts'
import { migrate } from './migrations/migrate.ts'
import {
  compareMigrations,
  isIncomplete,
  type MigrationState,
  type RecordedMigration,
  readRecorded,
} from './migrations/state.ts'
import { applyPolicies, isPolicyStale } from './policies.ts'
import type { Session } from './session.ts'
import { type DatabaseContext, type DatabaseSettings, placeOf } from './settings.ts'

/** A database that has the tables of this version of the program. */
export interface OpenedDatabase {
  readonly database: Database
  readonly features: DatabaseFeatures
  readonly states: readonly MigrationState[]
}

/** What a database is opened for. Whoever records in an empty one makes its tables; whoever reads changes nothing. */
export type DatabaseUse = 'record' | 'read'

export interface OpenOptions {
  /** Recording unless given. */
  readonly use?: DatabaseUse
  readonly migrations?: readonly Migration[]
}

/** The command that every refusal names. */
const COMMAND = 'crypto db migrate'

/**
 * Connects and makes sure that the tables are there.
 * @throws ConnectivityError as `Database.connect` and `migrate`, and `DATABASE_NOT_MIGRATED`
 */
export async function openDatabase(
  settings: DatabaseSettings,
  context: DatabaseContext,
  { use = 'record', migrations = readMigrations() }: OpenOptions = {},
): Promise<OpenedDatabase> {
  const database = await Database.connect(settings, context)
  try {
    const found = await inspect(database, migrations)
    if (found.isEmpty && use === 'record') return await fill(database, migrations)
    refuseUnmigrated(database, found)
    if (use === 'record') await followPolicies(database, found.states)
    return { database, features: found.features, states: found.states }
  } catch (error) {
    await database.close()
    throw error
  }
}

interface Inspected extends Omit<OpenedDatabase, 'database'> {
  readonly recorded: readonly RecordedMigration[]
  /** Nobody has put a table into it. */
  readonly isEmpty: boolean
}

/** Looks at the schema while nobody changes it: a migration under way is waited for. */
async function inspect(database: Database, migrations: readonly Migration[]): Promise<Inspected> {
  return database.withSession((session) =>
    withSchemaLock(session, 'shared', waitingNote(database), () => look(session, migrations)),
  )
}

/** Makes TimescaleDB follow the settings, if it does not yet. */
async function followPolicies(
  database: Database,
  states: readonly MigrationState[],
): Promise<void> {
  await database.withSession(async (session) => {
    if (!(await isPolicyStale(session, database.settings, states))) return
    await withSchemaLock(session, 'exclusive', waitingNote(database), () =>
      applyPolicies(session, database, states),
    )
  })
}

function waitingNote(database: Database): () => void {
  return () => database.note('another process is migrating this database; waiting for it')
}

async function look(session: Session, migrations: readonly Migration[]): Promise<Inspected> {
  const features = await detectFeatures(session)
  const recorded = (await readRecorded(session)) ?? []
  const states = compareMigrations(migrations, recorded, features.tier)
  return {
    features,
    recorded,
    states,
    isEmpty: recorded.length === 0 && (await hasNoTable(session)),
  }
}

/** Tables of extensions do not count. */
async function hasNoTable(session: Session): Promise<boolean> {
  const found = await session.query(
    `SELECT 1 FROM pg_class c
     WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relnamespace = current_schema()::regnamespace
       AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.classid = 'pg_class'::regclass AND d.deptype = 'e')
     LIMIT 1`,
  )
  return found.length === 0
}

async function fill(database: Database, migrations: readonly Migration[]): Promise<OpenedDatabase> {
  const { applied, features, states, notEnabled } = await migrate(database, { migrations })
  if (applied.length > 0) {
    database.note(`the database ${placeOf(database.settings)} was empty: created its tables`)
    const missing = missingNote(features)
    if (missing !== undefined) database.note(missing)
    if (notEnabled !== undefined) database.note(`TimescaleDB was not switched on: ${notEnabled}`)
  }
  return { database, features, states }
}

function refuseUnmigrated(database: Database, { recorded, states, isEmpty }: Inspected): void {
  const pending = states.filter(({ status }) => status === 'pending').map(({ name }) => name)
  if (isEmpty) {
    throw new ConnectivityError(
      'DATABASE_NOT_MIGRATED',
      `The database ${placeOf(database.settings)} is empty: no candle was ever recorded in it. crypto ingest and crypto data import make its tables, as does: ${COMMAND}`,
      { context: { pending } },
    )
  }
  if (isIncomplete(states)) {
    const found =
      recorded.length === 0
        ? 'has none of the tables of this program'
        : `lacks the migrations ${pending.join(', ')}`
    throw new ConnectivityError(
      'DATABASE_NOT_MIGRATED',
      `The database ${placeOf(database.settings)} ${found}. Run: ${COMMAND}`,
      { context: { pending } },
    )
  }
  if (pending.length === 0) return
  database.note(`TimescaleDB could do more in ${placeOf(database.settings)}. Run: ${COMMAND}`)
}
