import { afterAll, beforeEach, expect, test } from 'bun:test'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Database } from '../../../../src/data/timescale/database.ts'
import { readMigrations } from '../../../../src/data/timescale/migrations/files.ts'
import { type MigrateOptions, migrate } from '../../../../src/data/timescale/migrations/migrate.ts'
import { settingsOf, testContext } from '../../../support/database-settings.ts'
import { describeDatabases } from '../../../support/databases.ts'

const folder = mkdtempSync(join(tmpdir(), 'migrations-'))
afterAll(() => rmSync(folder, { recursive: true }))

function write(files: Readonly<Record<string, string>>): void {
  for (const [name, sql] of Object.entries(files)) writeFileSync(join(folder, name), sql)
}

beforeEach(() => {
  rmSync(folder, { recursive: true })
  mkdirSync(folder)
  write({
    '0001_one.sql': 'CREATE TABLE one (n int); INSERT INTO one VALUES (1);',
    '0002_two.sql': '-- A comment.\n\nCREATE TABLE two AS SELECT n + 1 AS n FROM one;',
  })
})

test('reads files in the order of their numbers, whatever their line ends', () => {
  const [one, two] = readMigrations(folder)
  expect([one?.name, two?.name]).toEqual(['0001_one', '0002_two'])
  const hash = two?.hash
  write({ '0002_two.sql': '-- A comment.\r\n\r\nCREATE TABLE two AS SELECT n + 1 AS n FROM one;' })
  expect(readMigrations(folder)[1]?.hash).toBe(hash as string)
})

test('reads what a file requires from its header only', () => {
  write({
    '0003_three.sql': '-- Says why.\n-- requires: timescaledb-tsl\nSELECT 1;',
    '0004_four.sql': 'SELECT 1;\n-- requires: timescaledb\n',
  })
  expect(readMigrations(folder).map(({ requires }) => requires)).toEqual([
    undefined,
    undefined,
    'timescaledb-tsl',
    undefined,
  ])
})

test('refuses files that have no place in the order', () => {
  write({ '0002_again.sql': 'SELECT 1;' })
  expect(() => readMigrations(folder)).toThrow('two migrations do not share a number')
  write({ '0002_again.sql': '', 'three.sql': '' })
  rmSync(join(folder, '0002_again.sql'))
  expect(() => readMigrations(folder)).toThrow('named like 0001_name.sql')
  rmSync(join(folder, 'three.sql'))
  write({ '0003_three.sql': '-- requires: oracle\n' })
  expect(() => readMigrations(folder)).toThrow('requires one of timescaledb, timescaledb-tsl')
})

