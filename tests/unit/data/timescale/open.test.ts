import { expect, setDefaultTimeout, test } from 'bun:test'
import { join } from 'node:path'
import { Database } from '../../../../src/data/timescale/database.ts'
import { databaseStatus, migrate, openDatabase } from '../../../../src/data/timescale/index.ts'
import { readMigrations } from '../../../../src/data/timescale/migrations/files.ts'
import { settingsOf, testContext } from '../../../support/database-settings.ts'
import { describeDatabases, type TestDatabase, withClient } from '../../../support/databases.ts'

setDefaultTimeout(60_000)

const TABLES = `SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`

/** Lends a role that may read everything, and write nothing. */
async function withReader(
  place: TestDatabase,
  use: (reader: { readonly user: string; readonly password: string }) => Promise<void>,
): Promise<void> {
  const user = `reader_of_${place.name}`
  const password = 'reader'
  await withClient(place, async (query) => {
    await query(`CREATE ROLE ${user} LOGIN PASSWORD '${password}' IN ROLE pg_read_all_data`)
    try {
      await query(`ALTER ROLE ${user} SET default_transaction_read_only = on`)
      await use({ user, password })
    } finally {
      await query(`DROP ROLE ${user}`)
    }
  })
}

const OPEN_ONCE = join(import.meta.dir, '../../../support/open-once.ts')

describeDatabases('opening a database', ({ fresh, timescale }) => {
  const shipped = readMigrations()
  const expected = shipped
    .filter(
      ({ requires }) =>
        requires === undefined ||
        timescale === 'tsl' ||
        (timescale === 'apache' && requires === 'timescaledb'),
    )
    .map(({ name }) => name)

  test('that is empty makes its tables, and says so once', async () => {
    const place = await fresh()
    const first = testContext()
    const opened = await openDatabase(settingsOf(place), first)
    expect(
      opened.states.filter(({ status }) => status === 'applied').map(({ name }) => name),
    ).toEqual(expected)
    expect(opened.features.tier).toBe(timescale ?? 'plain')
    expect(first.notes[0]).toContain('was empty: created its tables')
    await opened.database.close()
    const second = testContext()
    await (await openDatabase(settingsOf(place), second)).database.close()
    expect(second.notes).toEqual([])
  })

  test('from six processes at once applies every migration once', async () => {
    const place = await fresh()
    const runs = await Promise.all(
      Array.from({ length: 6 }, async () => {
        const run = Bun.spawn([process.execPath, OPEN_ONCE, JSON.stringify(place)], {
          stdout: 'pipe',
          stderr: 'pipe',
        })
        const [text, errors, code] = await Promise.all([
          run.stdout.text(),
          run.stderr.text(),
          run.exited,
        ])
        expect({ code, errors }).toEqual({ code: 0, errors: '' })
        return JSON.parse(text) as { notes: string[]; applied: string[] }
      }),
    )
    for (const { applied } of runs) expect(applied).toEqual(expected)
    const makers = runs.filter(({ notes }) =>
      notes.some((note) => note.includes('created its tables')),
    )
    expect(makers).toHaveLength(1)
  })

  test('that lacks a migration is refused with the command', async () => {
    const place = await fresh()
    const database = await Database.connect(settingsOf(place), testContext())
    await migrate(database, { migrations: shipped.slice(0, 1) })
    await database.close()
    await expect(openDatabase(settingsOf(place), testContext())).rejects.toMatchObject({
      code: 'DATABASE_NOT_MIGRATED',
      exitCode: 5,
      message: expect.stringMatching(/lacks the migrations 0002_rollups.*Run: crypto db migrate/),
    })
  })

  test('that belongs to others is not filled without being asked', async () => {
    const place = await fresh()
    await withClient(place, (query) => query('CREATE TABLE theirs (n int)'))
    await expect(openDatabase(settingsOf(place), testContext())).rejects.toMatchObject({
      code: 'DATABASE_NOT_MIGRATED',
      message: expect.stringContaining(
        'has none of the tables of this program. Run: crypto db migrate',
      ),
    })
  })

  test('that is empty is left so by whoever only reads', async () => {
    const place = await fresh()
    const opening = openDatabase(settingsOf(place), testContext(), { use: 'read' })
    await expect(opening).rejects.toMatchObject({
      code: 'DATABASE_NOT_MIGRATED',
      message: expect.stringMatching(/is empty: .* crypto ingest .*crypto db migrate/),
    })
    await withClient(place, async (query) => {
      expect(await query(TABLES)).toEqual([])
    })
  })

  test('that is empty says so to a user who may only read', async () => {
    const place = await fresh()
    await withReader(place, async (reader) => {
      const settings = settingsOf({ ...place, ...reader })
      await expect(openDatabase(settings, testContext(), { use: 'read' })).rejects.toMatchObject({
        code: 'DATABASE_NOT_MIGRATED',
        message: expect.stringContaining('is empty'),
      })
    })
  })

  test('waits for a migration under way', async () => {
    const place = await fresh()
    const context = testContext()
    await withClient(place, async (query) => {
      await query('SELECT pg_advisory_lock(1668446576, 1)')
      const opening = openDatabase(settingsOf(place), context)
      await Bun.sleep(300)
      expect(context.notes).toEqual(['another process is migrating this database; waiting for it'])
      await query('SELECT pg_advisory_unlock(1668446576, 1)')
      await (await opening).database.close()
    })
  })

  test('can be looked at before and after', async () => {
    const place = await fresh()
    const database = await Database.connect(settingsOf(place), testContext())
    const before = await databaseStatus(database)
    expect(before.stored).toBeUndefined()
    expect(before.states.filter(({ status }) => status === 'applied')).toEqual([])
    await migrate(database)
    const empty = await databaseStatus(database)
    expect(empty.stored).toMatchObject({ series: 0, candlesEstimate: 0 })
    expect(empty.stored?.chunks === null).toBe(timescale === undefined)
    await database.query(
      `INSERT INTO series (exchange, symbol, interval, interval_ms) VALUES ('binance', 'BTCUSDT', '1h', 3600000)`,
    )
    await database.query(
      `INSERT INTO candles SELECT (SELECT id FROM series), t, 2, 3, 1, 2, 5 FROM generate_series(timestamptz '2024-01-01', '2024-03-31 23:00', '1 hour') t`,
    )
    await database.query('ANALYZE candles')
    const filled = await databaseStatus(database)
    expect(filled.stored).toMatchObject({ series: 1, candlesEstimate: 2184 })
    expect(filled.stored?.bytes).toBeGreaterThan(100_000)
    await database.close()
  })
})
