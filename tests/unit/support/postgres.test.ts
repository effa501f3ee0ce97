import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describeDatabases, testWithPostgres, withClient } from '../../support/databases.ts'
import { freePort, startPostgres } from '../../support/postgres.ts'
import { until } from '../../support/until.ts'

setDefaultTimeout(60_000)

const HOLDER = join(import.meta.dir, '../../support/postgres-holder.ts')

describeDatabases('a database for tests', ({ database, fresh }) => {
  test('is empty and of its own', async () => {
    await withClient(await database(), (query) => query('CREATE TABLE here (n int)'))
    const found = await withClient(await fresh(), (query) => query(`SELECT to_regclass('here')`))
    expect(found).toEqual([{ to_regclass: null }])
  })
})

describe('the PostgreSQL of a test run', () => {
  testWithPostgres('comes back after a crash with what was committed', async () => {
    const server = await startPostgres()
    const place = { ...server, name: 'postgres' }
    await withClient(place, (query) => query('CREATE TABLE kept AS SELECT 7 AS n'))
    await server.crash()
    expect(await listens(server.port)).toBeFalse()
    await server.restart()
    expect(await withClient(place, (query) => query('TABLE kept'))).toEqual([{ n: 7 }])
    await server.stop()
    expect(existsSync(server.dataFolder)).toBeFalse()
  })

  testWithPostgres('ends with a test run that is killed, and leaves no folder', async () => {
    const { holder, port, dataFolder } = await startHolder()
    expect(await listens(port)).toBeTrue()
    holder.kill('SIGKILL')
    await until(async () => !(await listens(port)) && !existsSync(dirname(dataFolder)))
  })

  testWithPostgres('is made once by several test runs that start together', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'several-runs-'))
    chmodSync(folder, 0o755)
    const runs = await Promise.all([1, 2, 3].map(() => startHolder({ TMPDIR: folder })))
    expect(new Set(runs.map(({ port }) => port)).size).toBe(3)
    for (const { holder } of runs) holder.kill('SIGKILL')
    await until(async () => readdirSync(folder).length === 1)
    rmSync(folder, { recursive: true })
  })
})

interface Held {
  readonly holder: Bun.Subprocess
  readonly port: number
  readonly dataFolder: string
}

async function startHolder(env: Readonly<Record<string, string>> = {}): Promise<Held> {
  const holder = Bun.spawn([process.execPath, HOLDER], {
    env: { ...process.env, ...env },
    stdout: 'pipe',
  })
  for await (const chunk of holder.stdout) {
    return { holder, ...JSON.parse(new TextDecoder().decode(chunk)) }
  }
  throw new Error('the server did not start')
}

function listens(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const socket = connect(port, '127.0.0.1')
  socket.on('connect', () => resolve(true)).on('error', () => resolve(false))
  return promise.finally(() => socket.destroy())
}

test('a free port is one that nothing listens on', async () => {
  expect(await listens(await freePort())).toBeFalse()
})
