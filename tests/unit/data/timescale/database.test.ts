import { afterAll, describe, expect, test } from 'bun:test'
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { inspect } from 'node:util'
import { Database } from '../../../../src/data/timescale/database.ts'
import type { DatabaseSettings } from '../../../../src/data/timescale/settings.ts'
import { settingsOf, testContext } from '../../../support/database-settings.ts'
import { describeDatabases } from '../../../support/databases.ts'
import { freePort } from '../../../support/postgres.ts'

const open: { close(): unknown }[] = []
afterAll(async () => {
  for (const each of open) await each.close()
})

async function connect(settings: DatabaseSettings, context = testContext()): Promise<Database> {
  const database = await Database.connect(settings, context)
  open.push(database)
  return database
}

/** The error of a connection that must fail. */
async function failure(settings: DatabaseSettings): Promise<unknown> {
  return connect(settings).then(
    () => expect.unreachable('the connection was accepted'),
    (error: unknown) => error,
  )
}

const NOWHERE = { host: '127.0.0.1', user: 'u', password: 'hidden-password', name: 'd' }

describe('a database that is not there', () => {
  test('is unreachable, with the place and what to do', async () => {
    const port = await freePort()
    const error = await failure(settingsOf({ ...NOWHERE, port }))
    expect(error).toMatchObject({ code: 'DATABASE_UNREACHABLE', exitCode: 5 })
    expect(String(error)).toContain(
      `PostgreSQL at 127.0.0.1:${port}/d cannot be reached: nothing listens there. Start it`,
    )
  })

  test('is unreachable when its host has no address', async () => {
    const error = await failure(
      settingsOf({ ...NOWHERE, host: 'no-such-host.invalid', port: 5432 }),
    )
    expect(error).toMatchObject({ code: 'DATABASE_UNREACHABLE' })
  })

  test('is unreachable when something else answers', async () => {
    const web = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: () => new Response('hello') })
    open.push({ close: () => web.stop(true) })
    const settings = settingsOf(
      { ...NOWHERE, port: web.port as number },
      { connectTimeoutMs: 2_000 },
    )
    expect(await failure(settings)).toMatchObject({
      code: 'DATABASE_UNREACHABLE',
      message: expect.stringContaining('is it PostgreSQL that listens there?'),
    })
  })

  test('is unreachable when nothing answers in time', async () => {
    const silent = await listen()
    const { port } = silent.address() as { port: number }
    const began = performance.now()
    const error = await failure(settingsOf({ ...NOWHERE, port }, { connectTimeoutMs: 300 }))
    expect(String(error)).toContain('no answer within 300 ms')
    expect(performance.now() - began).toBeLessThan(3_000)
  })
})

async function listen(): Promise<Server> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  open.push(server)
  return server
}