describeDatabases('migrations', ({ fresh }) => {
  async function started() {
    const database = await Database.connect(settingsOf(await fresh()), testContext())
    const run = (options: MigrateOptions = {}) =>
      migrate(database, { migrations: readMigrations(folder), enableTimescale: false, ...options })
    return { database, run }
  }

  test('are applied in order, once', async () => {
    const { database, run } = await started()
    expect((await run()).applied).toEqual(['0001_one', '0002_two'])
    expect((await run()).applied).toEqual([])
    expect(await database.query('TABLE two')).toEqual([{ n: 2 }])
    const recorded = await database.query(
      'SELECT name, hash, status, applied <= now() AS past FROM schema_migrations ORDER BY 1',
    )
    const hashes = readMigrations(folder).map(({ hash }) => hash)
    expect(recorded).toEqual([
      { name: '0001_one', hash: hashes[0], status: 'applied', past: true },
      { name: '0002_two', hash: hashes[1], status: 'applied', past: true },
    ])
    await database.close()
  })

  test('that fail leave nothing of themselves, keep the ones before, and go on when repaired', async () => {
    const { database, run } = await started()
    write({ '0002_two.sql': 'CREATE TABLE two (n int);\nCREATE TABLE two (n int);' })
    await expect(run()).rejects.toMatchObject({
      code: 'MIGRATION_FAILED',
      exitCode: 5,
      message: expect.stringMatching(
        /migrations\/0002_two\.sql.*relation "two" already exists.*Nothing of this file was applied/,
      ),
    })
    expect(
      await database.query(`SELECT to_regclass('one')::text AS one, to_regclass('two') AS two`),
    ).toEqual([{ one: 'one', two: null }])
    write({ '0002_two.sql': 'CREATE TABLE two (n int);' })
    expect((await run()).applied).toEqual(['0002_two'])
    await database.close()
  })

  test('say the line of a mistake', async () => {
    const { database, run } = await started()
    write({ '0002_two.sql': '-- A comment.\n\nCREATE TABLE two (n nonsense);' })
    await expect(run()).rejects.toMatchObject({
      message: expect.stringContaining('migrations/0002_two.sql:3: '),
    })
    await database.close()
  })

  test('that were edited after they had been applied are refused', async () => {
    const { database, run } = await started()
    await run()
    write({ '0001_one.sql': 'CREATE TABLE one (n bigint);' })
    await expect(run()).rejects.toMatchObject({
      code: 'MIGRATION_CHANGED',
      exitCode: 5,
      message: expect.stringContaining(
        'migrations/0001_one.sql was changed after it had been applied',
      ),
    })
    await database.close()
  })

  test('of a newer program are refused by an older one', async () => {
    const { database, run } = await started()
    write({ '0003_three.sql': 'SELECT 1;' })
    await run()
    rmSync(join(folder, '0003_three.sql'))
    await expect(run()).rejects.toMatchObject({
      code: 'DATABASE_NEWER',
      message: expect.stringContaining('does not know: 0003_three. Update the program'),
    })
    await database.close()
  })

  test('refuse a table of another program that has the name of ours', async () => {
    const { database, run } = await started()
    await database.query('CREATE TABLE schema_migrations (version text)')
    await expect(run()).rejects.toMatchObject({ code: 'DATABASE_FOREIGN' })
    await database.close()
  })

  test('wait for what the database lacks, without being in the way', async () => {
    const { database, run } = await started()
    write({
      '0002_two.sql': '-- requires: timescaledb-tsl\nSELECT no_such_function();',
      '0003_three.sql': 'CREATE TABLE three (n int);',
    })
    const report = await run()
    expect(report.applied).toEqual(['0001_one', '0003_three'])
    expect(report.states[1]).toEqual({
      name: '0002_two',
      requires: 'timescaledb-tsl',
      status: 'waiting',
      appliedMs: null,
    })
    const waiting = `SELECT name FROM schema_migrations WHERE status = 'waiting'`
    expect(await database.query(waiting)).toEqual([{ name: '0002_two' }])
    // What was never applied may still be edited.
    write({ '0002_two.sql': '-- requires: timescaledb-tsl\nSELECT 1;' })
    expect((await run()).applied).toEqual([])
    await database.close()
  })

  test('are not ended by the limit for statements', async () => {
    const place = settingsOf(await fresh(), { statementTimeoutMs: 200 })
    const database = await Database.connect(place, testContext())
    write({ '0002_two.sql': 'SELECT pg_sleep(0.5);' })
    const report = await migrate(database, {
      migrations: readMigrations(folder),
      enableTimescale: false,
    })
    expect(report.applied).toHaveLength(2)
    await database.close()
  })

  test('say what a role without rights may not do', async () => {
    const { database } = await started()
    const user = `reader_${crypto.randomUUID().slice(0, 8)}`
    await database.query(`CREATE ROLE ${user} LOGIN PASSWORD 'reader-password'`)
    await database.query('REVOKE CREATE ON SCHEMA public FROM PUBLIC')
    const settings = { ...database.settings, user, password: () => 'reader-password' }
    const reader = await Database.connect(settings, testContext())
    await expect(migrate(reader)).rejects.toMatchObject({
      code: 'DATABASE_DENIED',
      exitCode: 5,
      message: expect.stringContaining('docs/database.md lists the rights'),
    })
    await reader.close()
    await database.query(`DROP ROLE ${user}`)
    await database.close()
  })
})
