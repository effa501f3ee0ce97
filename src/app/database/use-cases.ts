import { readFileSync } from 'node:fs'
import type { Config } from '../../config/index.ts'
import { ConfigError } from '../../core/errors.ts'
import {
  Database,
  type DatabaseContext,
  type DatabaseSettings,
  type DatabaseUse,
  databaseStatus,
  migrate,
  missingNote,
  type OpenedDatabase,
  openDatabase,
} from '../../data/timescale/index.ts'
import type { DatabaseMigrationView, DatabaseStatusView, DatabaseView } from '../../report/views.ts'
import type { Workspace } from '../workspace.ts'
import { passwordFilePath, readPasswordFile } from './password-file.ts'

export type DatabaseUseCases = ReturnType<typeof databaseUseCases>

/** Serves `db …`: the database that candles are recorded in, whichever driver is configured. */
export function databaseUseCases(workspace: Workspace) {
  return {
    /** Brings it to the state of this version. @param onApplied called with the name of each migration */
    migrate: (onApplied: (name: string) => void): Promise<DatabaseMigrationView> =>
      withDatabase(workspace, async (database) => {
        const { features, states, applied, notEnabled } = await migrate(database, { onApplied })
        const missing = missingNote(features)
        const note =
          notEnabled === undefined ? missing : `${missing} It was not switched on: ${notEnabled}`
        return { ...placeOf(database.settings), features, migrations: states, note, applied }
      }),
    /** What it is and has; changes nothing. */
    status: (): Promise<DatabaseStatusView> =>
      withDatabase(workspace, async (database) => {
        const { features, states, databaseBytes, stored } = await databaseStatus(database)
        const place = placeOf(database.settings)
        const note = missingNote(features)
        return { ...place, features, migrations: states, note, bytes: databaseBytes, stored }
      }),
  }
}

/**
 * Opens the configured database for candles; an empty one gets its tables from whoever records.
 * @param connections that are needed at least
 * @throws ConnectivityError as `openDatabase`
 */
export async function openConfiguredDatabase(
  workspace: Workspace,
  use: DatabaseUse,
  connections = 1,
): Promise<OpenedDatabase> {
  const settings = await databaseSettings(workspace)
  const poolMax = Math.max(settings.poolMax, connections)
  return await openDatabase({ ...settings, poolMax }, databaseContext(workspace), { use })
}

async function withDatabase<T>(
  workspace: Workspace,
  use: (database: Database) => Promise<T>,
): Promise<T> {
  const database = await Database.connect(
    await databaseSettings(workspace),
    databaseContext(workspace),
  )
  try {
    return await use(database)
  } finally {
    await database.close()
  }
}

/** Returns the section `database` of settings.yaml as the driver wants it. @throws ConfigError `DATABASE_CA_FILE` */
export async function databaseSettings(workspace: Workspace): Promise<DatabaseSettings> {
  const { settings, provenance } = await workspace.config()
  const { database } = settings
  return {
    host: database.host,
    port: database.port,
    name: database.name,
    user: database.user,
    password: () => passwordOf(workspace, database),
    credentialsFrom: credentialsFrom(workspace, provenance, database),
    tls: database.tls,
    ca: readAuthority(workspace, database.ca_file),
    poolMax: database.pool_max,
    connectTimeoutMs: database.connect_timeout_ms,
    statementTimeoutMs: database.statement_timeout_ms,
    compressAfterDays: database.compress_after_days,
    applicationName: `crypto ${workspace.environment.version}`,
  }
}

/** Names the lines of `.env` that gave user or password. */
function credentialsFrom(
  { environment: { envFile } }: Workspace,
  provenance: Config['provenance'],
  { password }: Config['settings']['database'],
): string | undefined {
  const found = ['user', 'password'].flatMap((key) => {
    const origin = provenance.find(`settings.database.${key}`)
    return origin?.kind === 'environment' ? origin.variables : []
  })
  const line = password?.reveal() ? undefined : envFile?.values.get('PGPASSWORD')?.line
  if (line !== undefined) found.push(`${envFile?.file}:${line} PGPASSWORD`)
  return found.filter((variable) => variable.startsWith('.env:')).join(', ') || undefined
}

export function databaseContext({ environment }: Workspace): DatabaseContext {
  const { clock, random, logger, signal } = environment
  return { clock, random, note: (message) => logger.warn(message), signal }
}

/**
 * Returns the password of settings.yaml, or else the one that other clients of PostgreSQL would find. The driver gets it from
 * here and looks nowhere itself, so that no output shows what the server may repeat.
 */
function passwordOf(
  workspace: Workspace,
  { host, port, name, user, password: configured }: Config['settings']['database'],
): string | undefined {
  const { env, logger, hide } = workspace.environment
  const note = (message: string) => logger.warn(message)
  const fromFile = () => {
    const path = passwordFilePath(env)
    if (path === undefined) return undefined
    return readPasswordFile(workspace.resolve(path), { host, port, name, user }, note)
  }
  const password = configured?.reveal() || env.PGPASSWORD || fromFile()
  if (password !== undefined) hide([password])
  return password
}

function readAuthority(
  workspace: Workspace,
  file: Config['settings']['database']['ca_file'],
): string | undefined {
  if (file === undefined) return undefined
  const path = workspace.resolve(file)
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new ConfigError(
      'DATABASE_CA_FILE',
      `database.ca_file of settings.yaml: ${path} cannot be read: ${(error as Error).message}. Relative paths start at the working directory.`,
      { cause: error },
    )
  }
}

function placeOf(
  settings: DatabaseSettings,
): Pick<DatabaseView, 'host' | 'port' | 'name' | 'user' | 'tls'> {
  const { host, port, name, user, tls } = settings
  return { host, port, name, user, tls }
}
