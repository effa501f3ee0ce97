import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { candlesWithin } from '../../../../src/data/overlay.ts'
import { describeDatabases, withClient } from '../../../support/databases.ts'
import { pageOf, TimescaleFixture } from '../../../support/timescale-fixture.ts'
import { walkCandles } from '../../../support/walk.ts'

setDefaultTimeout(60_000)

const HOUR = 3_600_000
const JANUARY = { fromMs: Date.UTC(2024, 0, 1), toMs: Date.UTC(2024, 1, 1) }
const WHOLE = { fromMs: JANUARY.fromMs, toMs: Date.UTC(2024, 3, 1) }
const CANDLES = walkCandles({ ...WHOLE, stepMs: HOUR, seed: 11 })
const AFTER_JANUARY = { fromMs: JANUARY.toMs, toMs: WHOLE.toMs }

/** The series and the months that the page marks. */
const KEY = { exchange: 'binance', symbol: 'BTCUSDT', interval: '1h' }

/** The statement of docs/database.md by which somebody says that months changed. */
function documentedSql(): string {
  const page = readFileSync(join(import.meta.dir, '../../../../docs/database.md'), 'utf8')
  const sql = /```sql\n(SELECT mark_partition[^`]*)```/.exec(page)?.[1]
  if (sql === undefined) throw new Error('docs/database.md marks no month')
  return sql
}

const CHANGE = `UPDATE candles SET volume = volume + 1 WHERE open_time IN ('2024-02-10Z', '2024-03-10Z')`

describeDatabases('candles that are changed past the triggers', (suite) => {
  let db: TimescaleFixture
  beforeAll(async () => {
    db = await TimescaleFixture.open(await suite.database())
  })
  afterAll(() => db.dispose())

  const ways: readonly (readonly [string, readonly string[]])[] = [
    ['by session_replication_role', ['SET session_replication_role = replica', CHANGE]],
    [
      'by DISABLE TRIGGER',
      [
        'ALTER TABLE candles DISABLE TRIGGER USER',
        CHANGE,
        'ALTER TABLE candles ENABLE TRIGGER USER',
      ],
    ],
  ]
  test.each(ways)('%s are not noticed until the months are marked', async (_, statements) => {
    const lake = db.newLake()
    await db.write(KEY, CANDLES)
    await db.sync(lake, KEY)
    await withClient(db.address, async (query) => {
      for (const statement of statements) await query(statement)
    })
    expect(await db.sync(lake, KEY)).toMatchObject({ exported: [] })
    await withClient(db.address, (query) => query(documentedSql()))
    expect(await db.sync(lake, KEY)).toMatchObject({
      exported: ['2024-02', '2024-03'],
      unchanged: ['2024-01'],
    })
    await db.withWriter(KEY, async (writer) => {
      expect(await writer.coverage()).toEqual([JANUARY])
      const fetched = candlesWithin(CANDLES, AFTER_JANUARY)
      expect(await writer.commit(pageOf(KEY, fetched))).toMatchObject({ added: 0, replaced: 2 })
    })
  })
})
