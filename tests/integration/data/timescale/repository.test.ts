import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { join } from 'node:path'
import { subtractSpans } from '../../../../src/core/ranges.ts'
import { hashColumns } from '../../../../src/data/columns.ts'
import { candlesWithin } from '../../../../src/data/overlay.ts'
import { openDatabase } from '../../../../src/data/timescale/index.ts'
import { createTimescaleRepository } from '../../../../src/data/timescale/repository.ts'
import { TimescaleSeriesWriter } from '../../../../src/data/timescale/series-writer.ts'
import { testCandleRepository } from '../../../contracts/candle-repository.ts'
import { settingsOf, testContext } from '../../../support/database-settings.ts'
import { describeDatabases } from '../../../support/databases.ts'
import { startPostgres } from '../../../support/postgres.ts'
import { pageOf, TimescaleFixture } from '../../../support/timescale-fixture.ts'
import { walkCandles, xorshift } from '../../../support/walk.ts'

setDefaultTimeout(60_000)

const HOUR = 3_600_000
const MINUTE = 60_000
const DAY = 86_400_000
const FROM = Date.UTC(2024, 0, 1)
const TO = Date.UTC(2024, 3, 1)
const FEBRUARY = { fromMs: Date.UTC(2024, 1, 1), toMs: Date.UTC(2024, 2, 1) }
const WHOLE = { fromMs: FROM, toMs: TO }
const CANDLES = walkCandles({ ...WHOLE, stepMs: HOUR, seed: 5 })

