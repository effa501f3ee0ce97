import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { existsSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hashColumns } from '../../../../src/data/columns.ts'
import { partitionPath, seriesFolder } from '../../../../src/data/lake/lake.ts'
import { createLakeStore } from '../../../../src/data/lake/lake-store.ts'
import { claim } from '../../../../src/data/lake/manifest.ts'
import type { PartitionFacts, SeriesManifest } from '../../../../src/data/lake/manifest-file.ts'
import type { SeriesKey } from '../../../../src/data/store.ts'
import { describeDatabases } from '../../../support/databases.ts'
import { TimescaleFixture } from '../../../support/timescale-fixture.ts'
import { walkCandles } from '../../../support/walk.ts'

setDefaultTimeout(60_000)

const HOUR = 3_600_000
const FROM = Date.UTC(2024, 0, 1)
const TO = Date.UTC(2024, 3, 1)
const CANDLES = walkCandles({ fromMs: FROM, toMs: TO, stepMs: HOUR, seed: 7 })
const MONTHS = ['2024-01', '2024-02', '2024-03']

function manifestOf(lake: string, key: SeriesKey): SeriesManifest {
  return JSON.parse(readFileSync(join(seriesFolder(lake, key), 'manifest.json'), 'utf8'))
}

async function hashOf(lake: string, key: SeriesKey): Promise<string> {
  const store = createLakeStore({ lake })
  try {
    return (await store.readCandles({ ...key, fromMs: 0, toMs: TO + 1e12 })).hash
  } finally {
    store.close()
  }
}

