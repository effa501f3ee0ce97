import { afterAll, describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { hashColumns } from '../../src/data/columns.ts'
import { candlesWithin } from '../../src/data/overlay.ts'
import type {
  CandleRepository,
  SeriesBooks,
  SeriesWriter,
  VerifiedPage,
} from '../../src/data/repository.ts'
import type { SeriesKey, TimeRange } from '../../src/data/store.ts'
import { anyStep, at, HOUR, hole, page, range, row, rows, seenAt } from '../support/candle-pages.ts'
import { memoryRepository } from '../support/memory-repository.ts'
import { type Row, toColumns } from '../support/scripted-exchange.ts'

/** A repository over storage of its own, which can be opened again as another process would. */
export interface RepositoryFixture {
  readonly open: () => CandleRepository | Promise<CandleRepository>
  readonly dispose: () => Promise<void> | void
}

/** What every repository promises. `create` is called for each test. */
export function testCandleRepository(
  name: string,
  create: () => RepositoryFixture | Promise<RepositoryFixture>,
): void {
  const fixtures: RepositoryFixture[] = []
  let series = 0
  const newKey = (interval = '1h'): SeriesKey => {
    series += 1
    return { exchange: 'venue', symbol: `S${series}`, interval }
  }
  const newFixture = async () => {
    const fixture = await create()
    fixtures.push(fixture)
    return fixture
  }
  afterAll(async () => {
    for (const fixture of fixtures) await fixture.dispose()
  })

  /** Opens a series of a new repository, hands it to `use` and closes it. */
  async function withWriter(
    use: (
      writer: SeriesWriter,
      reopen: () => Promise<SeriesWriter>,
      readBooks: (range: TimeRange) => Promise<SeriesBooks>,
    ) => Promise<void>,
    interval?: string,
  ): Promise<void> {
    const fixture = await newFixture()
    const key = newKey(interval)
    let repository = await fixture.open()
    let writer = await repository.openSeries(key)
    const reopen = async () => {
      await writer.close()
      await repository.close()
      repository = await fixture.open()
      writer = await repository.openSeries(key)
      return writer
    }
    try {
      await use(writer, reopen, (range) => repository.readBooks(key, range))
    } finally {
      await writer.close()
      await repository.close()
    }
  }

  describe(`candle repository: ${name}`, () => {
    test('a committed page is there with its coverage, also after opening again', () =>
      withWriter(async (writer, reopen) => {
        expect(await writer.commit(page(0, 5))).toEqual({ added: 5, replaced: 0, unchanged: 0 })
        const check = async (one: SeriesWriter) => {
          expect(await one.read(range(0, 9))).toEqual(toColumns(rows(0, 5)))
          expect(await one.read(range(1, 3))).toEqual(toColumns(rows(1, 3)))
          expect(await one.coverage()).toEqual([range(0, 5)])
        }
        await check(writer)
        await check(await reopen())
      }))

    test('a candle that differs is replaced, an equal one is not written again', () =>
      withWriter(async (writer) => {
        await writer.commit(page(0, 5))
        const candles = toColumns([row(2), row(3, 555), row(4), row(5)])
        const counts = await writer.commit(page(2, 6, { candles }))
        expect(counts).toEqual({ added: 1, replaced: 1, unchanged: 2 })
        const expected = [...rows(0, 3), row(3, 555), row(4), row(5)]
        expect(await writer.read(range(0, 9))).toEqual(toColumns(expected))
        await writer.flush()
        expect(await writer.commit(page(2, 6, { candles }))).toEqual({
          added: 0,
          replaced: 0,
          unchanged: 4,
        })
      }))

    test('a stored candle that the venue no longer sends is kept and is no hole', () =>
      withWriter(async (writer) => {
        await writer.commit(page(0, 5))
        const candles = toColumns([row(0), row(4)])
        await writer.commit(page(0, 7, { candles, holes: [hole(1, 4), hole(5, 7)] }))
        expect(await writer.read(range(0, 9))).toEqual(toColumns(rows(0, 5)))
        expect(await writer.holes()).toEqual([hole(5, 7)])
      }))

    test('holes of a range give way to those found later; one that persists keeps its first sight', () =>
      withWriter(async (writer, reopen) => {
        const none = toColumns([])
        await writer.commit(page(0, 6, { candles: none, holes: [hole(0, 6)] }))
        const later = { firstSeenMs: 9_000, lastCheckMs: 9_000 }
        const filled = toColumns([row(2)])
        const holes = [hole(3, 5, later)]
        await writer.commit(page(2, 5, { candles: filled, holes }))
        const again = await reopen()
        expect(await again.holes()).toEqual([
          hole(0, 2),
          hole(3, 5, { lastCheckMs: 9_000 }),
          hole(5, 6),
        ])
        expect(await again.holes(range(1, 4))).toEqual([
          hole(1, 2),
          hole(3, 4, { lastCheckMs: 9_000 }),
        ])
      }))

    test('a slot that was not looked at before is first seen when it is', () =>
      withWriter(async (writer) => {
        const none = toColumns([])
        await writer.commit(page(2, 4, { candles: none, holes: [hole(2, 4)] }))
        const later = { firstSeenMs: 9_000, lastCheckMs: 9_000 }
        await writer.commit(page(0, 6, { candles: none, holes: [hole(0, 6, later)] }))
        expect(await writer.holes()).toEqual([
          hole(0, 2, later),
          hole(2, 4, { lastCheckMs: 9_000 }),
          hole(4, 6, later),
        ])
      }))

    test('holes that touch and are alike in everything are one', () =>
      withWriter(async (writer) => {
        const none = toColumns([])
        const missing = (from: number, to: number, lastCheckMs: number) =>
          writer.commit(page(from, to, { candles: none, holes: [hole(from, to, { lastCheckMs })] }))
        await missing(0, 2, 9_000)
        await missing(2, 4, 1_000)
        await missing(4, 6, 9_000)
        expect(await writer.holes()).toHaveLength(3)
        await missing(2, 4, 9_000)
        expect(await writer.holes()).toEqual([hole(0, 6, { lastCheckMs: 9_000 })])
      }))

    test('quarantined candles are kept as they were sent until their range is sound', () =>
      withWriter(async (writer, reopen) => {
        const bad = {
          openTime: at(1),
          reason: 'low must be a positive price, was NaN',
          values: [1.5, Infinity, Number.NaN, 1, -3] as const,
          seenMs: 7_000,
        }
        const holes = [hole(1, 2, { cause: 'quarantine' })]
        const candles = toColumns([row(0), row(2)])
        await writer.commit(page(0, 3, { candles, holes, quarantined: [bad] }))
        const again = await reopen()
        expect(await again.quarantined()).toEqual([bad])
        expect(await again.holes()).toEqual(holes)
        await again.commit(page(1, 2))
        expect([await again.quarantined(), await again.holes()]).toEqual([[], []])
      }))

    test('coverage is sorted, and ranges that touch are one', () =>
      withWriter(async (writer, reopen) => {
        for (const [from, to] of [
          [8, 10],
          [0, 2],
          [2, 4],
          [20, 22],
        ] as const) {
          await writer.commit(page(from, to))
        }
        expect(await writer.coverage()).toEqual([range(0, 4), range(8, 10), range(20, 22)])
        await writer.commit(page(4, 8))
        expect(await (await reopen()).coverage()).toEqual([range(0, 10), range(20, 22)])
      }))

    test('pages may cross the border of a month, before and after a flush', () =>
      withWriter(async (writer, reopen) => {
        await writer.commit(page(40, 60))
        await writer.flush()
        await writer.commit(page(50, 70))
        await writer.flush()
        const again = await reopen()
        expect(await again.read(range(0, 99))).toEqual(toColumns(rows(40, 70)))
        expect(await again.coverage()).toEqual([range(40, 70)])
      }))

    test('what is known can be read while somebody writes, without a trace', async () => {
      const fixture = await newFixture()
      const [repository, other] = [await fixture.open(), await fixture.open()]
      const key = newKey()
      const known = () => other.readBooks(key, range(1, 60))
      expect(await known()).toEqual({ coverage: [], holes: [] })
      const writer = await repository.openSeries(key)
      const candles = toColumns(rows(3, 50))
      await writer.commit(page(0, 50, { candles, holes: [hole(0, 3)] }))
      const expected = { coverage: [range(1, 50)], holes: [hole(1, 3)] }
      expect(await known()).toEqual(expected)
      await writer.flush()
      expect(await known()).toEqual(expected)
      await writer.commit(page(0, 2))
      expect(await known()).toEqual({ ...expected, holes: [hole(2, 3)] })
      expect(await writer.coverage()).toEqual([range(0, 50)])
      await writer.close()
      await repository.close()
      await other.close()
    })

    test('weeks begin on Mondays', () =>
      withWriter(async (writer) => {
        const week = 7 * 24 * HOUR
        const monday = Date.UTC(2024, 0, 1)
        const weeks = Array.from({ length: 9 }, (_, i): Row => [monday + i * week, 5, 6, 4, 5, i])
        const all = { fromMs: monday, toMs: monday + 9 * week }
        await writer.commit({ range: all, candles: toColumns(weeks), holes: [], quarantined: [] })
        await writer.flush()
        expect(await writer.read(all)).toEqual(toColumns(weeks))
        expect(await writer.coverage()).toEqual([all])
      }, '1w'))

    test('flushing twice changes nothing', () =>
      withWriter(async (writer) => {
        await writer.commit(page(0, 9))
        await writer.flush()
        await writer.flush()
        expect(await writer.read(range(0, 9))).toEqual(toColumns(rows(0, 9)))
      }))

    const broken: readonly (readonly [string, Partial<VerifiedPage>])[] = [
      ['unsorted', { candles: toColumns([row(1), row(0)]) }],
      ['repeated', { candles: toColumns([row(1), row(1)]) }],
      ['outside of the range', { candles: toColumns([row(0), row(7)]) }],
      ['not valid', { candles: toColumns([[at(0), 1, 0.5, 2, 1, 1]]) }],
      ['off the grid', { candles: toColumns([[at(0.5), 5, 6, 4, 5, 1]]) }],
      ['of a range of no length', { range: range(3, 3), candles: toColumns([]) }],
      ['of a range off the grid', { range: range(0, 4.5) }],
      ['fewer than its slots, without a hole', { candles: toColumns([row(0), row(4)]) }],
      ['beside a hole that lies elsewhere', { holes: [hole(5, 6)] }],
      ['in a hole', { holes: [hole(1, 2)] }],
      [
        'beside holes that overlap',
        { candles: toColumns(rows(2, 5)), holes: [hole(0, 2), hole(1, 2)] },
      ],
      [
        'beside a quarantined one of another time',
        { quarantined: [{ openTime: at(7), reason: '', values: [1, 1, 1, 1, 1], seenMs: 1 }] },
      ],
    ]
    test.each(broken)('refuses a page whose candles are %s, and stores nothing', (_, changes) =>
      withWriter(async (writer) => {
        await expect(writer.commit(page(0, 5, changes))).rejects.toThrow()
        expect(await writer.coverage()).toEqual([])
        expect((await writer.read(range(0, 9))).openTime).toHaveLength(0)
        expect([await writer.holes(), await writer.quarantined()]).toEqual([[], []])
      }),
    )

    test('what is stored does not depend on where pages were cut or when they were flushed', async () => {
      const all = toColumns(rows(0, 90))
      const hashOf = async (lengths: readonly number[], flushEvery: number) => {
        let hash = ''
        await withWriter(async (writer) => {
          for (let from = 0, i = 0; from < 90; from += lengths[i++ % lengths.length] as number) {
            const to = Math.min(90, from + (lengths[i % lengths.length] as number))
            await writer.commit(page(from, to, { candles: candlesWithin(all, range(from, to)) }))
            if (i % flushEvery === 0) await writer.flush()
          }
          await writer.flush()
          hash = hashColumns(await writer.read(range(0, 90)))
        })
        return hash
      }
      const expected = hashColumns(all)
      expect(await hashOf([90], 1)).toBe(expected)
      expect(await hashOf([7, 1, 30], 2)).toBe(expected)
      expect(await hashOf([13], 99)).toBe(expected)
    })

    test('has one writer a series; others work beside it', async () => {
      const fixture = await newFixture()
      const repository = await fixture.open()
      const other = await fixture.open()
      const key = newKey()
      const writer = await repository.openSeries(key)
      for (const second of [repository, other]) {
        await expect(second.openSeries(key)).rejects.toMatchObject({ code: 'SERIES_BUSY' })
      }
      const beside = await other.openSeries(newKey())
      await Promise.all([writer.commit(page(0, 5)), beside.commit(page(0, 5))])
      await writer.close()
      const next = await other.openSeries(key)
      expect(await next.coverage()).toEqual([range(0, 5)])
      for (const one of [next, beside]) await one.close()
      await repository.close()
      await other.close()
    })

    test(
      'prop_ any order of pages, flushes and openings holds what a plain map would hold',
      () =>
        fc.assert(
          fc.asyncProperty(fc.array(anyStep, { maxLength: 12 }), async (steps) => {
            await withWriter(async (first, reopen, readBooks) => {
              let writer = first
              const model = await memoryRepository().openSeries(writer.key)
              for (const [i, step] of steps.entries()) {
                if (step.kind === 'reopen') writer = await reopen()
                else if (step.kind === 'flush') await writer.flush()
                else {
                  const page = seenAt(step.page, 1_000 * (i + 1))
                  expect(await writer.commit(page)).toEqual(await model.commit(page))
                }
              }
              const whole = range(0, 99)
              expect(await writer.read(whole)).toEqual(await model.read(whole))
              expect(await writer.coverage()).toEqual(await model.coverage())
              expect(await writer.holes()).toEqual(await model.holes())
              expect(await writer.quarantined()).toEqual(await model.quarantined())
              const books = { coverage: await writer.coverage(), holes: await writer.holes() }
              expect(await readBooks(whole)).toEqual(books)
            })
          }),
          { numRuns: 12 },
        ),
      60_000,
    )
  })
}
