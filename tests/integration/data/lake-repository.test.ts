import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hashColumns } from '../../../src/data/columns.ts'
import { partitionPath } from '../../../src/data/lake/lake.ts'
import { createLakeRepository } from '../../../src/data/lake/lake-repository.ts'
import { candlesWithin } from '../../../src/data/overlay.ts'
import { testCandleRepository } from '../../contracts/candle-repository.ts'
import { walkCandles } from '../../support/walk.ts'
import { BTC, failureOf, SAMPLE, temporaryLakes, VENUE_BTC, withSeries } from './lake-fixture.ts'

import {
  CANDLES,
  FEBRUARY,
  fileOf,
  filledLake as filled,
  HOUR,
  JANUARY,
  MARCH,
  pageOf,
  WHOLE,
} from './repository-fixture.ts'

setDefaultTimeout(60_000)

const newFixture = temporaryLakes()
const newLake = () => newFixture().lake
const filledLake = () => filled(newLake())

testCandleRepository('local', () => {
  const lake = newLake()
  return { open: () => createLakeRepository({ lake }), dispose: () => {} }
})

describe('what is known of a series, read without a writer', () => {
  const readBooks = async (lake: string) => {
    const repository = createLakeRepository({ lake })
    try {
      return await repository.readBooks(VENUE_BTC, WHOLE)
    } finally {
      await repository.close()
    }
  }
  const stateOf = (lake: string) =>
    readdirSync(lake, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => {
        const path = join(parentPath, name)
        return [path, Bun.hash(readFileSync(path)), statSync(path).mtimeMs]
      })

  test('is nothing where there is no lake, which it does not make', async () => {
    const lake = join(newLake(), 'none')
    expect(await readBooks(lake)).toEqual({ coverage: [], holes: [] })
    expect(existsSync(lake)).toBe(false)
  })

  test('leaves out a month that somebody deleted, and leaves the ledger as it is', async () => {
    const lake = await filledLake()
    rmSync(fileOf(lake, '2024-02'))
    const before = stateOf(lake)
    expect(await readBooks(lake)).toEqual({ coverage: [JANUARY, MARCH], holes: [] })
    expect(stateOf(lake)).toEqual(before)
  })

  test('knows pages that a killed run has not folded into files', async () => {
    const lake = newLake()
    await withSeries({ lake }, (writer) => writer.commit(pageOf(WHOLE)))
    const before = stateOf(lake)
    expect(await readBooks(lake)).toEqual({ coverage: [WHOLE], holes: [] })
    expect(stateOf(lake)).toEqual(before)
  })

  test('is not known of a damaged ledger, which is said', async () => {
    const lake = await filledLake()
    writeFileSync(
      join(lake, '.ledger.sqlite'),
      'no database, but long enough for its header'.repeat(9),
    )
    expect(await failureOf(readBooks(lake))).toMatchObject({ code: 'LEDGER_DAMAGED' })
  })
})