describeDatabases('the repository', (suite) => {
  testCandleRepository(suite.kind, () => ({
    open: async () => createTimescaleRepository(await db.reopen()),
    dispose: () => {},
  }))

  let db: TimescaleFixture
  let series = 0
  beforeAll(async () => {
    db = await TimescaleFixture.open(await suite.database())
  })
  afterAll(() => db.dispose())
  const newKey = (interval = '1h') => ({ exchange: 'venue', symbol: `R${++series}`, interval })
  const idOf = (symbol: string) => `(SELECT id FROM series WHERE symbol = '${symbol}')`

  describe('what somebody else changes', () => {
    test('is no longer covered, month by month', async () => {
      const key = newKey()
      await db.write(key, CANDLES)
      await db.sql(
        `DELETE FROM candles WHERE series_id = ${idOf(key.symbol)} AND open_time = '2024-02-10Z'`,
      )
      await db.withWriter(key, async (writer) => {
        expect(await writer.coverage()).toEqual(subtractSpans(WHOLE, [FEBRUARY]))
        const counts = await writer.commit(pageOf(key, candlesWithin(CANDLES, FEBRUARY)))
        expect(counts).toEqual({ added: 1, replaced: 0, unchanged: 29 * 24 - 1 })
        expect(await writer.coverage()).toEqual([WHOLE])
      })
    })

    test('takes its holes along until they are looked for again', async () => {
      const key = newKey()
      const hole = { fromMs: FROM, toMs: FROM + 3 * HOUR, cause: 'venue' } as const
      const seen = { firstSeenMs: 5_000, lastCheckMs: 5_000 }
      const rest = candlesWithin(CANDLES, { fromMs: hole.toMs, toMs: TO })
      await db.withWriter(key, async (writer) => {
        const page = { range: WHOLE, candles: rest, holes: [{ ...hole, ...seen }], quarantined: [] }
        await writer.commit(page)
        expect(await writer.holes()).toHaveLength(1)
        await db.sql(
          `UPDATE candles SET volume = 1 WHERE series_id = ${idOf(key.symbol)} AND open_time = '2024-01-09Z'`,
        )
        expect(await writer.holes()).toEqual([])
        const later = { ...hole, firstSeenMs: 9_000, lastCheckMs: 9_000 }
        await writer.commit({ ...page, holes: [later] })
        expect(await writer.holes()).toEqual([{ ...later, firstSeenMs: 5_000 }])
      })
    })

    test('while a page is stored is neither lost nor covered', async () => {
      const key = newKey()
      await db.write(key, CANDLES)
      const row = `series_id = ${idOf(key.symbol)} AND open_time = '2024-02-10Z'`
      await db.withWriter(key, async (writer) => {
        await db.opened.database.withSession(async (other) => {
          await other.query('BEGIN')
          await other.query(`DELETE FROM candles WHERE ${row}`)
          // The page sees the row, then waits for the month, and finds it changed.
          const committing = writer.commit(pageOf(key, candlesWithin(CANDLES, FEBRUARY)))
          await Bun.sleep(200)
          await other.query('COMMIT')
          expect(await committing).toMatchObject({ added: 1, unchanged: 29 * 24 - 1 })
        })
        expect(await writer.coverage()).toEqual([WHOLE])
        expect(hashColumns(await writer.read(WHOLE))).toBe(hashColumns(CANDLES))
      })
    })

    test('of weeks that cross the end of a month leaves whole weeks covered', async () => {
      const key = newKey('1w')
      const range = { fromMs: Date.UTC(2023, 11, 4), toMs: Date.UTC(2024, 3, 1) }
      const weeks = walkCandles({ ...range, stepMs: 7 * DAY, seed: 2 })
      await db.write(key, weeks)
      await db.sql(
        `UPDATE candles SET volume = 1 WHERE series_id = ${idOf(key.symbol)} AND open_time = '2024-01-29Z'`,
      )
      await db.withWriter(key, async (writer) => {
        const january = { fromMs: Date.UTC(2024, 0, 1), toMs: Date.UTC(2024, 1, 5) }
        const covered = await writer.coverage()
        expect(covered).toEqual(subtractSpans(range, [january]))
        expect(await writer.coverage(january)).toEqual([])
        expect(await writer.commit(pageOf(key, candlesWithin(weeks, january)))).toMatchObject({
          replaced: 1,
        })
        expect(await writer.coverage()).toEqual([range])
      })
    })

    test.skipIf(suite.timescale === undefined)(
      'by dropping a chunk is no longer covered, in the months that lost candles',
      async () => {
        const other = await TimescaleFixture.open(await suite.fresh())
        const key = newKey()
        const late = { fromMs: FROM + HOUR, toMs: FROM + 3 * HOUR, cause: 'venue' } as const
        const hole = { ...late, firstSeenMs: 5, lastCheckMs: 5 }
        const known = walkCandles({
          ...WHOLE,
          stepMs: HOUR,
          seed: 5,
          isMissing: (i) => i === 1 || i === 2,
        })
        await other.withWriter(key, (writer) =>
          writer.commit({ range: WHOLE, candles: known, holes: [hole], quarantined: [] }),
        )
        await other.withWriter(key, async (writer) => {
          expect(await writer.coverage()).toEqual([WHOLE])
        })
        await other.sql(`SELECT drop_chunks('candles', older_than => '2024-02-05Z'::timestamptz)`)
        const [first] = await other.sql<{ ms: number }>(
          'SELECT extract(epoch FROM min(open_time))::float8 * 1000 AS ms FROM candles',
        )
        expect(first?.ms).toBeGreaterThan(FROM)
        const lost = subtractSpans(WHOLE, [{ fromMs: first?.ms as number, toMs: TO }])[0]
        const after = Date.UTC(2024, new Date(lost?.toMs as number).getUTCMonth() + 1, 1)
        const left = [{ fromMs: after, toMs: TO }]
        const { readBooks } = createTimescaleRepository(other.opened)
        expect(await readBooks(key, WHOLE)).toEqual({ coverage: left, holes: [] })
        await other.withWriter(key, async (writer) => {
          expect(await writer.coverage()).toEqual(left)
          await writer.commit({ range: WHOLE, candles: known, holes: [hole], quarantined: [] })
          expect(await writer.coverage()).toEqual([WHOLE])
        })
        await other.dispose()
      },
    )

    test('with TRUNCATE is no longer covered at all', async () => {
      const other = await TimescaleFixture.open(await suite.fresh())
      const key = newKey()
      await other.write(key, CANDLES)
      await other.sql('TRUNCATE candles')
      await other.withWriter(key, async (writer) => expect(await writer.coverage()).toEqual([]))
      await other.dispose()
    })
  })

  test('candles of a file are stored, and the months that they change are asked for again', async () => {
    const key = newKey()
    await db.write(key, CANDLES)
    await db.withWriter(key, async (writer) => {
      const same = candlesWithin(CANDLES, FEBRUARY)
      expect((await writer.put(same)).unchanged).toBe(29 * 24)
      expect(await writer.coverage()).toEqual([WHOLE])
      const other = { ...same, volume: same.volume.map((volume) => volume + 1) }
      expect((await writer.put(other)).replaced).toBe(29 * 24)
      expect(await writer.coverage()).toEqual(subtractSpans(WHOLE, [FEBRUARY]))
    })
  })

  describe('the lock of a series', () => {
    test('says who holds it', async () => {
      const key = newKey()
      await db.withWriter(key, async () => {
        const failure = await db.withWriter(key, async () => {}).catch((error: unknown) => error)
        expect(failure).toMatchObject({ code: 'SERIES_BUSY', exitCode: 1 })
        const { message } = failure as Error
        expect(message).toMatch(
          /crypto-test on 127\.0\.0\.1, connected since 20.* \(PostgreSQL process \d+\)/,
        )
        expect(message).toContain('pg_terminate_backend(')
      })
      await db.withWriter(key, async () => {})
    })

    test('is lost with the connection: the writer fails and writes nothing more', async () => {
      const key = newKey()
      const lockOf = async ({ symbol }: typeof key, holders: number) => {
        const held = () =>
          db.sql(`SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = ${idOf(symbol)}`)
        for (let tries = 0; tries < 500 && (await held()).length !== holders; tries++) {
          await Bun.sleep(10)
        }
      }
      const failing = db.withWriter(key, async (writer) => {
        await writer.commit(pageOf(key, candlesWithin(CANDLES, FEBRUARY)))
        await db.sql(
          `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objid = ${idOf(key.symbol)}`,
        )
        const page = pageOf(key, CANDLES)
        await expect(writer.commit(page)).rejects.toMatchObject({
          code: 'DATABASE_LOST',
          exitCode: 5,
        })
        // The server lets go of the lock a moment after the writer has heard of it; then another process has the series.
        await lockOf(key, 0)
        await db.withWriter(key, async (next) => {
          await expect(writer.commit(page)).rejects.toMatchObject({ code: 'DATABASE_LOST' })
          expect(await next.coverage()).toEqual([FEBRUARY])
          expect(await next.commit(page)).toMatchObject({ unchanged: 29 * 24 })
        })
      })
      await failing
    })
  })

  test.skipIf(suite.kind !== 'postgres')(
    'a server that fails in mid-run: what was committed is stored, the rest is repeated',
    async () => {
      const server = await startPostgres()
      const name = 'postgres'
      const opened = await openDatabase(settingsOf({ ...server, name }), testContext())
      const key = newKey()
      const days = Array.from({ length: 60 }, (_, day) => ({
        fromMs: FROM + day * DAY,
        toMs: FROM + (day + 1) * DAY,
      }))
      const commitAll = async (counts: { added: number; unchanged: number }) => {
        const writer = await TimescaleSeriesWriter.open(opened, key)
        try {
          for (const day of days) {
            const done = await writer.commit(pageOf(key, candlesWithin(CANDLES, day)))
            counts.added += done.added
            counts.unchanged += done.unchanged
          }
        } finally {
          await writer.close()
        }
      }
      const before = { added: 0, unchanged: 0 }
      const failing = commitAll(before).catch((error: unknown) => error)
      while (before.added < 10 * 24) await Bun.sleep(1)
      await server.crash()
      expect(await failing).toMatchObject({ code: 'DATABASE_LOST', exitCode: 5 })
      await server.restart()
      const after = { added: 0, unchanged: 0 }
      await commitAll(after)
      // The page whose answer was lost may be stored or not, and nothing else is in doubt.
      expect(before.added).toBeLessThan(60 * 24)
      expect([before.added, before.added + 24]).toContain(after.unchanged)
      expect(after.added + after.unchanged).toBe(60 * 24)
      await opened.database.close()
      await server.stop()
    },
  )

  test('writers of different series work side by side', async () => {
    const keys = [newKey(), newKey()]
    await Promise.all(
      keys.map((key) =>
        db.withWriter(key, async (writer) => {
          for (let day = FROM; day < TO; day += 10 * DAY) {
            const part = candlesWithin(CANDLES, { fromMs: day, toMs: day + 10 * DAY })
            await writer.commit(pageOf(key, part))
          }
        }),
      ),
    )
    for (const key of keys) {
      await db.withWriter(key, async (writer) => {
        expect(hashColumns(await writer.read(WHOLE))).toBe(hashColumns(CANDLES))
      })
    }
  })

  test('a process that is killed leaves whole pages, their coverage and a free series', async () => {
    const next = xorshift(11)
    const request = { address: db.address, fromMs: FROM, days: 60, stepMs: MINUTE, seed: 3 }
    const truth = walkCandles({ fromMs: FROM, toMs: FROM + 60 * DAY, stepMs: MINUTE, seed: 3 })
    const key = newKey('1m')
    let killed = 0
    for (let isDone = false; !isDone; ) {
      const script = join(import.meta.dir, '../../../support/commit-pages.ts')
      const child = Bun.spawn([process.execPath, script, JSON.stringify({ ...request, key })], {
        stdout: 'pipe',
        stderr: 'inherit',
      })
      if (killed < 6) {
        // Not before the first page is under way.
        const reader = child.stdout.getReader()
        await reader.read()
        await Bun.sleep(next() % 300)
        child.kill('SIGKILL')
        killed++
      }
      isDone = (await child.exited) === 0
      await openSoon(async () => {
        await db.withWriter(key, async (writer) => {
          const covered = await writer.coverage()
          const stored = await writer.read({ fromMs: FROM, toMs: FROM + 60 * DAY })
          expect(covered).toHaveLength(1)
          expect(stored.openTime.length).toBe(((covered[0]?.toMs ?? 0) - FROM) / MINUTE)
          expect(hashColumns(stored)).toBe(hashColumns(candlesWithin(truth, covered[0] ?? WHOLE)))
        })
      })
    }
    expect(killed).toBe(6)
  }, 120_000)

  describe.skipIf(suite.timescale !== 'tsl')('compressed chunks and aggregates', () => {
    const MINUTES = walkCandles({ fromMs: FROM, toMs: FROM + 90 * DAY, stepMs: MINUTE, seed: 9 })

    test('more rows are repaired than TimescaleDB unpacks by itself, and the aggregates follow', async () => {
      const key = newKey('1m')
      await db.write(key, MINUTES)
      await db.sql(
        `SELECT compress_chunk(c, if_not_compressed => true) FROM show_chunks('candles') c`,
      )
      const repaired = { ...MINUTES, close: MINUTES.close.slice(), high: MINUTES.high.slice() }
      for (let row = 0; row < 129_600; row++) {
        repaired.high[row] = (repaired.high[row] as number) + 1
      }
      await db.withWriter(key, async (writer) => {
        expect(await writer.commit(pageOf(key, MINUTES))).toMatchObject({ unchanged: 129_600 })
        expect(await writer.commit(pageOf(key, repaired))).toMatchObject({ replaced: 129_600 })
        expect(hashColumns(await writer.read(pageOf(key, MINUTES).range))).toBe(
          hashColumns(repaired),
        )
        await writer.flush()
      })
      const wrong = await db.sql(
        `SELECT FROM candles_1d d WHERE series_id = ${idOf(key.symbol)} AND high <> (
           SELECT max(high) FROM candles c WHERE c.series_id = d.series_id
             AND c.open_time >= d.open_time AND c.open_time < d.open_time + interval '1 day')`,
      )
      expect(wrong).toHaveLength(0)
      const [days] = await db.sql<{ count: string }>(
        `SELECT count(*) FROM candles_1d WHERE series_id = ${idOf(key.symbol)}`,
      )
      expect(days?.count).toBe('90')
    }, 180_000)

    test('one candle in a compressed chunk reaches the hour that was computed before', async () => {
      const key = newKey('1m')
      const day = candlesWithin(MINUTES, { fromMs: FROM, toMs: FROM + DAY })
      await db.withWriter(key, async (writer) => {
        await writer.commit(pageOf(key, day))
        await writer.flush()
        const one = candlesWithin(day, { fromMs: FROM + 90 * MINUTE, toMs: FROM + 91 * MINUTE })
        const changed = { ...one, high: Float64Array.of(1e6) }
        expect(await writer.commit(pageOf(key, changed))).toMatchObject({ replaced: 1 })
        await writer.flush()
      })
      const hours = await db.sql<{ high: number }>(
        `SELECT high FROM candles_1h WHERE series_id = ${idOf(key.symbol)} AND open_time = '2024-01-01 01:00Z'`,
      )
      expect(hours).toEqual([{ high: 1e6 }])
    })
  })
})

/** The server needs a moment to notice that a client is gone. */
async function openSoon(work: () => Promise<void>): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      return await work()
    } catch (error) {
      if ((error as { code?: string }).code !== 'SERIES_BUSY' || tries > 50) throw error
      await Bun.sleep(50)
    }
  }
}
