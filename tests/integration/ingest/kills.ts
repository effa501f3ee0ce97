import { afterAll, describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hashColumns } from '../../../src/data/columns.ts'
import { createLakeRepository } from '../../../src/data/lake/lake-repository.ts'
import { createLakeStore } from '../../../src/data/lake/lake-store.ts'
import type { CandleRepository } from '../../../src/data/repository.ts'
import { openDatabase } from '../../../src/data/timescale/index.ts'
import { createTimescaleRepository } from '../../../src/data/timescale/repository.ts'
import { settingsOf, testContext } from '../../support/database-settings.ts'
import { describeDatabases, environmentOf, withClient } from '../../support/databases.ts'
import { xorshift } from '../../support/walk.ts'
import {
  countLacking,
  expectTruth,
  type FaultyVenue,
  fullPages,
  MINUTE,
  PAGE,
  pagesOf,
  repeatedCandles,
  SYMBOLS,
  startFaultyVenue,
} from './faulty-venue.ts'
import { finishIngest, type IngestProcess, killRepeatedly, writeConfig } from './killed.ts'

/** `ingest.recheck_candles` */
const RECHECKED = 10
const YEAR_END = Date.UTC(2024, 0, 1)

/** How many ingestions are killed, and what they fetch. */
export interface Campaign {
  readonly kills: number
  /** The minutes from here to the end of 2023. */
  readonly fromMs: number
  /** Given to the test: `describeDatabases` sets the default of the whole file. */
  readonly msMax: number
}