describe('what is flushed', () => {
  test('is what backtests read, in the same bits', async () => {
    const fixture = newFixture()
    await withSeries(fixture, async (writer) => {
      await writer.commit(pageOf(WHOLE))
      await writer.flush()
    })
    const read = await fixture.store({ sample: false }).readCandles({ ...VENUE_BTC, ...WHOLE })
    expect(read.hash).toBe(hashColumns(CANDLES))
  })

  test('leaves the files of other months alone, and its own when nothing changed', async () => {
    const lake = await filledLake()
    const times = () =>
      ['2024-01', '2024-02', '2024-03'].map((month) => statSync(fileOf(lake, month)).mtimeMs)
    const before = times()
    await withSeries({ lake }, async (writer) => {
      await writer.commit(pageOf(WHOLE))
      await writer.flush()
      expect(times()).toEqual(before)
      const changed = { ...CANDLES, volume: CANDLES.volume.map((volume) => volume + 1) }
      await writer.commit(pageOf(FEBRUARY, changed))
      await writer.flush()
    })
    const [january, february, march] = times()
    expect([january, march]).toEqual([before[0], before[2]])
    expect(february).toBeGreaterThan(before[1] as number)
  })

  test('takes the candles of a sample along, which the month in the lake hides', async () => {
    const fixture = newFixture()
    const place = { lake: fixture.lake, samples: [SAMPLE], key: BTC }
    const sample = await fixture.store().readCandles({ ...BTC, ...JANUARY })
    const first = { fromMs: JANUARY.fromMs, toMs: JANUARY.fromMs + HOUR }
    await withSeries(place, async (writer) => {
      const counts = await writer.commit(pageOf(first))
      expect(counts).toEqual({ added: 0, replaced: 1, unchanged: 0 })
      await writer.flush()
      expect(await writer.coverage()).toEqual([first])
    })
    const read = await fixture.store().readCandles({ ...BTC, ...JANUARY })
    expect(read.openTime).toEqual(sample.openTime)
    expect(read.close[0]).toBe(CANDLES.close[0] as number)
    expect(read.close.subarray(1)).toEqual(sample.close.subarray(1))
  })

  test('may be several series of one repository at the same time', async () => {
    const repository = createLakeRepository({ lake: newLake() })
    const symbols = ['A', 'B', 'C']
    const writers = await Promise.all(
      symbols.map((symbol) => repository.openSeries({ ...VENUE_BTC, symbol })),
    )
    const candlesOf = (i: number) => walkCandles({ ...WHOLE, stepMs: HOUR, seed: i + 1 })
    for (const [i, writer] of writers.entries()) await writer.commit(pageOf(WHOLE, candlesOf(i)))
    await Promise.all(writers.map((writer) => writer.flush()))
    for (const [i, writer] of writers.entries()) {
      expect(await writer.read(WHOLE)).toEqual(candlesOf(i))
      await writer.close()
    }
    await repository.close()
  })

  test('and imported excludes each other', async () => {
    const fixture = newFixture()
    const { lake } = fixture
    const file = join(fixture.folder, 'candles.csv')
    writeFileSync(file, `time,open,high,low,close,volume\n${JANUARY.fromMs},5,6,4,5,1\n`)
    const store = fixture.store({ sample: false })
    await withSeries({ lake }, async () => {
      const failure = await failureOf(store.importCandles({ ...VENUE_BTC, file }))
      expect(failure).toMatchObject({ code: 'SERIES_BUSY', exitCode: 1 })
    })
    expect(await store.importCandles({ ...VENUE_BTC, file })).toMatchObject({ added: 1 })
  })

  test('by an ingestion that was killed does not come back over candles imported since', async () => {
    const fixture = newFixture()
    const { lake } = fixture
    // Committed, but never flushed.
    await withSeries({ lake }, (writer) => writer.commit(pageOf(JANUARY)))
    const file = join(fixture.folder, 'candles.csv')
    writeFileSync(file, `time,open,high,low,close,volume\n${JANUARY.fromMs},5,6,4,5,1\n`)
    const store = fixture.store({ sample: false })
    const imported = await store.importCandles({ ...VENUE_BTC, file })
    expect(imported).toMatchObject({ added: 0, replaced: 1 })
    await withSeries({ lake }, (writer) => writer.flush())
    const { close } = await store.readCandles({ ...VENUE_BTC, ...JANUARY })
    expect([...close.slice(0, 2)]).toEqual([5, CANDLES.close[1] as number])
    expect(close).toHaveLength(31 * 24)
  })
})

describe('a whole month of minutes', () => {
  const minutes = { ...VENUE_BTC, interval: '1m' }
  const candlesOf = (seed: number) => walkCandles({ ...FEBRUARY, stepMs: 60_000, seed })

  test('goes straight into its file, and never under pages that were committed before', async () => {
    const lake = newLake()
    await withSeries({ lake, key: minutes }, async (writer) => {
      const hour = { fromMs: FEBRUARY.fromMs + 5 * HOUR, toMs: FEBRUARY.fromMs + 6 * HOUR }
      await writer.commit(pageOf(hour, candlesOf(1)))
      expect(await writer.commit(pageOf(FEBRUARY, candlesOf(2)))).toEqual({
        added: 29 * 1440 - 60,
        replaced: 60,
        unchanged: 0,
      })
      const file = partitionPath(lake, minutes, '2024-02')
      const written = statSync(file).mtimeMs
      await writer.flush()
      expect(statSync(file).mtimeMs).toBe(written)
      expect(hashColumns(await writer.read(FEBRUARY))).toBe(hashColumns(candlesOf(2)))
      expect(await writer.coverage()).toEqual([FEBRUARY])
      await writer.commit(pageOf(hour, candlesOf(1)))
      await writer.flush()
      expect(candlesWithin(await writer.read(FEBRUARY), hour)).toEqual(
        candlesWithin(candlesOf(1), hour),
      )
      expect(await writer.coverage()).toEqual([FEBRUARY])
    })
  })

  test('keeps its holes', async () => {
    const hole = {
      fromMs: FEBRUARY.fromMs + HOUR,
      toMs: FEBRUARY.fromMs + 3 * HOUR,
      cause: 'venue' as const,
      ...{ firstSeenMs: 5, lastCheckMs: 5 },
    }
    const isMissing = (i: number) => i >= 60 && i < 180
    const candles = walkCandles({ ...FEBRUARY, stepMs: 60_000, seed: 1, isMissing })
    await withSeries({ lake: newLake(), key: minutes }, async (writer) => {
      await writer.commit({ ...pageOf(FEBRUARY, candles), holes: [hole] })
      expect(await writer.holes()).toEqual([hole])
      expect(await writer.coverage()).toEqual([FEBRUARY])
    })
  })
})
