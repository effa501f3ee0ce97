import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { CandleColumns } from '../../../src/core/candles.ts'
import { PlatformError } from '../../../src/core/errors.ts'
import { checkLake } from '../../../src/data/check/check-lake.ts'
import { hashColumns } from '../../../src/data/columns.ts'
import { exportCandles } from '../../../src/data/export/export-candles.ts'
import { createLakeStore } from '../../../src/data/index.ts'
import { ingest } from '../../../src/data/ingest/ingest.ts'
import { seriesFolder } from '../../../src/data/lake/lake.ts'
import { createLakeRepository } from '../../../src/data/lake/lake-repository.ts'
import { LEDGER_FILE } from '../../../src/data/lake/ledger-file.ts'
import { checkLedger } from '../../../src/data/lake/ledger-holes.ts'
import { candlesWithin } from '../../../src/data/overlay.ts'
import type { VerifiedPage } from '../../../src/data/repository.ts'
import type { SeriesKey, TimeRange } from '../../../src/data/store.ts'
import { harmed } from '../../support/harm.ts'
import { type Row, scriptedExchange } from '../../support/scripted-exchange.ts'
import { walkCandles, xorshift } from '../../support/walk.ts'
import { makeLake, withSeries } from './lake-fixture.ts'

const SEED = 20_260_712

const HOUR = 3_600_000
const KEY: SeriesKey = { exchange: 'scripted', symbol: 'BTCUSDT', interval: '1h' }
const WHOLE: TimeRange = { fromMs: Date.UTC(2024, 0), toMs: Date.UTC(2024, 3) }
const MIDDLE: TimeRange = { fromMs: Date.UTC(2024, 1, 10), toMs: Date.UTC(2024, 2, 5) }
/** Asked of the venue, and not there. */
const isMissing = (i: number) => i === 100 || i === 1_500 || i === 2_100
const CANDLES = walkCandles({ ...WHOLE, stepMs: HOUR, seed: 5, isMissing })

const scene = makeLake()
/** What a command makes of a lake, or the code of the error that it fails with. */
async function outcomeOf(work: () => Promise<string>): Promise<string> {
  try {
    return await work()
  } catch (error) {
    // Anything else would be called a bug of the program.
    if (!(error instanceof PlatformError)) throw error
    expect(error.exitCode).not.toBe(0)
    expect(error.message).toContain(scene.folder)
    return 'refused'
  }
}

/** Reads a lake as backtests, sweeps and exports do: whole, in part, resampled, with history, into a file. */
async function readings(lake: string, hotRowsMin: number): Promise<Record<string, string>> {
  const store = createLakeStore({ lake, hotRowsMin })
  const read = (range: TimeRange, interval = '1h') =>
    outcomeOf(async () => {
      const { hash, incompleteTimes } = await store.readCandles({ ...KEY, interval, ...range })
      return `${hash} ${incompleteTimes}`
    })
  try {
    return {
      whole: await read(WHOLE),
      part: await read(MIDDLE),
      resampled: await read(WHOLE, '1d'),
      backtest: await outcomeOf(async () => {
        const period = { startMs: MIDDLE.fromMs, endMs: MIDDLE.toMs, warmupBars: 50 }
        const { candles, window, holes } = await store.readWarmCandles({ ...KEY, ...period })
        return JSON.stringify([candles.hash, window, holes])
      }),
      export: await outcomeOf(async () => {
        const file = join(scene.folder, 'out.csv')
        const { hash, rows } = await exportCandles(store, { ...KEY, ...MIDDLE, file })
        return `${hash} ${rows} ${Bun.hash(readFileSync(file))}`
      }),
      list: await outcomeOf(async () => {
        const [series] = await store.listSeries()
        return JSON.stringify({ ...series, bytes: 0 })
      }),
    }
  } finally {
    store.close()
  }
}

function filesIn(folder: string, isWanted: (path: string) => boolean): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter(isWanted)
    .sort()
}

const pageOf = (range: TimeRange, candles: CandleColumns = CANDLES): VerifiedPage => {
  const seen = { firstSeenMs: 1, lastCheckMs: 1 }
  const times = new Set(candlesWithin(candles, range).openTime)
  const holes = []
  for (let fromMs = range.fromMs; fromMs < range.toMs; fromMs += HOUR) {
    if (!times.has(fromMs)) holes.push({ fromMs, toMs: fromMs + HOUR, cause: 'venue', ...seen })
  }
  return { range, candles: candlesWithin(candles, range), holes, quarantined: [] } as VerifiedPage
}

