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
import { walkCandles } from '../../support/walk.ts'
import { failureOf, temporaryLakes, VENUE_BTC, withSeries } from './lake-fixture.ts'

import {
  CANDLES,
  FEBRUARY,
  fileOf,
  filledLake as filled,
  HOUR,
  JANUARY,
  MARCH,
  manifestOf,
  pageOf,
  shortFebruary as shortMonth,
  WHOLE,
} from './repository-fixture.ts'

setDefaultTimeout(60_000)

const newFixture = temporaryLakes()
const newLake = () => newFixture().lake
const filledLake = () => filled(newLake())
const shortFebruary = () => shortMonth(newLake())

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
