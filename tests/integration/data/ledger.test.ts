import { Database } from 'bun:sqlite'
import { describe, expect, test } from 'bun:test'
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { hostname } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { hashColumns } from '../../../src/data/columns.ts'
import { partitionPath, seriesFolder } from '../../../src/data/lake/lake.ts'
import { LEDGER_FILE, ledgerError, openLedgerFile } from '../../../src/data/lake/ledger-file.ts'
import { lockPath } from '../../../src/data/lake/lock.ts'
import { candlesWithin } from '../../../src/data/overlay.ts'
import type { TimeRange } from '../../../src/data/store.ts'
import { walkCandles } from '../../support/walk.ts'
import { testFillingKilled } from './filling-killed.ts'
import { failureOf, temporaryLakes, VENUE_BTC, withSeries } from './lake-fixture.ts'

const newFixture = temporaryLakes()
const newLake = () => newFixture().lake

const HOUR = 3_600_000
const WHOLE = { fromMs: Date.UTC(2024, 0, 1), toMs: Date.UTC(2024, 3, 1) }
const CANDLES = walkCandles({ ...WHOLE, stepMs: HOUR, seed: 3 })
const pageOf = (range: TimeRange) => ({
  range,
  candles: candlesWithin(CANDLES, range),
  holes: [],
  quarantined: [],
})

async function filledLake({ isFlushed = true } = {}): Promise<string> {
  const lake = newLake()
  await withSeries({ lake }, async (writer) => {
    await writer.commit(pageOf(WHOLE))
    if (isFlushed) await writer.flush()
  })
  return lake
}

const ledgerFiles = (lake: string) =>
  readdirSync(lake).filter((name) => name.startsWith(LEDGER_FILE))

function deleteLedger(lake: string): void {
  for (const name of ledgerFiles(lake)) rmSync(join(lake, name))
}

const expectWhole = (lake: string) =>
  withSeries({ lake }, async (writer) => {
    expect(await writer.coverage()).toEqual([WHOLE])
    expect(hashColumns(await writer.read(WHOLE))).toBe(hashColumns(CANDLES))
  })