/**
 * Bits flip, ends are lost, blocks become zeros. Whatever of a lake it is: what is computed is what was computed before, or the command
 * fails. @param flips how many harms of each kind of file are tried
 */
export function testDamage(flips: number): void {
  setDefaultTimeout(20_000 + flips * 5_000)
  afterAll(() => scene.remove())

  describe('damage to what a series is read from', () => {
    const lake = join(scene.folder, 'read')
    const hot = join(lake, '.hot')
    let expected: Record<string, string>

    beforeAll(async () => {
      const place = { lake, key: KEY }
      await withSeries(place, async (writer) => {
        await writer.commit(pageOf(WHOLE))
        await writer.flush()
      })
      expected = await readings(lake, 0)
      expect(Object.values(expected)).not.toContain('refused')
      expect(await readings(lake, Infinity)).toEqual(expected)
    })

    const isMonth = (path: string) => path.endsWith('.parquet')
    test.each([
      ['the file of a month', Infinity, isMonth],
      ['the file of a month, with copies', 0, isMonth],
      ['a manifest', Infinity, (path: string) => path.endsWith('manifest.json')],
      ['a copy in .hot', 0, (path: string) => path.endsWith('.arrow')],
    ])('(%s) is never another result', async (name, hotRowsMin, isWanted) => {
      const random = xorshift(SEED + name.length)
      let refused = 0
      for (let flip = 0; flip < flips; flip++) {
        await readings(lake, 0)
        const files = filesIn(lake, isWanted)
        const path = files[random() % files.length] as string
        const sound = readFileSync(path)
        const { what, bytes } = harmed(sound, random)
        if (sound.equals(bytes)) continue
        writeFileSync(path, bytes)
        const found = await readings(lake, hotRowsMin)
        for (const [command, outcome] of Object.entries(found)) {
          const message = `${command} with ${relative(lake, path)}: ${what}`
          expect([message, 'refused', expected[command]]).toContain(outcome)
          if (outcome === 'refused') refused++
        }
        if (!path.startsWith(hot)) {
          const [check] = await checkLake({ lake })
          // A manifest whose bytes are others may say the same.
          if (isWanted === isMonth || Object.values(found).includes('refused')) {
            expect(`${what}: ${check?.problems ?? 0} problems`).not.toEndWith(': 0 problems')
          }
          writeFileSync(path, sound)
        }
      }
      // Copies are made anew out of the files, so that nothing has to be refused.
      if (isWanted === isMonth) expect(refused).toBeGreaterThan(0)
      expect(await readings(lake, 0)).toEqual(expected)
    })

    test('(two months that changed places, or a manifest of other candles) is refused', async () => {
      const folder = seriesFolder(lake, KEY)
      const [january, february] = ['2024-01', '2024-02'].map((month) =>
        join(folder, `${month}.parquet`),
      ) as [string, string]
      const [first, second] = [readFileSync(january), readFileSync(february)]
      writeFileSync(january, second)
      writeFileSync(february, first)
      expect((await readings(lake, Infinity)).whole).toBe('refused')
      writeFileSync(january, first)
      writeFileSync(february, second)
      const path = join(folder, 'manifest.json')
      const manifest = readFileSync(path, 'utf8')
      const [one, two] = [...manifest.matchAll(/"digest": "(\w+)"/g)].map(([, digest]) => digest)
      // Each is the right one of another file.
      writeFileSync(path, manifest.replace(`${one}`, `${two}`))
      expect((await readings(lake, Infinity)).whole).toBe('refused')
      writeFileSync(path, manifest)
      expect(await readings(lake, Infinity)).toEqual(expected)
    })
  })

  describe('damage to a ledger', () => {
    const START = Date.UTC(2024, 0)
    const rows: readonly Row[] = Array.from({ length: 24 * 91 }, (_, i) => {
      const price = 100 + (i % 17)
      return [START + i * HOUR, price, price + 2, price - 2, price + 1, 5] as const
    })
    /** Some are not there, and one breaks a rule. */
    const venueRows = rows
      .filter((_, i) => !isMissing(i))
      .map((row): Row => {
        const isBroken = row[0] === START + 300 * HOUR
        return isBroken ? [row[0], row[1], row[2], 1e6, row[4], row[5]] : row
      })
    const killed = join(scene.folder, 'killed')
    const [harmedLake, sound] = [join(scene.folder, 'harmed'), join(scene.folder, 'sound')]

    /** Ingests into a lake what a venue has. @param endRow what is closed by now */
    async function ingestInto(lake: string, endRow: number): Promise<readonly string[]> {
      const said: string[] = []
      const warn = (message: string) => said.push(message)
      const repository = createLakeRepository({ lake, warn })
      const venueMs = START + endRow * HOUR
      const exchange = scriptedExchange({ rows: venueRows, venueMs, perPage: 100 })
      try {
        const request = {
          symbols: ['BTCUSDT'],
          interval: '1h',
          period: { fromMs: START },
          repair: false,
          recheckCandles: 3,
          symbolsParallel: 1,
        }
        const [result] = await ingest(request, {
          exchange,
          repository,
          clock: { now: () => venueMs, sleep: async () => {} },
          random: () => 0,
          elapsed: () => 0,
          policy: { retries: 0, delayMs: 1, delayMsMax: 1 },
          onProgress: () => {},
          warn,
        })
        if (result?.error !== undefined) throw result.error
        return said
      } finally {
        await repository.close()
      }
    }

    /** Candles and what is known of those that are missing. */
    async function stateOf(lake: string): Promise<string> {
      return await withSeries({ lake, key: KEY }, async (writer) => {
        const range = { fromMs: START, toMs: START + rows.length * HOUR }
        const holes = (await writer.holes()).map(({ fromMs, toMs, cause }) => [fromMs, toMs, cause])
        const quarantined = (await writer.quarantined()).map(({ openTime }) => openTime)
        const hash = hashColumns(await writer.read(range))
        return JSON.stringify([hash, await writer.coverage(), holes, quarantined])
      })
    }

    beforeAll(async () => {
      // Some months are in their files; pages of another wait, in the log of a ledger that nobody closed.
      await ingestInto(killed, 1_000)
      const repository = createLakeRepository({ lake: killed })
      const writer = await repository.openSeries(KEY)
      const columns = (fromMs: number, toMs: number) => {
        const part = venueRows.filter(([time]) => time >= fromMs && time < toMs)
        return [0, 1, 2, 3, 4, 5].map((column) =>
          Float64Array.from(part, (row) => row[column] ?? 0),
        )
      }
      for (let at = 1_000; at < 1_900; at += 150) {
        const range = { fromMs: START + at * HOUR, toMs: START + (at + 150) * HOUR }
        const [openTime, open, high, low, close, volume] = columns(range.fromMs, range.toMs)
        const candles = { openTime, open, high, low, close, volume } as CandleColumns
        await writer.commit(pageOf(range, candles))
      }
      cpSync(killed, harmedLake, { recursive: true })
      await writer.close()
      await repository.close()
      rmSync(killed, { recursive: true })
      cpSync(harmedLake, killed, { recursive: true })
      for (const name of readdirSync(killed)) if (name.endsWith('.lock')) rmSync(join(killed, name))
      cpSync(killed, sound, { recursive: true })
      await ingestInto(sound, rows.length)
    })

    test.each([LEDGER_FILE, `${LEDGER_FILE}-wal`, `${LEDGER_FILE} once more`])(
      '(%s) is never another candle, hole or range after the next ingestion',
      async (name) => {
        const random = xorshift(SEED + name.length)
        const expected = await stateOf(sound)
        const isClosed = name.endsWith('once more')
        let [refused, mended] = [0, 0]
        for (let flip = 0; flip < flips; flip++) {
          rmSync(harmedLake, { recursive: true })
          cpSync(killed, harmedLake, { recursive: true })
          // Opened and closed: all is in the one file then, and there is no log.
          if (isClosed) await withSeries({ lake: harmedLake, key: KEY }, async () => {})
          const path = join(harmedLake, name.replace(' once more', ''))
          const { what, bytes } = harmed(readFileSync(path), random)
          writeFileSync(path, bytes)
          const wrong = checkLedger(harmedLake)
          const outcome = await outcomeOf(async () => {
            const said = await ingestInto(harmedLake, rows.length)
            mended += said.length
            expect(said.length > 0).toBe(wrong.length > 0)
            return await stateOf(harmedLake)
          })
          expect([what, 'refused', expected]).toContain(outcome)
          if (outcome !== 'refused') continue
          refused++
          expect(wrong).toHaveLength(1)
        }
        if (isClosed) expect(refused + mended).toBeGreaterThan(0)
      },
    )
  })
}
