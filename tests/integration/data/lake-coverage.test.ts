import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { copyFileSync, cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { CandleColumns } from '../../../src/core/candles.ts'
import { hashColumns } from '../../../src/data/columns.ts'
import { partitionPath } from '../../../src/data/lake/lake.ts'
import { LEDGER_FILE } from '../../../src/data/lake/ledger-file.ts'
import { candlesWithin } from '../../../src/data/overlay.ts'
import type { SeriesWriter } from '../../../src/data/repository.ts'
import type { SeriesKey, TimeRange } from '../../../src/data/store.ts'
import { walkCandles } from '../../support/walk.ts'
import { temporaryLakes, VENUE_BTC, withSeries } from './lake-fixture.ts'

setDefaultTimeout(60_000)

const newFixture = temporaryLakes()
const newLake = () => newFixture().lake

const DAY = 86_400_000
const range = (fromMs: number, toMs: number): TimeRange => ({ fromMs, toMs })
const JANUARY = range(Date.UTC(2024, 0), Date.UTC(2024, 1))
const FEBRUARY = range(JANUARY.toMs, Date.UTC(2024, 2))
const MARCH = range(FEBRUARY.toMs, Date.UTC(2024, 3))

/** A series of three months. */
interface Series {
  readonly key: SeriesKey
  readonly candles: CandleColumns
}
const seriesOf = (interval: string, stepMs: number): Series => ({
  key: { ...VENUE_BTC, interval },
  candles: walkCandles({ ...range(JANUARY.fromMs, MARCH.toMs), stepMs, seed: 3 }),
})
const HOURS = seriesOf('1h', 3_600_000)
const MINUTES = seriesOf('1m', 60_000)

const pageOf = (page: TimeRange, { candles }: Series) => ({
  range: page,
  candles: candlesWithin(candles, page),
  holes: [],
  quarantined: [],
})

/** Stores pages of a series, one after the other. */
async function store(lake: string, series: Series, ...pages: readonly TimeRange[]): Promise<void> {
  await withSeries({ lake, key: series.key }, async (writer) => {
    for (const page of pages) {
      await writer.commit(pageOf(page, series))
      await writer.flush()
    }
  })
}

/** What the next one to open the series takes for asked for. */
function coverageOf(lake: string, { key }: Series): Promise<readonly TimeRange[]> {
  return withSeries({ lake, key }, (writer) => writer.coverage())
}

/** All of the range is covered and stored, and nothing else is covered. */
async function expectWhole(writer: SeriesWriter, series: Series, whole: TimeRange): Promise<void> {
  expect(await writer.coverage()).toEqual([whole])
  const expected = hashColumns(candlesWithin(series.candles, whole))
  expect(hashColumns(await writer.read(whole))).toBe(expected)
}

const fileOf = (lake: string, { key }: Series) => partitionPath(lake, key, '2024-02')

/** What somebody else does to the file of February, of which a range is stored. */
type Harm = (lake: string, series: Series, stored: TimeRange) => Promise<void>
const HARM: readonly (readonly [string, Harm])[] = [
  ['deleted', async (lake, series) => rmSync(fileOf(lake, series))],
  [
    'cut short by somebody',
    async (lake, series, { fromMs, toMs }) => {
      const other = newLake()
      await store(other, series, range(fromMs + 3 * DAY, toMs - DAY))
      copyFileSync(fileOf(other, series), fileOf(lake, series))
      // A file that a manifest lists is refused when it is another one.
      rmSync(join(fileOf(lake, series), '..', 'manifest.json'))
    },
  ],
]

describe('a month that was', () => {
  test.each(HARM)(
    '%s counts as not asked for, though the ledger never knew its file',
    async (_, harm) => {
      const origin = newLake()
      await store(origin, HOURS, JANUARY, FEBRUARY, MARCH)
      const lake = newLake()
      cpSync(origin, lake, {
        recursive: true,
        filter: (path) => !path.startsWith(join(origin, LEDGER_FILE)),
      })
      // All is stored already, so that nothing is written.
      await store(lake, HOURS, JANUARY, FEBRUARY, MARCH)
      await harm(lake, HOURS, FEBRUARY)
      expect(await coverageOf(lake, HOURS)).toEqual([JANUARY, MARCH])
      await withSeries({ lake }, async (writer) => {
        await writer.commit(pageOf(FEBRUARY, HOURS))
        await writer.flush()
        await expectWhole(writer, HOURS, range(JANUARY.fromMs, MARCH.toMs))
      })
    },
  )

  test.each(HARM)(
    '%s counts as not asked for, though a page waits to be folded into it',
    async (_, harm) => {
      const lake = newLake()
      await store(lake, HOURS, JANUARY, FEBRUARY, MARCH)
      const volume = HOURS.candles.volume.map((value) => value + 1)
      const corrected = { ...HOURS, candles: { ...HOURS.candles, volume } }
      const day = range(FEBRUARY.fromMs + 5 * DAY, FEBRUARY.fromMs + 6 * DAY)
      await withSeries({ lake }, (writer) => writer.commit(pageOf(day, corrected)))
      await harm(lake, HOURS, FEBRUARY)
      expect(await coverageOf(lake, HOURS)).toEqual([JANUARY, MARCH])
    },
  )

  test.each(HARM)('%s is whole again where the ledger still has its pages', async (_, harm) => {
    const lake = newLake()
    await withSeries({ lake }, (writer) => writer.commit(pageOf(FEBRUARY, HOURS)))
    const ledger = join(lake, LEDGER_FILE)
    copyFileSync(ledger, `${ledger}.before`)
    await withSeries({ lake }, (writer) => writer.flush())
    // As if the writer had died between the file and the ledger.
    copyFileSync(`${ledger}.before`, ledger)
    await harm(lake, HOURS, FEBRUARY)
    await withSeries({ lake }, async (writer) => {
      await expectWhole(writer, HOURS, FEBRUARY)
      await writer.flush()
      await expectWhole(writer, HOURS, FEBRUARY)
    })
  })
})

describe('a page of very many candles that is no whole month', () => {
  const middle = FEBRUARY.fromMs + 14 * DAY
  const HALVES = [range(FEBRUARY.fromMs, middle), range(middle, FEBRUARY.toMs)] as const

  test('becomes one with what is stored before and after it', async () => {
    const [from, early] = [FEBRUARY.fromMs, FEBRUARY.fromMs + 9 * DAY]
    const [late, to] = [MARCH.fromMs + 9 * DAY, MARCH.toMs]
    await withSeries({ lake: newLake(), key: MINUTES.key }, async (writer) => {
      for (const [page, stored] of [
        [range(early, late), range(early, late)],
        [range(from, early), range(from, late)],
        [range(late, to), range(from, to)],
      ] as const) {
        await writer.commit(pageOf(page, MINUTES))
        await expectWhole(writer, MINUTES, stored)
        await writer.flush()
        await expectWhole(writer, MINUTES, stored)
      }
    })
  })

  const CASES = HARM.flatMap(([what, harm]) => [
    { part: 'end', what, before: HALVES[0], page: HALVES[1], harm },
    { part: 'beginning', what, before: HALVES[1], page: HALVES[0], harm },
  ])
  test.each(CASES)(
    '(the $part of one) says nothing of the rest, which was $what',
    async ({ before, page, harm }) => {
      const lake = newLake()
      await store(lake, MINUTES, before)
      await harm(lake, MINUTES, before)
      await store(lake, MINUTES, page)
      expect(await coverageOf(lake, MINUTES)).toEqual([])
    },
  )
})
