import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { copyFileSync, existsSync, mkdirSync, renameSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { checkLake } from '../../../../src/data/check/check-lake.ts'
import { partitionPath } from '../../../../src/data/lake/lake.ts'
import { readManifest } from '../../../../src/data/lake/manifest-file.ts'
import { describeDatabases } from '../../../support/databases.ts'
import { TimescaleFixture } from '../../../support/timescale-fixture.ts'
import { walkCandles } from '../../../support/walk.ts'

setDefaultTimeout(60_000)

const MINUTE = 60_000
const HOUR = 3_600_000
const QUARTER = { fromMs: Date.UTC(2024, 0, 1), toMs: Date.UTC(2024, 3, 1) }
const MONTHS = ['2024-01', '2024-02', '2024-03']

describeDatabases('a sync that is interrupted', (suite) => {
  let db: TimescaleFixture
  beforeAll(async () => {
    db = await TimescaleFixture.open(await suite.database())
  })
  afterAll(() => db.dispose())

  test('by a kill leaves no copy that the next one takes for a conflict', async () => {
    const key = { exchange: 'venue', symbol: 'KILLED', interval: '1m' }
    const lake = db.newLake()
    await db.write(key, walkCandles({ ...QUARTER, stepMs: MINUTE, seed: 1 }))
    const script = join(import.meta.dir, '../../../support/sync-lake.ts')
    const request = JSON.stringify({ address: db.address, lake, key })
    const child = Bun.spawn([process.execPath, script, request], { stderr: 'inherit' })
    const january = partitionPath(lake, key, '2024-01')
    while (!existsSync(january) && child.exitCode === null) await Bun.sleep(1)
    child.kill('SIGKILL')
    await child.exited
    // What the files are copies of is noted after the last one.
    expect(existsSync(january)).toBe(true)
    expect(readManifest(lake, key).partitions).toEqual({})
    await db.sql(
      `UPDATE candles SET volume = 1 WHERE open_time = '2024-01-10Z'
         AND series_id = (SELECT id FROM series WHERE symbol = 'KILLED')`,
    )
    expect(await db.sync(lake, key)).toMatchObject({ exported: MONTHS, conflicts: [] })
  })

  test('while it removes months leaves no facts of a file that is gone', async () => {
    const key = { exchange: 'venue', symbol: 'REMOVED', interval: '1h' }
    const lake = db.newLake()
    await db.write(key, walkCandles({ ...QUARTER, stepMs: HOUR, seed: 2 }))
    await db.sync(lake, key)
    await db.sql(
      `DELETE FROM candles WHERE open_time < '2024-03-01Z'
         AND series_id = (SELECT id FROM series WHERE symbol = 'REMOVED')`,
    )
    // The second month cannot be removed while a folder stands in its place.
    const february = partitionPath(lake, key, '2024-02')
    renameSync(february, `${february}.away`)
    mkdirSync(february)
    await expect(db.sync(lake, key)).rejects.toMatchObject({ code: 'WRITE_FAILED' })
    rmdirSync(february)
    renameSync(`${february}.away`, february)
    const january = partitionPath(lake, key, '2024-01')
    expect(existsSync(january)).toBe(false)
    expect(await db.sync(lake, key)).toMatchObject({
      removed: ['2024-02'],
      unchanged: ['2024-03'],
      conflicts: [],
    })
    const [check] = await checkLake({ lake })
    expect(check?.manifest).toEqual([])

    // What somebody puts into the place of the month that was removed is no copy, and stays.
    copyFileSync(partitionPath(lake, key, '2024-03'), january)
    expect(await db.sync(lake, key)).toMatchObject({ removed: [], conflicts: ['2024-01'] })
    expect(existsSync(january)).toBe(true)
  })
})