describe('the ledger of a lake', () => {
  test('is one file once it is closed', async () => {
    expect(ledgerFiles(await filledLake())).toEqual([LEDGER_FILE])
  })

  test('keeps what was not flushed', async () => {
    const lake = await filledLake({ isFlushed: false })
    expect(readdirSync(lake)).toEqual([LEDGER_FILE])
    await expectWhole(lake)
    await withSeries({ lake }, (writer) => writer.flush())
    expect(readdirSync(seriesFolder(lake, VENUE_BTC))).toContain('2024-03.parquet')
    await expectWhole(lake)
  })

  test('may be deleted: candles stay and are verified again', async () => {
    const lake = await filledLake()
    deleteLedger(lake)
    await withSeries({ lake }, async (writer) => {
      expect(await writer.coverage()).toEqual([])
      expect(await writer.commit(pageOf(WHOLE))).toEqual({
        added: 0,
        replaced: 0,
        unchanged: CANDLES.openTime.length,
      })
    })
    await expectWhole(lake)
  })

  test('that lags behind the lake, as after a crash in a flush, makes the flush happen again', async () => {
    const lake = await filledLake({ isFlushed: false })
    const before = join(dirname(lake), 'before.sqlite')
    copyFileSync(join(lake, LEDGER_FILE), before)
    await withSeries({ lake }, (writer) => writer.flush())
    const file = partitionPath(lake, VENUE_BTC, '2024-03')
    const written = statSync(file).mtimeMs
    copyFileSync(before, join(lake, LEDGER_FILE))
    await expectWhole(lake)
    await withSeries({ lake }, (writer) => writer.flush())
    await expectWhole(lake)
    expect(statSync(file).mtimeMs).toBe(written)
    const db = new Database(join(lake, LEDGER_FILE), { readonly: true })
    expect(db.query('SELECT count(*) AS pages FROM pages').get()).toEqual({ pages: 0 })
    db.close()
  })

  const damage: readonly (readonly [string, (path: string) => void])[] = [
    ['is no database', (path) => writeFileSync(path, 'not a database, but long enough'.repeat(99))],
    ['was cut short', (path) => truncateSync(path, 8_192)],
    [
      'was overwritten in part',
      (path) => writeFileSync(path, readFileSync(path).fill(0xaa, 4_096, 20_480)),
    ],
  ]
  test.each(damage)('that %s is refused with the way out, and left as it is', async (_, harm) => {
    const lake = await filledLake()
    const path = join(lake, LEDGER_FILE)
    harm(path)
    const harmed = readFileSync(path)
    const failure = await failureOf(withSeries({ lake }, (writer) => writer.commit(pageOf(WHOLE))))
    expect(failure).toMatchObject({ code: 'LEDGER_DAMAGED', exitCode: 3 })
    expect(failure.message).toContain(path)
    expect(failure.message).toContain(`${LEDGER_FILE}-wal`)
    expect(readFileSync(path)).toEqual(harmed)
    deleteLedger(lake)
    await withSeries({ lake }, (writer) => writer.commit(pageOf(WHOLE)))
    await expectWhole(lake)
  })

  test('of a later version is refused', async () => {
    const lake = await filledLake()
    const db = new Database(join(lake, LEDGER_FILE))
    db.run('PRAGMA user_version = 99')
    db.close()
    const failure = await failureOf(withSeries({ lake }, async () => {}))
    expect(failure).toMatchObject({ code: 'LEDGER_VERSION', exitCode: 3 })
    expect(failure.message).toContain('layout 99, this one knows 2')
  })

  test('that another program keeps from being written says so', () => {
    const path = join(newLake(), '..', LEDGER_FILE)
    const db = openLedgerFile(path, () => {})
    const other = new Database(path)
    other.run('BEGIN IMMEDIATE')
    db.run('PRAGMA busy_timeout = 1')
    const write = () => db.run("INSERT INTO months VALUES (1, '2024-01', '', '')")
    expect(write).toThrow('database is locked')
    try {
      write()
    } catch (error) {
      expect(ledgerError(error, path)).toMatchObject({ code: 'LEDGER_BUSY', exitCode: 1 })
    }
    other.run('ROLLBACK')
    for (const one of [db, other]) one.close()
  })

  test('holds tens of thousands of holes', async () => {
    const lake = newLake()
    const seen = { firstSeenMs: 1, lastCheckMs: 1 }
    const PAGE = 500
    await withSeries({ lake }, async (writer) => {
      for (let page = 0; page < 40; page++) {
        const fromMs = WHOLE.fromMs + page * PAGE * HOUR
        const range = { fromMs, toMs: fromMs + PAGE * HOUR }
        const isMissing = (i: number) => i % 2 === 1
        const candles = walkCandles({ ...range, stepMs: HOUR, seed: 1, isMissing })
        const holes = Array.from({ length: PAGE / 2 }, (_, i) => {
          const from = fromMs + (2 * i + 1) * HOUR
          return { fromMs: from, toMs: from + HOUR, cause: 'venue' as const, ...seen }
        })
        await writer.commit({ range, candles, holes, quarantined: [] })
      }
      const holes = await writer.holes()
      expect(holes).toHaveLength((40 * PAGE) / 2)
      expect(await writer.holes({ fromMs: WHOLE.fromMs, toMs: WHOLE.fromMs + 4 * HOUR })).toEqual(
        holes.slice(0, 2),
      )
      expect(await writer.coverage()).toHaveLength(1)
    })
  })
})

describe('the lock of a series', () => {
  test('of a process that was killed while it took it does not stay', async () => {
    const lake = newLake()
    mkdirSync(lake)
    const { pid } = Bun.spawnSync([process.execPath, '--version'])
    const draft = `${lockPath(lake, VENUE_BTC)}.${hostname()}.${pid}`
    writeFileSync(draft, '')
    await withSeries({ lake }, async () => {
      const lock = basename(lockPath(lake, VENUE_BTC))
      const names = readdirSync(lake).filter((name) => name.includes('.lock'))
      expect(names.sort()).toEqual([lock, `${lock}.guard`])
    })
    expect(readdirSync(lake)).toEqual([LEDGER_FILE])
  })

  test('clears away the half-written files of killed processes, and no others', async () => {
    const lake = await filledLake()
    const folder = seriesFolder(lake, VENUE_BTC)
    const { pid } = Bun.spawnSync([process.execPath, '--version'])
    writeFileSync(join(folder, `.2024-02.parquet.${pid}-0.tmp`), 'half')
    writeFileSync(join(folder, `.2024-02.parquet.${process.ppid}-0.tmp`), 'being written')
    writeFileSync(join(folder, '.note'), 'mine')
    await withSeries({ lake }, async () => {})
    const hidden = readdirSync(folder).filter((name) => name.startsWith('.'))
    expect(hidden.sort()).toEqual([`.2024-02.parquet.${process.ppid}-0.tmp`, '.note'])
  })
})

// `tests/endurance/lake.ts` kills more.
testFillingKilled(3)
