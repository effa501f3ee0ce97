import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkLake } from '../../../../src/data/check/check-lake.ts'
import { hashColumns } from '../../../../src/data/columns.ts'
import { partitionPath, seriesFolder } from '../../../../src/data/lake/lake.ts'
import { createLakeStore } from '../../../../src/data/lake/lake-store.ts'
import type { SeriesKey } from '../../../../src/data/store.ts'
import { describeDatabases } from '../../../support/databases.ts'
import { TimescaleFixture } from '../../../support/timescale-fixture.ts'
import { walkCandles } from '../../../support/walk.ts'

setDefaultTimeout(60_000)

const FROM = Date.UTC(2024, 0, 1)
const TO = Date.UTC(2024, 3, 1)
const CANDLES = walkCandles({ fromMs: FROM, toMs: TO, stepMs: 3_600_000, seed: 7 })
const MONTHS = ['2024-01', '2024-02', '2024-03']

async function hashOf(lake: string, key: SeriesKey): Promise<string> {
  const store = createLakeStore({ lake })
  try {
    return (await store.readCandles({ ...key, fromMs: FROM, toMs: TO })).hash
  } finally {
    store.close()
  }
}

describeDatabases('a damaged copy', (suite) => {
  let db: TimescaleFixture
  let series = 0
  beforeAll(async () => {
    db = await TimescaleFixture.open(await suite.database())
  })
  afterAll(() => db.dispose())

  async function synced() {
    const key = { exchange: 'venue', symbol: `S${++series}`, interval: '1h' }
    const lake = db.newLake()
    await db.write(key, CANDLES)
    await db.sync(lake, key)
    return { key, lake, sync: () => db.sync(lake, key) }
  }

  test('a file that was changed within its size is found by a check, and copied again', async () => {
    const { key, lake, sync } = await synced()
    const path = partitionPath(lake, key, '2024-02')
    writeFileSync(path, readFileSync(path).fill(0x55, 2_000, 2_064))
    const [check] = await checkLake({ lake, exchange: key.exchange, symbols: [key.symbol] })
    expect(check?.damaged).toEqual([{ month: '2024-02', path, origin: 'database' }])
    expect(await sync()).toMatchObject({ exported: ['2024-02'] })
    expect(await hashOf(lake, key)).toBe(hashColumns(CANDLES))
  })

  test('bits that the disk lost are no change to a sync, and refused by who uses them', async () => {
    const { key, lake, sync } = await synced()
    const path = partitionPath(lake, key, '2024-02')
    writeFileSync(path, readFileSync(path).fill(0x55, 2_000, 2_064))
    // Losing bits leaves the times of a file alone, so the manifest has to be the later one.
    const later = new Date(Date.now() + 60_000)
    utimesSync(join(seriesFolder(lake, key), 'manifest.json'), later, later)
    expect(await sync()).toMatchObject({ exported: [], unchanged: MONTHS })
    await expect(hashOf(lake, key)).rejects.toMatchObject({ code: 'DATA_DAMAGED' })
    rmSync(path)
    expect(await sync()).toMatchObject({ exported: ['2024-02'] })
    expect(await hashOf(lake, key)).toBe(hashColumns(CANDLES))
  })
})
