import { afterAll, describe, expect, setDefaultTimeout } from 'bun:test'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Database } from '../../../../src/data/timescale/database.ts'
import { selfSignedCertificate } from '../../../support/certificate.ts'
import { settingsOf, testContext } from '../../../support/database-settings.ts'
import { DATABASE_MS_MAX, testWithPostgres } from '../../../support/databases.ts'
import { type PostgresServer, startPostgres } from '../../../support/postgres.ts'
import { ownByServer } from '../../../support/postgres-template.ts'

setDefaultTimeout(DATABASE_MS_MAX)

const certificate = selfSignedCertificate('localhost')
const servers: PostgresServer[] = []
afterAll(async () => {
  for (const server of servers) await server.stop()
})

async function started(): Promise<PostgresServer & { readonly name: string }> {
  const server = await startPostgres()
  servers.push(server)
  return { ...server, name: 'postgres' }
}

async function startedWithTls() {
  const server = await started()
  for (const [file, text] of [
    ['server.crt', certificate.certificate],
    ['server.key', certificate.key],
  ] as const) {
    const path = join(server.dataFolder, file)
    writeFileSync(path, text, { mode: 0o600 })
    ownByServer(path)
  }
  const admin = await Database.connect(settingsOf(server), testContext())
  await admin.query('ALTER SYSTEM SET ssl = on')
  await admin.query('SELECT pg_reload_conf()')
  await admin.close()
  await Bun.sleep(200)
  return server
}

describe('a server without TLS', () => {
  testWithPostgres('is refused when TLS is wanted', async () => {
    const encrypted = Database.connect(
      settingsOf(await started(), { tls: 'require' }),
      testContext(),
    )
    await expect(encrypted).rejects.toMatchObject({
      code: 'DATABASE_TLS',
      exitCode: 5,
      message: expect.stringContaining('offers no TLS, but database.tls is require'),
    })
  })
})

describe('a server with TLS', () => {
  testWithPostgres('is used encrypted, and verified when asked to', async () => {
    const server = { ...(await startedWithTls()), host: 'localhost' }
    const encrypted = 'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()'
    const trusted = { tls: 'verify', ca: certificate.certificate } as const
    for (const [changes, ssl] of [
      [{}, false],
      [{ tls: 'require' }, true],
      [trusted, true],
    ] as const) {
      const database = await Database.connect(settingsOf(server, changes), testContext())
      expect(await database.query(encrypted)).toEqual([{ ssl }])
      await database.close()
    }
    const stranger = Database.connect(settingsOf(server, { tls: 'verify' }), testContext())
    await expect(stranger).rejects.toMatchObject({
      code: 'DATABASE_TLS',
      message: expect.stringContaining('not trusted'),
    })
    const otherName = Database.connect(
      settingsOf({ ...server, host: '127.0.0.1' }, trusted),
      testContext(),
    )
    await expect(otherName).rejects.toMatchObject({
      code: 'DATABASE_TLS',
      message: expect.stringContaining('the name that the certificate is for'),
    })
  })
})

describe('a server that dies', () => {
  testWithPostgres('in the middle of a transaction leaves nothing of it', async () => {
    const server = await started()
    const database = await Database.connect(settingsOf(server), testContext())
    await database.query('CREATE TABLE kept (n int)')
    const broken = database.transaction(async (session) => {
      await session.run('INSERT INTO kept VALUES (1)')
      await server.crash()
      await session.run('INSERT INTO kept VALUES (2)')
    })
    await expect(broken).rejects.toMatchObject({ code: 'DATABASE_LOST', exitCode: 5 })
    await expect(database.query('TABLE kept')).rejects.toMatchObject({
      code: 'DATABASE_UNREACHABLE',
    })
    await server.restart()
    expect(await database.query('TABLE kept')).toEqual([])
    await database.close()
  })

  testWithPostgres('and comes back is used again by work that may be repeated', async () => {
    const server = await started()
    const context = testContext()
    const database = await Database.connect(settingsOf(server), context)
    await database.query('CREATE TABLE counted (n int PRIMARY KEY)')
    let attempts = 0
    await database.transaction(
      async (session) => {
        attempts++
        await session.run('INSERT INTO counted VALUES (1) ON CONFLICT DO NOTHING')
        if (attempts > 1) return
        await server.crash()
        setTimeout(() => server.restart(), 200)
      },
      { idempotent: true },
    )
    expect(attempts).toBe(2)
    expect(await database.query('TABLE counted')).toEqual([{ n: 1 }])
    expect(context.notes.some((note) => note.includes('Trying again'))).toBeTrue()
    await database.close()
  })

  testWithPostgres('for good ends the repetitions with what to do', async () => {
    const server = await started()
    const database = await Database.connect(settingsOf(server), testContext())
    await server.crash()
    await expect(database.read('SELECT 1')).rejects.toMatchObject({ code: 'DATABASE_UNREACHABLE' })
    await database.close()
  })
})
