import { afterAll, describe, setDefaultTimeout, test } from 'bun:test'
import { type DatabaseAddress, noPostgresReason, sharedPostgres } from './postgres.ts'

/** An empty database of its own. */
export interface TestDatabase extends DatabaseAddress {
  /** Name of the database. */
  readonly name: string
  readonly url: string
  /** Removes it, whoever is connected. */
  drop(): Promise<void>
}

/** What a suite gets for one kind of server. */
export interface DatabaseSuite {
  readonly kind: 'postgres' | 'timescale'
  /** The licence of TimescaleDB on the server; undefined where it is not offered. */
  readonly timescale: 'tsl' | 'apache' | undefined
  /** The suite's one database, made when first asked for. */
  readonly database: () => Promise<TestDatabase>
  /** Another empty one. */
  readonly fresh: () => Promise<TestDatabase>
}

interface Target {
  readonly kind: DatabaseSuite['kind']
  readonly label: string
  readonly skip?: string
  readonly timescale: DatabaseSuite['timescale']
  readonly address: () => Promise<DatabaseAddress>
}

/** A busy machine may need long to start a server. */
export const DATABASE_MS_MAX = 60_000

const URL_VARIABLE = 'TEST_TIMESCALE_URL'
const targets: readonly Target[] = [localTarget(), await externalTarget(process.env[URL_VARIABLE])]

/**
 * Runs one suite on a PostgreSQL started from npm's binaries, and on the server of TEST_TIMESCALE_URL when it is set. Its user
 * must be allowed to create databases and extensions.
 */
export function describeDatabases(title: string, body: (suite: DatabaseSuite) => void): void {
  // A default that a preload sets lasts for one file only.
  setDefaultTimeout(DATABASE_MS_MAX)
  for (const target of targets) {
    const why = target.skip === undefined ? '' : ` (skipped: ${target.skip})`
    describe.skipIf(target.skip !== undefined)(`${title} on ${target.label}${why}`, () => {
      body(suiteOn(target))
    })
  }
}

/** A fresh database on the PostgreSQL of this test process. Its owner drops it, or leaves it to the end of the process. */
export async function testDatabase(): Promise<TestDatabase> {
  return createDatabase(await sharedPostgres())
}

/** Tests that need a database wherever it is; skipped with the reason where none runs. */
export const testWithPostgres = test.skipIf(noPostgresReason !== undefined)

function suiteOn({ kind, timescale, address, skip }: Target): DatabaseSuite {
  const made: Promise<TestDatabase>[] = []
  const fresh = () => {
    const database = address().then(createDatabase)
    made.push(database)
    return database
  }
  let first: Promise<TestDatabase> | undefined
  const database = () => {
    first ??= fresh()
    return first
  }
  if (skip === undefined) {
    afterAll(async () => {
      for (const each of made) await (await each).drop()
    })
  }
  return { kind, timescale, database, fresh }
}

function localTarget(): Target {
  const skip = noPostgresReason === undefined ? {} : { skip: noPostgresReason }
  const label = 'PostgreSQL'
  return { kind: 'postgres', label, timescale: undefined, address: sharedPostgres, ...skip }
}

/** Asks the server what it offers, because suites decide by it what they test. A server that is set must be there. */
async function externalTarget(url: string | undefined): Promise<Target> {
  if (url === undefined || url === '') {
    const label = 'TimescaleDB'
    const skip = `${URL_VARIABLE} is not set`
    const address = () => Promise.reject(new Error(skip))
    return { kind: 'timescale', label, skip, timescale: undefined, address }
  }
  const server = addressOf(url)
  const probe = await createDatabase(server)
  try {
    const timescale = await timescaleLicence(probe)
    const label = `the server of ${URL_VARIABLE} (${timescale ?? 'no TimescaleDB'})`
    return { kind: 'timescale', label, timescale, address: async () => server }
  } finally {
    await probe.drop()
  }
}

function addressOf(url: string): DatabaseAddress {
  const { hostname, port, username, password } = new URL(url)
  return {
    host: hostname,
    port: Number(port || 5432),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
  }
}

async function timescaleLicence(database: TestDatabase): Promise<DatabaseSuite['timescale']> {
  return withClient(database, async (query) => {
    const offered = `SELECT 1 FROM pg_available_extensions WHERE name = 'timescaledb'`
    if ((await query(offered)).length === 0) return undefined
    await query('CREATE EXTENSION IF NOT EXISTS timescaledb')
    const [row] = await query(`SELECT current_setting('timescaledb.license') AS licence`)
    return row?.licence === 'timescale' ? 'tsl' : 'apache'
  })
}

export async function createDatabase(server: DatabaseAddress): Promise<TestDatabase> {
  const { host, port, user, password } = server
  const name = `crypto_test_${crypto.randomUUID().replaceAll('-', '').slice(0, 16)}`
  const admin = { host, port, user, password, name: 'postgres' }
  await withClient(admin, (query) => query(`CREATE DATABASE ${name}`))
  const login = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`
  return {
    host,
    port,
    user,
    password,
    name,
    url: `postgres://${login}@${host}:${port}/${name}`,
    async drop() {
      await withClient(admin, (query) => query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`))
    },
  }
}

/** Returns the variables by which settings.yaml finds a database. */
export function environmentOf({
  host,
  port,
  user,
  password,
  name,
}: DatabaseAddress & { readonly name: string }) {
  return { DB_HOST: host, DB_PORT: `${port}`, DB_USER: user, DB_PASSWORD: password, DB_NAME: name }
}

type Row = Readonly<Record<string, unknown>>

/** Runs statements as a client of its own, which nothing of ours is under test with. */
export async function withClient<T>(
  { host, port, user, password, name }: DatabaseAddress & { readonly name: string },
  use: (query: (sql: string, values?: readonly unknown[]) => Promise<readonly Row[]>) => Promise<T>,
): Promise<T> {
  const { default: pg } = await import('pg')
  const client = new pg.Client({ host, port, user, password, database: name })
  await client.connect()
  try {
    return await use(async (sql, values = []) => (await client.query<Row>(sql, [...values])).rows)
  } finally {
    await client.end()
  }
}