describeDatabases('a pool of connections', ({ database: place }) => {
  test('returns rows', async () => {
    const database = await connect(settingsOf(await place()))
    const sql = 'SELECT $1::int + 1 AS n, current_setting($2) AS zone, current_setting($3) AS app'
    expect(await database.query(sql, [41, 'timezone', 'application_name'])).toEqual([
      { n: 42, zone: 'UTC', app: 'crypto-test' },
    ])
  })

  test('says who was refused, and never the password', async () => {
    const settings = settingsOf(await place(), { password: () => 'wrong-and-secret' })
    const error = await failure(settings)
    expect(error).toMatchObject({ code: 'DATABASE_REFUSED', exitCode: 5 })
    expect(String(error)).toContain(`refused user '${settings.user}'`)
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('wrong-and-secret')
  })

  test('says how to create the database that is missing', async () => {
    const settings = settingsOf(await place(), { name: 'not_there' })
    const error = await failure(settings)
    expect(error).toMatchObject({ code: 'DATABASE_UNKNOWN', exitCode: 5 })
    expect(String(error)).toContain(
      `createdb -h 127.0.0.1 -p ${settings.port} -U ${settings.user} not_there`,
    )
  })

  test('ends a statement that takes too long, and stays usable', async () => {
    const database = await connect(
      settingsOf(await place(), { statementTimeoutMs: 200, poolMax: 1 }),
    )
    const slow = database.query('SELECT pg_sleep(20)')
    await expect(slow).rejects.toMatchObject({ code: 'DATABASE_TIMEOUT' })
    expect(await database.query('SELECT 1 AS n')).toEqual([{ n: 1 }])
  })

  test('gives a session a limit of its own and takes it back', async () => {
    const database = await connect(
      settingsOf(await place(), { statementTimeoutMs: 200, poolMax: 1 }),
    )
    const slept = await database.withSession((session) => session.run('SELECT pg_sleep(0.4)'), {
      statementTimeoutMs: 0,
    })
    expect(slept).toBe(1)
    expect(await database.query('SHOW statement_timeout')).toEqual([{ statement_timeout: '200ms' }])
  })

  test('says so when all connections stay in use', async () => {
    const database = await connect(settingsOf(await place(), { poolMax: 1, connectTimeoutMs: 200 }))
    const held = await database.acquire()
    await expect(database.query('SELECT 1')).rejects.toMatchObject({ code: 'DATABASE_BUSY' })
    await held.release()
    expect(await database.query('SELECT 1 AS n')).toEqual([{ n: 1 }])
  })

  test('rolls a transaction back when its work fails', async () => {
    const database = await connect(settingsOf(await place()))
    await database.query('CREATE TABLE rolled (n int)')
    const work = database.transaction(async (session) => {
      await session.run('INSERT INTO rolled VALUES (1)')
      throw new RangeError('of the work')
    })
    await expect(work).rejects.toThrow(new RangeError('of the work'))
    expect(await database.query('TABLE rolled')).toEqual([])
  })

  test('does not take a swallowed error for a commit', async () => {
    const database = await connect(settingsOf(await place()))
    const work = database.transaction(async (session) => {
      await session.run('SELECT 1 / 0').catch(() => {})
    })
    await expect(work).rejects.toThrow('a failed transaction throws its error')
  })

  test('repeats an idempotent transaction after a deadlock, and no other', async () => {
    const database = await connect(settingsOf(await place()))
    await database.query('CREATE TABLE locked AS SELECT n, 0 AS value FROM generate_series(1, 2) n')
    const touch = (first: number, idempotent: boolean) => {
      const second = 3 - first
      return database.transaction(
        async (session) => {
          const sql = 'UPDATE locked SET value = value + 1 WHERE n = $1'
          await session.run(sql, [first])
          await Bun.sleep(100)
          await session.run(sql, [second])
        },
        { idempotent },
      )
    }
    await Promise.all([touch(1, true), touch(2, true)])
    expect(await database.query('SELECT DISTINCT value FROM locked')).toEqual([{ value: 2 }])
    const outcomes = await Promise.allSettled([touch(1, false), touch(2, false)])
    const failed = outcomes.filter(({ status }) => status === 'rejected')
    expect(failed).toEqual([
      { status: 'rejected', reason: expect.objectContaining({ code: 'DATABASE_CONFLICT' }) },
    ])
  })

  test('says what a user without rights may not do', async () => {
    const { admin, settings } = await withPoorUser(await connect(settingsOf(await place())))
    const database = await connect(settings)
    await expect(database.query('CREATE TABLE forbidden (n int)')).rejects.toMatchObject({
      code: 'DATABASE_DENIED',
      message: expect.stringContaining(`User '${settings.user}' may not do this`),
    })
    await database.close()
    await admin.query(`DROP ROLE ${settings.user}`)
  })

  test('loses a connection that the server closes, and goes on with another', async () => {
    const context = testContext()
    const database = await connect(settingsOf(await place()), context)
    const lost = database.withSession(async (session) => {
      const [row] = await session.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
      await database.query('SELECT pg_terminate_backend($1)', [row?.pid])
      await session.query('SELECT pg_sleep(5)')
    })
    await expect(lost).rejects.toMatchObject({ code: 'DATABASE_LOST', exitCode: 5 })
    expect(await database.query('SELECT 1 AS n')).toEqual([{ n: 1 }])
  })

  test('survives the loss of an idle connection', async () => {
    const database = await connect(settingsOf(await place()))
    const other = await connect(settingsOf(await place()))
    const [row] = await database.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
    await other.query('SELECT pg_terminate_backend($1)', [row?.pid])
    await Bun.sleep(100)
    expect(await database.query('SELECT 1 AS n')).toEqual([{ n: 1 }])
  })
})

async function withPoorUser(admin: Database) {
  const user = `poor_${crypto.randomUUID().slice(0, 8)}`
  await admin.query(`CREATE ROLE ${user} LOGIN PASSWORD 'poor-password'`)
  await admin.query('REVOKE CREATE ON SCHEMA public FROM PUBLIC')
  return { admin, settings: { ...admin.settings, user, password: () => 'poor-password' } }
}
