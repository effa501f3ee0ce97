import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import {
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { hashColumns } from '../../../src/data/columns.ts'
import { partitionPath } from '../../../src/data/local/lake.ts'
import { createLocalRepository } from '../../../src/data/local/local-repository.ts'
import { candlesWithin } from '../../../src/data/overlay.ts'
import type { TimeRange } from '../../../src/data/store.ts'
import { testCandleRepository } from '../../contracts/candle-repository.ts'
import { walkCandles } from '../../support/walk.ts'
import { BTC, failureOf, SAMPLE, temporaryLakes, VENUE_BTC, withSeries } from './lake-fixture.ts'

setDefaultTimeout(60_000)

const newFixture = temporaryLakes()
const newLake = () => newFixture().lake

testCandleRepository('local', () => {
  const lake = newLake()
  return { open: () => createLocalRepository({ lake }), dispose: () => {} }
})

const HOUR = 3_600_000
const JANUARY = { fromMs: Date.UTC(2024, 0, 1), toMs: Date.UTC(2024, 1, 1) }
const FEBRUARY = { fromMs: JANUARY.toMs, toMs: Date.UTC(2024, 2, 1) }
const MARCH = { fromMs: FEBRUARY.toMs, toMs: Date.UTC(2024, 3, 1) }
const WHOLE = { fromMs: JANUARY.fromMs, toMs: MARCH.toMs }
const CANDLES = walkCandles({ ...WHOLE, stepMs: HOUR, seed: 3 })

const pageOf = (range: TimeRange, candles = CANDLES) => ({
  range,
  candles: candlesWithin(candles, range),
  holes: [],
  quarantined: [],
})

/** A lake whose three months are stored, and what a close look at them found. */
async function filledLake(): Promise<string> {
  const lake = newLake()
  await withSeries({ lake }, async (writer) => {
    await writer.commit(pageOf(WHOLE))
    await writer.flush()
  })
  return lake
}

const fileOf = (lake: string, month: string) => partitionPath(lake, VENUE_BTC, month)
const manifestOf = (lake: string) => join(fileOf(lake, '2024-01'), '..', 'manifest.json')

/** A February without its last nine days. */
async function shortFebruary(): Promise<Uint8Array> {
  const lake = newLake()
  const range = { fromMs: FEBRUARY.fromMs, toMs: Date.UTC(2024, 1, 20) }
  await withSeries({ lake }, async (writer) => {
    await writer.commit(pageOf(range))
    await writer.flush()
  })
  return readFileSync(fileOf(lake, '2024-02'))
}

describe('what is known of a series, read without a writer', () => {
  const readBooks = async (lake: string) => {
    const repository = createLocalRepository({ lake })
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
    const repository = createLocalRepository({ lake: newLake() })
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

describe('coverage after somebody else', () => {
  test('deleted a month: it counts as not asked for, the others stay', async () => {
    const lake = await filledLake()
    rmSync(fileOf(lake, '2024-02'))
    await withSeries({ lake }, async (writer) => {
      expect(await writer.coverage()).toEqual([JANUARY, MARCH])
      await writer.commit(pageOf(FEBRUARY))
      await writer.flush()
      expect(await writer.coverage()).toEqual([WHOLE])
    })
  })

  test('took candles from a month: it counts as not asked for', async () => {
    const lake = await filledLake()
    writeFileSync(fileOf(lake, '2024-02'), await shortFebruary())
    await withSeries({ lake }, async (writer) => {
      expect(await writer.coverage()).toEqual([JANUARY, MARCH])
    })
  })

  test('took candles from a month that was written again before anybody looked', async () => {
    const lake = await filledLake()
    const day = { fromMs: FEBRUARY.fromMs, toMs: FEBRUARY.fromMs + 24 * HOUR }
    const changed = { ...CANDLES, volume: CANDLES.volume.map((volume) => volume + 1) }
    await withSeries({ lake }, async (writer) => {
      expect(await writer.coverage()).toEqual([WHOLE])
      rmSync(fileOf(lake, '2024-02'))
      await writer.commit(pageOf(day, changed))
      await writer.flush()
      expect(await writer.coverage()).toEqual([JANUARY, MARCH])
    })
  })

  test('replaced a month by one that is as whole: the venue is asked what it has of it', async () => {
    const lake = await filledLake()
    const other = newLake()
    const candles = walkCandles({ ...WHOLE, stepMs: HOUR, seed: 8 })
    await withSeries({ lake: other }, async (writer) => {
      await writer.commit(pageOf(FEBRUARY, candles))
      await writer.flush()
    })
    writeFileSync(fileOf(lake, '2024-02'), readFileSync(fileOf(other, '2024-02')))
    rmSync(manifestOf(lake))
    await withSeries({ lake }, async (writer) => {
      expect(await writer.coverage()).toEqual([JANUARY, MARCH])
      expect(await writer.commit(pageOf(FEBRUARY))).toMatchObject({ replaced: 29 * 24 })
      await writer.flush()
      expect(await writer.coverage()).toEqual([WHOLE])
    })
  })

  test('is looked for in the months of a range alone', async () => {
    const lake = await filledLake()
    rmSync(fileOf(lake, '2024-01'))
    rmSync(fileOf(lake, '2024-03'))
    await withSeries({ lake }, async (writer) => {
      expect(await writer.coverage(FEBRUARY)).toEqual([FEBRUARY])
      expect(await writer.coverage(MARCH)).toEqual([])
      const half = { fromMs: JANUARY.fromMs + 9 * HOUR, toMs: FEBRUARY.fromMs + 9 * HOUR }
      expect(await writer.coverage(half)).toEqual([{ ...half, fromMs: FEBRUARY.fromMs }])
    })
  })

  test('filled a hole: the month is asked for again, and what is stored is none', async () => {
    const fixture = newFixture()
    const { lake } = fixture
    const fromMs = JANUARY.fromMs + HOUR
    const seen = { firstSeenMs: 5, lastCheckMs: 5 }
    const hole = { fromMs, toMs: fromMs + 2 * HOUR, cause: 'venue' as const, ...seen }
    const candles = walkCandles({
      ...JANUARY,
      stepMs: HOUR,
      seed: 3,
      isMissing: (i) => i === 1 || i === 2,
    })
    await withSeries({ lake }, async (writer) => {
      await writer.commit({ ...pageOf(JANUARY, candles), holes: [hole] })
      await writer.flush()
    })
    const file = join(fixture.folder, 'candles.csv')
    writeFileSync(file, `time,open,high,low,close,volume\n${fromMs},5,6,4,5,1\n`)
    await fixture.store({ sample: false }).importCandles({ ...VENUE_BTC, file })
    await withSeries({ lake }, async (writer) => {
      expect(await writer.coverage()).toEqual([])
      expect(await writer.commit({ ...pageOf(JANUARY, candles), holes: [hole] })).toMatchObject({
        added: 0,
        replaced: 0,
      })
      expect(await writer.coverage()).toEqual([JANUARY])
      expect(await writer.holes()).toEqual([{ ...hole, fromMs: fromMs + HOUR }])
    })
  })
})

describe('a month file that is damaged', () => {
  const damage: readonly (readonly [string, (file: string) => void])[] = [
    ['cut short', (file) => truncateSync(file, 1_000)],
    ['empty', (file) => truncateSync(file, 0)],
    [
      'another month',
      (file) => writeFileSync(file, readFileSync(file.replace('2024-02', '2024-03'))),
    ],
  ]

  test.each(damage)('(%s) is refused where it matters, with the way out', async (_, harm) => {
    const lake = await filledLake()
    const file = fileOf(lake, '2024-02')
    harm(file)
    const harmed = readFileSync(file)
    await withSeries({ lake }, async (writer) => {
      expect(await writer.coverage()).toEqual([JANUARY, MARCH])
      expect(await writer.commit(pageOf(MARCH))).toMatchObject({ added: 0, replaced: 0 })
      for (const attempt of [() => writer.commit(pageOf(FEBRUARY)), () => writer.read(FEBRUARY)]) {
        const failure = await failureOf(attempt())
        expect(failure).toMatchObject({ code: 'DATA_DAMAGED', exitCode: 3 })
        expect(failure.message).toContain(file)
        expect(failure.message).toContain('--repair')
      }
      expect(await writer.coverage()).toEqual([JANUARY, MARCH])
    })
    expect(readFileSync(file)).toEqual(harmed)
  })

  test.each(damage)('(%s) is set aside by a repair and fetched again', async (_, harm) => {
    const lake = await filledLake()
    const file = fileOf(lake, '2024-02')
    harm(file)
    const harmed = readFileSync(file)
    const said: string[] = []
    await withSeries({ lake, onDamaged: (message) => said.push(message) }, async (writer) => {
      expect(await writer.commit(pageOf(FEBRUARY))).toMatchObject({ added: 29 * 24, replaced: 0 })
      await writer.flush()
      expect(await writer.coverage()).toEqual([WHOLE])
      expect(hashColumns(await writer.read(WHOLE))).toBe(hashColumns(CANDLES))
    })
    expect(readFileSync(`${file}.damaged`)).toEqual(harmed)
    expect(said).toHaveLength(1)
    expect(said[0]).toContain(`kept as ${file}.damaged`)
  })

  test('a second time does not overwrite what was set aside before', async () => {
    const lake = await filledLake()
    const file = fileOf(lake, '2024-02')
    for (const bytes of [900, 700]) {
      truncateSync(file, bytes)
      await withSeries({ lake, onDamaged: () => {} }, async (writer) => {
        await writer.commit(pageOf(FEBRUARY))
        await writer.flush()
      })
    }
    expect(statSync(`${file}.damaged`).size).toBe(900)
    expect(statSync(`${file}.damaged-2`).size).toBe(700)
    expect(readdirSync(join(file, '..')).filter((name) => name.startsWith('.'))).toEqual([])
  })

  test('in bytes that leave its size alone is found by a repair before anything is planned', async () => {
    const lake = await filledLake()
    const file = fileOf(lake, '2024-02')
    const bytes = readFileSync(file)
    writeFileSync(file, bytes.fill(0, 4, bytes.length - 4))
    await withSeries({ lake, onDamaged: () => {} }, async (writer) => {
      expect(await writer.coverage(MARCH)).toEqual([MARCH])
      expect(existsSync(file)).toBe(true)
      expect(await writer.coverage()).toEqual([JANUARY, MARCH])
      expect(existsSync(file)).toBe(false)
    })
  })

  test('with candles that can be read, but are others, is set aside by a repair', async () => {
    const lake = await filledLake()
    const file = fileOf(lake, '2024-02')
    const shifted = { ...CANDLES, volume: CANDLES.volume.map((volume) => volume + 1) }
    const other = newLake()
    await withSeries({ lake: other }, async (writer) => {
      await writer.commit(pageOf(FEBRUARY, shifted))
      await writer.flush()
    })
    const replacement = readFileSync(fileOf(other, '2024-02'))
    writeFileSync(file, replacement)
    await withSeries({ lake, onDamaged: () => {} }, async (writer) => {
      expect(await writer.coverage()).toEqual([JANUARY, MARCH])
    })
    expect(readFileSync(`${file}.damaged`)).toEqual(replacement)
  })

  test('and not listed is measured by the next ingestion, if the ledger knows its candles', async () => {
    const lake = await filledLake()
    const manifest = readFileSync(manifestOf(lake), 'utf8')
    rmSync(manifestOf(lake))
    await withSeries({ lake }, async (writer) => {
      expect(await writer.coverage()).toEqual([WHOLE])
      expect(existsSync(manifestOf(lake))).toBe(false)
      await writer.flush()
    })
    expect(readFileSync(manifestOf(lake), 'utf8')).toBe(manifest)
  })

  test('and put back after it was set aside is not taken for what the manifest knew', async () => {
    const fixture = newFixture()
    const file = fileOf(fixture.lake, '2024-02')
    await withSeries(fixture, async (writer) => {
      await writer.commit(pageOf(WHOLE))
      await writer.flush()
    })
    const bytes = readFileSync(file)
    writeFileSync(file, bytes.fill(0, 4, bytes.length - 4))
    await withSeries({ ...fixture, onDamaged: () => {} }, (writer) => writer.read(FEBRUARY))
    renameSync(`${file}.damaged`, file)
    const failure = await failureOf(fixture.store({ sample: false }).listSeries())
    expect(failure.code).toBe('DATA_UNREADABLE')
  })

  test('in a sample is never set aside: it is not ours', async () => {
    const sample = await filledLake()
    const file = fileOf(sample, '2024-02')
    truncateSync(file, 1_000)
    const harmed = readFileSync(file)
    const said: string[] = []
    const place = { lake: newLake(), samples: [sample] }
    const onDamaged = (message: string) => void said.push(message)
    await withSeries({ ...place, onDamaged }, async (writer) => {
      for (const attempt of [() => writer.commit(pageOf(FEBRUARY)), () => writer.read(FEBRUARY)]) {
        expect((await failureOf(attempt())).code).toBe('DATA_DAMAGED')
      }
    })
    expect(readFileSync(file)).toEqual(harmed)
    expect(said).toEqual([])
  })
})