describeDatabases('sync', (suite) => {
  let db: TimescaleFixture
  let series = 0
  beforeAll(async () => {
    db = await TimescaleFixture.open(await suite.database())
  })
  afterAll(() => db.dispose())

  const newKey = () => ({ exchange: 'venue', symbol: `S${++series}`, interval: '1h' })

  /** A series with three months in the database and in a lake of its own. */
  async function synced() {
    const [key, lake] = [newKey(), db.newLake()]
    await db.write(key, CANDLES)
    await db.sync(lake, key)
    const where = `series_id = (SELECT id FROM series WHERE symbol = '${key.symbol}')`
    return { key, lake, where, sync: () => db.sync(lake, key) }
  }

  describe('copies', () => {
    test('every month once, in the same bits, with where it came from', async () => {
      const [key, lake] = [newKey(), db.newLake()]
      await db.write(key, CANDLES)
      const first = await db.sync(lake, key)
      expect(first).toEqual({
        ...key,
        exported: MONTHS,
        unchanged: [],
        removed: [],
        conflicts: [],
        rows: CANDLES.openTime.length,
      })
      expect(await hashOf(lake, key)).toBe(hashColumns(CANDLES))
      const { partitions } = manifestOf(lake, key)
      const [identity] = await db.sql<{ id: string }>('SELECT id FROM database_identity')
      const versions = await db.sql<{ version: string }>(
        `SELECT version FROM partitions WHERE series_id = (SELECT id FROM series WHERE symbol = $1) ORDER BY month`,
        [key.symbol],
      )
      MONTHS.forEach((month, i) => {
        const { source, rows } = partitions[month] as SeriesManifest['partitions'][string]
        expect(rows).toBe([744, 696, 744][i] as number)
        expect(source?.database).toBe(identity?.id as string)
        expect(source?.version).toStartWith(versions[i]?.version as string)
      })
      const again = await db.sync(lake, key)
      expect(again).toMatchObject({ exported: [], unchanged: MONTHS, rows: 0 })
    })

    test('a page that changes nothing leaves every month as it is', async () => {
      const { key, sync } = await synced()
      await db.write(key, CANDLES)
      expect((await sync()).unchanged).toEqual(MONTHS)
    })

    test('nothing of a series that nobody knows', async () => {
      const lake = db.newLake()
      expect(await db.sync(lake, newKey())).toMatchObject({ exported: [], unchanged: [] })
      expect(existsSync(lake)).toBe(false)
    })

    test('nothing of months in which the venue has no candle', async () => {
      const [key, lake] = [newKey(), db.newLake()]
      const range = { fromMs: FROM, toMs: TO }
      const hole = { ...range, cause: 'venue', firstSeenMs: 1, lastCheckMs: 1 } as const
      const none = walkCandles({ fromMs: 0, toMs: 0, stepMs: HOUR, seed: 1 })
      await db.withWriter(key, (writer) =>
        writer.commit({ range, candles: none, holes: [hole], quarantined: [] }),
      )
      expect(await db.sync(lake, key)).toMatchObject({ exported: [], unchanged: [], removed: [] })
      expect(existsSync(lake)).toBe(false)
    })
  })

  describe('what others change with plain SQL', () => {
    const changes: readonly (readonly [string, (where: string) => string])[] = [
      [
        'a changed row',
        (where) => `UPDATE candles SET volume = 1 WHERE ${where} AND open_time = '2024-02-10Z'`,
      ],
      [
        'a deleted row',
        (where) => `DELETE FROM candles WHERE ${where} AND open_time = '2024-02-10Z'`,
      ],
      [
        'a copied row',
        (
          where,
        ) => `INSERT INTO candles SELECT series_id, '2024-02-10 05:00Z', open, high, low, close, 3 FROM candles
          WHERE ${where} AND open_time = '2024-03-01Z'
          ON CONFLICT (series_id, open_time) DO UPDATE SET volume = excluded.volume`,
      ],
    ]
    test.each(changes)('%s: exactly its month is copied again', async (_, change) => {
      const { key, lake, where, sync } = await synced()
      const before = MONTHS.map((month) => statSync(partitionPath(lake, key, month)).ino)
      await db.sql(change(where))
      expect(await sync()).toMatchObject({
        exported: ['2024-02'],
        unchanged: ['2024-01', '2024-03'],
      })
      const after = MONTHS.map((month) => statSync(partitionPath(lake, key, month)).ino)
      expect(after.map((ino, i) => ino === before[i])).toEqual([true, false, true])
      await db.withWriter(key, async (writer) => {
        const stored = await writer.read({ fromMs: FROM, toMs: TO })
        expect(await hashOf(lake, key)).toBe(hashColumns(stored))
      })
    })

    test('a row that moves to another month changes both', async () => {
      const { where, sync } = await synced()
      await db.sql(`DELETE FROM candles WHERE ${where} AND open_time = '2024-02-10Z'`)
      await sync()
      await db.sql(
        `UPDATE candles SET open_time = '2024-02-10Z' WHERE ${where} AND open_time = '2024-01-30Z'`,
      )
      expect((await sync()).exported).toEqual(['2024-01', '2024-02'])
    })

    test('a month whose last row is deleted leaves the lake', async () => {
      const { key, lake, where, sync } = await synced()
      await db.sql(`DELETE FROM candles WHERE ${where} AND open_time < '2024-02-01Z'`)
      expect(await sync()).toMatchObject({ removed: ['2024-01'], exported: [] })
      expect(existsSync(partitionPath(lake, key, '2024-01'))).toBe(false)
      expect(Object.keys(manifestOf(lake, key).partitions)).toEqual(['2024-02', '2024-03'])
      expect(await sync()).toMatchObject({ removed: [], unchanged: ['2024-02', '2024-03'] })
    })

    test('a deleted series leaves the lake', async () => {
      const { key, sync } = await synced()
      await db.sql('DELETE FROM series WHERE symbol = $1', [key.symbol])
      expect(await sync()).toMatchObject({ removed: MONTHS, conflicts: [] })
      const left = await db.sql(
        'SELECT FROM candles c WHERE NOT EXISTS (SELECT FROM series s WHERE s.id = c.series_id)',
      )
      expect(left).toHaveLength(0)
    })

    test('rows of a transaction that is rolled back change nothing', async () => {
      const { where, sync } = await synced()
      await db.opened.database.withSession(async (session) => {
        await session.query('BEGIN')
        await session.query(`UPDATE candles SET volume = 1 WHERE ${where}`)
        await session.query('ROLLBACK')
      })
      expect((await sync()).unchanged).toEqual(MONTHS)
    })

    test('a savepoint that is rolled back does not hide a later change of the same month', async () => {
      const { where, sync } = await synced()
      const change = `UPDATE candles SET volume = volume + 1 WHERE ${where} AND open_time = '2024-02-10Z'`
      await db.opened.database.withSession((session) =>
        session.transaction('BEGIN', async () => {
          await session.query('SAVEPOINT one')
          await session.query(change)
          await session.query('ROLLBACK TO SAVEPOINT one')
          await session.query(change)
        }),
      )
      expect((await sync()).exported).toEqual(['2024-02'])
    })

    test('rows of many series and months in any order are all noticed', async () => {
      const [a, b] = [await synced(), await synced()]
      await db.sql(
        `UPDATE candles SET volume = volume + 1 WHERE (${a.where} OR ${b.where}) AND extract(hour FROM open_time) = 3`,
      )
      for (const one of [a, b]) expect((await one.sync()).exported).toEqual(MONTHS)
    })

    test('open times off the grid, unknown series and invalid values are refused at the door', async () => {
      const { where } = await synced()
      const insert = (values: string) =>
        db.sql(
          `INSERT INTO candles SELECT id, ${values} FROM series WHERE ${where.replace('series_id', 'id')}`,
        )
      const bad = [
        `timestamptz '2025-01-01 00:30Z', 1, 1, 1, 1, 1`,
        `timestamptz '2025-01-01Z', 1, 0.5, 1, 1, 1`,
        `timestamptz '2025-01-01Z', 'NaN', 1, 1, 1, 1`,
        `timestamptz '2025-01-01Z', 1, 'NaN', 1, 1, 1`,
        `timestamptz '2025-01-01Z', 1, 1, 1, 1, 'NaN'`,
        `timestamptz '2025-01-01Z', 1, 'Infinity', 1, 1, 1`,
      ]
      for (const values of bad)
        await expect(insert(values)).rejects.toThrow(/grid|check constraint/)
      await expect(
        db.sql(`INSERT INTO candles VALUES (-1, '2025-01-01Z', 1, 1, 1, 1, 1)`),
      ).rejects.toThrow('there is no series -1')
    })
  })

  describe('what happened to the lake', () => {
    test('files cut short or deleted are copied again', async () => {
      const { key, lake, sync } = await synced()
      truncateSync(partitionPath(lake, key, '2024-01'), 500)
      rmSync(partitionPath(lake, key, '2024-03'))
      expect((await sync()).exported).toEqual(['2024-01', '2024-03'])
      expect(await hashOf(lake, key)).toBe(hashColumns(CANDLES))
    })

    test('a copy that was interrupted is finished', async () => {
      const { key, lake, sync } = await synced()
      const manifest = manifestOf(lake, key)
      const { source } = manifest.partitions['2024-02'] as PartitionFacts
      await claim(lake, key, ['2024-02'], source?.database as string)
      expect(await sync()).toMatchObject({ exported: ['2024-02'], conflicts: [] })
      expect(manifestOf(lake, key)).toEqual(manifest)
    })

    test('a manifest that was deleted or damaged is made anew from equal candles', async () => {
      const { key, lake, sync } = await synced()
      const manifest = manifestOf(lake, key)
      const path = join(seriesFolder(lake, key), 'manifest.json')
      for (const harm of [() => rmSync(path), () => truncateSync(path, 300)]) {
        harm()
        expect(await sync()).toMatchObject({ exported: [], unchanged: MONTHS, conflicts: [] })
        expect(manifestOf(lake, key)).toEqual(manifest)
      }
      expect(existsSync(`${path}.damaged`)).toBe(true)
    })

    test('months of the lake itself with other candles are a conflict and stay', async () => {
      const [key, lake] = [newKey(), db.newLake()]
      const file = join(db.folder, `${key.symbol}.csv`)
      const rows = ['2023-12-31T23:00:00Z', '2024-01-01T00:00:00Z'].map(
        (time) => `${time},1,1,1,1,1`,
      )
      writeFileSync(file, `time,open,high,low,close,volume\n${rows.join('\n')}\n`)
      const local = createLakeStore({ lake })
      await local.importCandles({ ...key, file })
      local.close()
      const before = await hashOf(lake, key)
      await db.write(key, CANDLES)
      expect(await db.sync(lake, key)).toMatchObject({
        exported: ['2024-02', '2024-03'],
        conflicts: ['2023-12', '2024-01'],
      })
      rmSync(partitionPath(lake, key, '2024-02'))
      rmSync(partitionPath(lake, key, '2024-03'))
      expect(await hashOf(lake, key)).toBe(before)
    })

    test('an import into a copied month makes the lake its record', async () => {
      const { key, lake, sync } = await synced()
      const file = join(db.folder, `${key.symbol}.csv`)
      writeFileSync(file, 'time,open,high,low,close,volume\n2024-02-10T00:00:00Z,1,1,1,1,1\n')
      const local = createLakeStore({ lake })
      await local.importCandles({ ...key, file })
      local.close()
      expect(await sync()).toMatchObject({ exported: [], conflicts: ['2024-02'] })
    })

    test('copies of another database are not overwritten', async () => {
      const { key, lake } = await synced()
      const other = await TimescaleFixture.open(await suite.fresh())
      try {
        await other.write(key, walkCandles({ fromMs: FROM, toMs: TO, stepMs: HOUR, seed: 8 }))
        expect(await other.sync(lake, key)).toMatchObject({ exported: [], conflicts: MONTHS })
      } finally {
        await other.dispose()
      }
      expect(await hashOf(lake, key)).toBe(hashColumns(CANDLES))
    })
  })

  describe.skipIf(suite.timescale === undefined)('chunks of TimescaleDB', () => {
    test('months of a dropped chunk are copied again, or leave the lake', async () => {
      const { key, lake, sync } = await synced()
      await db.sql(`SELECT drop_chunks('candles', older_than => timestamptz '2024-02-20Z')`)
      const left = await db.withWriter(key, (writer) => writer.read({ fromMs: FROM, toMs: TO }))
      expect(left.openTime.length).toBeGreaterThan(0)
      expect(left.openTime.length).toBeLessThan(CANDLES.openTime.length)
      const { removed, exported } = await sync()
      expect(removed).toEqual(['2024-01'])
      expect(exported).toContain('2024-02')
      expect(await hashOf(lake, key)).toBe(hashColumns(left))
    })

    test.skipIf(suite.timescale !== 'tsl')('compressing changes no month', async () => {
      const { where, sync } = await synced()
      await db.sql(
        `SELECT compress_chunk(c, if_not_compressed => true) FROM show_chunks('candles') c`,
      )
      expect((await sync()).unchanged).toEqual(MONTHS)
      await db.sql(`DELETE FROM candles WHERE ${where} AND open_time >= '2024-03-01Z'`)
      expect(await sync()).toMatchObject({
        removed: ['2024-03'],
        unchanged: ['2024-01', '2024-02'],
      })
      await db.sql(`UPDATE candles SET volume = 1 WHERE ${where} AND open_time = '2024-01-02Z'`)
      expect((await sync()).exported).toEqual(['2024-01'])
    })
  })

  describe('at the same time', () => {
    test('two processes that sync one series end with the same lake', async () => {
      const [key, lake] = [newKey(), db.newLake()]
      await db.write(key, CANDLES)
      const results = await Promise.all([
        db.sync(lake, key),
        db.sync(lake, key),
        db.sync(lake, key),
      ])
      expect(results.flatMap(({ exported }) => exported).sort()).toEqual(MONTHS)
      expect(await hashOf(lake, key)).toBe(hashColumns(CANDLES))
    })

    test('what is copied during writes is one moment of the database', async () => {
      const [key, lake] = [newKey(), db.newLake()]
      // Each generation rewrites all candles of three months, with its number as their volume.
      const generation = (number: number) => ({
        ...CANDLES,
        volume: CANDLES.volume.map(() => number),
      })
      await db.write(key, generation(0))
      let isWriting = true
      const writing = (async () => {
        for (let number = 1; number <= 8; number++) await db.write(key, generation(number))
      })().finally(() => {
        isWriting = false
      })
      writing.catch(() => {})
      const seen = new Set<number>()
      const store = createLakeStore({ lake })
      while (isWriting) {
        await db.sync(lake, key)
        const { volume } = await store.readCandles({ ...key, fromMs: FROM, toMs: TO })
        expect(new Set(volume).size).toBe(1)
        seen.add(volume[0] as number)
      }
      await writing
      await db.sync(lake, key)
      const { volume } = await store.readCandles({ ...key, fromMs: FROM, toMs: TO })
      expect(new Set(volume)).toEqual(new Set([8]))
      expect(seen.size).toBeGreaterThan(1)
      store.close()
    })

    test('a change that is committed after a later one is seen is copied by the next sync', async () => {
      const { where, sync } = await synced()
      await db.opened.database.withSession(async (slow) => {
        await slow.query('BEGIN')
        await slow.query(
          `UPDATE candles SET volume = 1 WHERE ${where} AND open_time = '2024-01-10Z'`,
        )
        await db.sql(`UPDATE candles SET volume = 2 WHERE ${where} AND open_time = '2024-02-10Z'`)
        expect((await sync()).exported).toEqual(['2024-02'])
        await slow.query('COMMIT')
      })
      expect((await sync()).exported).toEqual(['2024-01'])
    })
  })
})
