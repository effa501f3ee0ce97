import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { hashColumns } from '../../../../src/data/columns.ts'
import { openDatabase } from '../../../../src/data/timescale/index.ts'
import { lockSeries, unlockSeries } from '../../../../src/data/timescale/series-lock.ts'
import { TimescaleSeriesWriter } from '../../../../src/data/timescale/series-writer.ts'
import { settingsOf, testContext } from '../../../support/database-settings.ts'
import { describeDatabases } from '../../../support/databases.ts'
import { pageOf, TimescaleFixture } from '../../../support/timescale-fixture.ts'
import { until } from '../../../support/until.ts'
import { walkCandles } from '../../../support/walk.ts'

setDefaultTimeout(60_000)

const HOUR = 3_600_000
const WHOLE = { fromMs: Date.UTC(2024, 0, 1), toMs: Date.UTC(2024, 0, 11) }
const CANDLES = walkCandles({ ...WHOLE, stepMs: HOUR, seed: 5 })

describeDatabases('the writer of a series', (suite) => {
  let db: TimescaleFixture
  let series = 0
  beforeAll(async () => {
    db = await TimescaleFixture.open(await suite.database())
  })
  afterAll(() => db.dispose())
  const newKey = () => ({ exchange: 'venue', symbol: `W${++series}`, interval: '1h' })
  const idOf = (symbol: string) => `(SELECT id FROM series WHERE symbol = '${symbol}')`

  test('writes only the candles of a page that are not stored as they are', async () => {
    const key = newKey()
    await db.write(key, CANDLES)
    // Every row tells the transaction that wrote it.
    const rows = () =>
      db.sql<{ time: string; writer: string }>(
        `SELECT open_time::text AS time, xmin::text AS writer FROM candles
         WHERE series_id = ${idOf(key.symbol)} ORDER BY open_time`,
      )
    const before = await rows()
    const corrected = { ...CANDLES, volume: CANDLES.volume.with(7, 3) }
    await db.write(key, corrected)
    const written = (await rows()).filter(({ writer }, i) => writer !== before[i]?.writer)
    expect(written.map(({ time }) => time)).toEqual(['2024-01-01 07:00:00+00'])
  })

  test('repeats a page when somebody adds one of its candles meanwhile', async () => {
    const key = newKey()
    await db.withWriter(key, async (writer) => {
      await db.opened.database.withSession(async (other) => {
        await other.query('BEGIN')
        await other.query(
          `INSERT INTO candles VALUES (${idOf(key.symbol)}, '2024-01-03Z', 1, 1, 1, 1, 1)`,
        )
        // The page does not see the row, and waits for it where the key has to be unique.
        const committing = writer.commit(pageOf(key, CANDLES))
        await until(async () => {
          const waiting = await db.sql(
            `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'COPY candles%'
               AND datname = current_database()`,
          )
          return waiting.length === 1
        })
        await other.query('COMMIT')
        expect(await committing).toEqual({ added: 239, replaced: 1, unchanged: 0 })
      })
      expect(await writer.coverage()).toEqual([WHOLE])
      expect(hashColumns(await writer.read(WHOLE))).toBe(hashColumns(CANDLES))
    })
  })

  test('that fails to open does not keep the series locked', async () => {
    const key = newKey()
    await db.withWriter(key, async () => {})
    const settings = settingsOf(db.address, { statementTimeoutMs: 1_000, poolMax: 1 })
    const hasty = await openDatabase(settings, testContext())
    await db.opened.database.withSession((other) =>
      other.transaction('BEGIN', async () => {
        await other.query('LOCK TABLE holes')
        await expect(TimescaleSeriesWriter.open(hasty, key)).rejects.toMatchObject({
          code: 'DATABASE_TIMEOUT',
        })
      }),
    )
    // The pool's one connection, which would have the lock for as long as it is used for other things.
    const locks = await hasty.database.query(
      `SELECT FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()`,
    )
    expect(locks).toHaveLength(0)
    await hasty.database.close()
  })

  test('gets a lock that is released just before it asks who has it', async () => {
    const key = newKey()
    const id = 1_000_000
    const { database } = db.opened
    await database.withSession(async (holder) => {
      await lockSeries(holder, id, key)
      await database.withSession(async (session) => {
        const ask = session.query.bind(session)
        session.query = async <Row>(sql: string, values?: readonly unknown[]) => {
          if (sql.includes('pg_locks')) await unlockSeries(holder, id)
          return await ask<Row>(sql, values)
        }
        await lockSeries(session, id, key)
        await unlockSeries(session, id)
      })
    })
  })
})