const folders: string[] = []
const venues: FaultyVenue[] = []
afterAll(async () => {
  for (const { simulator } of venues) await simulator.stop()
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** The truth ends in the lake although ingestions are killed. */
export function testKillsOverLake({ kills, fromMs, msMax }: Campaign): void {
  describe(`minutes from a venue with every fault, ingestions of which are killed ${kills} times`, () => {
    test(
      'end in the lake with the truth, all of it, and with every hole known',
      async () => {
        const scene = await prepare(fromMs)
        const lake = join(scene.options.folder, 'lake')
        await survive(scene, kills, createLakeRepository({ lake }))

        // What a backtest reads is what the writer says it stored.
        const repository = createLakeRepository({ lake })
        const store = createLakeStore({ lake })
        for (const symbol of SYMBOLS) {
          const key = { exchange: 'sim', symbol, interval: '1m' }
          const writer = await repository.openSeries(key)
          const { hash } = await store.readCandles({ ...key, ...scene.venue.range })
          expect(hash).toBe(hashColumns(await writer.read(scene.venue.range)))
          await writer.close()
        }
        store.close()
        await repository.close()
      },
      msMax,
    )
  })
}

/** The same for a database; no row is written twice. */
export function testKillsOverDatabase({ kills, fromMs, msMax }: Campaign): void {
  describeDatabases(
    `minutes from a venue with every fault, ingestions of which are killed ${kills} times`,
    (suite) => {
      test(
        'end in the database with the truth, no row of it written twice',
        async () => {
          const database = await suite.fresh()
          const settings = settingsOf(database)
          await (await openDatabase(settings, testContext())).database.close()
          await withClient(database, async (query) => {
            for (const statement of AUDIT) await query(statement)
          })
          const scene = await prepare(fromMs, {
            DATA_DRIVER: 'timescale',
            ...environmentOf(database),
          })
          await survive(
            scene,
            kills,
            createTimescaleRepository(await openDatabase(settings, testContext())),
          )

          await withClient(database, async (query) => {
            const [audit] = await query(
              `SELECT count(*) FILTER (WHERE op = 'INSERT')::int AS inserted,
           count(DISTINCT (series_id, open_time)) FILTER (WHERE op = 'INSERT')::int AS candles,
           count(*) FILTER (WHERE op = 'DELETE')::int AS deleted,
           count(*) FILTER (WHERE op = 'UPDATE')::int AS updated,
           count(*) FILTER (WHERE op = 'UPDATE' AND is_same)::int AS repeated FROM writes`,
            )
            const [stored] = await query('SELECT count(*)::int AS candles FROM candles')
            const candles = stored?.candles as number
            expect(audit).toMatchObject({ inserted: candles, candles, deleted: 0, repeated: 0 })
            // The venue's late corrections.
            expect(audit?.updated as number).toBeGreaterThan(0)
          })
        },
        msMax,
      )
    },
  )
}

/** Notes every row that a committed transaction wrote. */
const AUDIT = [
  'CREATE TABLE writes (op text NOT NULL, series_id int NOT NULL, open_time timestamptz NOT NULL, is_same boolean NOT NULL)',
  `CREATE FUNCTION note_write() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN
     INSERT INTO writes SELECT TG_OP, r.series_id, r.open_time, TG_OP = 'UPDATE' AND OLD IS NOT DISTINCT FROM NEW
       FROM (SELECT (coalesce(NEW, OLD)).*) AS r;
     RETURN NULL;
   END $$`,
  'CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON candles FOR EACH ROW EXECUTE FUNCTION note_write()',
]

interface Scene {
  readonly venue: FaultyVenue
  readonly options: IngestProcess
}

/** A venue with minutes from an instant to the end of 2023, and a project that ingests them. */
async function prepare(fromMs: number, env: IngestProcess['env'] = {}): Promise<Scene> {
  const folder = mkdtempSync(join(tmpdir(), 'crypto-killed-'))
  folders.push(folder)
  const venue = await startFaultyVenue({ fromMs, toMs: YEAR_END })
  venues.push(venue)
  const { simulator } = venue
  writeConfig(folder, simulator.url)
  const from = new Date(fromMs).toISOString()
  return { venue, options: { folder, simulator, symbols: SYMBOLS, from, env } }
}

/** Kills ingestions, lets the last ones end, and compares what is stored with the truth. @param repository is closed */
async function survive(
  { venue, options }: Scene,
  kills: number,
  repository: CandleRepository,
): Promise<void> {
  const { simulator, range } = venue
  const runs = await killRepeatedly(options, { kills, random: xorshift(77) })
  // The kills meet ingestions at work, and those fetch most of the range in spite of them.
  expect(runs.filter(({ requests }) => requests.length > 0).length).toBeGreaterThan(kills * 0.7)
  for (const symbol of SYMBOLS) {
    const fetched = runs.reduce((sum, { requests }) => sum + fullPages(requests, symbol), 0)
    expect(fetched).toBeGreaterThan(pagesOf(range) * 0.7)
    const fetching = runs.filter(({ isRepair }) => !isRepair)
    // The page that was under way, and the candles that every run reads again.
    for (const repeated of repeatedCandles(fetching, symbol)) {
      expect(repeated).toBeLessThanOrEqual(PAGE + RECHECKED)
    }
  }

  await finishIngest(options)
  for (const symbol of SYMBOLS) {
    expect(fullPages(simulator.requests(), symbol)).toBeGreaterThanOrEqual(pagesOf(range))
    // An answer and both repetitions may have lost the same rows; hundreds of answers lost some.
    expect(await countLacking(repository, venue, symbol)).toBeLessThanOrEqual(20)
  }

  // The last candles of the year were read before the venue had corrected them.
  await simulator.advance(10 * MINUTE)
  const reports = await finishIngest(options, '--repair')
  expect(reports.map(({ symbol }) => symbol).sort()).toEqual([...SYMBOLS])
  for (const report of reports) await expectTruth(repository, venue, report)
  await repository.close()

  // Long after its end the venue corrects nothing any more: a further run has nothing to write, unless one was told a time that is 45 s back.
  await simulator.advance(60 * MINUTE)
  let last = await finishIngest(options)
  for (let again = 0; again < 5 && last.some(({ written }) => written > 0); again++) {
    last = await finishIngest(options)
  }
  for (const one of last) expect(one).toMatchObject({ written: 0, unverified: 0 })
}
