import { describe, expect, test } from 'bun:test'
import { DAY_MS as DAY, formatInstant } from '../../../../src/core/units.ts'
import { ingest, planIngest } from '../../../../src/data/ingest/ingest.ts'
import { memoryRepository } from '../../../support/memory-repository.ts'
import { type Row, scriptedExchange } from '../../../support/scripted-exchange.ts'

import { asked, broken, contextOf, request, row, rows, run, START, slot } from './ingest-fixture.ts'

describe('ingestion of one series', () => {
  test('fetches page after page up to the last closed candle', async () => {
    const { report, exchange, series } = await run({ rows: rows(0, 40), venueMs: slot(25.5) })
    expect(asked(exchange)).toEqual([
      [0, 10],
      [10, 20],
      [20, 25],
    ])
    expect(report).toMatchObject({ pages: 3, fetched: 25, written: 25, changed: 0, holes: 0 })
    expect([...series.rows.values()]).toEqual(rows(0, 25))
    expect(series.coverage).toEqual([{ fromMs: slot(0), toMs: slot(25) }])
    expect(series.isOpen).toBe(false)
  })

  test.each([
    ['2099', Date.UTC(2099, 11, 31)],
    ['1971', Date.UTC(1971, 0, 1)],
    ['a day and a second ahead', START + DAY + 1_000],
    ['a day and a second behind', START - DAY - 1_000],
  ])('stores nothing of a venue whose clock is %s', async (_, venueMs) => {
    const { simulatedTime: _none, ...exchange } = scriptedExchange({ rows: rows(0, 40), venueMs })
    const repository = memoryRepository()
    const context = contextOf(exchange, { repository })
    for (const work of [
      ingest(request({ period: { days: 1 } }), context),
      planIngest(request(), context),
    ]) {
      const failure = await work.then(String, (error) => error)
      expect(failure).toMatchObject({ code: 'EXCHANGE_CLOCK', exitCode: 5 })
      expect(failure.message).toContain(formatInstant(venueMs))
      expect(failure.message).toContain(formatInstant(START))
    }
    expect(exchange.queries).toEqual([])
    expect(repository.series('BTCUSDT').rows.size).toBe(0)
  })

  test.each([DAY, -DAY])('takes a clock that is %p ms from ours for one', async (apartMs) => {
    const { simulatedTime: _none, ...exchange } = scriptedExchange({
      rows: rows(0, 40),
      venueMs: START + apartMs,
    })
    const results = await ingest(request({ period: { days: 1 } }), contextOf(exchange))
    expect(results[0]?.error).toBeUndefined()
  })

  test.each([Number.NaN, -1, 1.5, Number.POSITIVE_INFINITY, Date.UTC(2100), '2024-01-01', null])(
    'believes no clock of a venue that says %p',
    async (venueMs) => {
      const exchange = scriptedExchange({ rows: rows(0, 40), venueMs: venueMs as number })
      const repository = memoryRepository()
      const ingested = ingest(request(), contextOf(exchange, { repository }))
      await expect(ingested).rejects.toMatchObject({ code: 'EXCHANGE_REPLY' })
      expect(exchange.queries).toEqual([])
      expect(repository.series('BTCUSDT').rows.size).toBe(0)
    },
  )

  test('a second run asks only for the last closed candles again', async () => {
    const first = await run({ rows: rows(0, 30), venueMs: slot(25.5) })
    const exchange = scriptedExchange({ rows: rows(0, 30), venueMs: slot(25.5) })
    const [again] = await ingest(request(), { ...first.context, exchange })
    expect(asked(exchange)).toEqual([[22, 25]])
    expect(again?.report).toMatchObject({ written: 0, changed: 0 })
  })

  test('a later run goes on where the last one ended, and stores late corrections', async () => {
    const first = await run({ rows: rows(0, 30), venueMs: slot(20.5) })
    const corrected = [...rows(0, 18), row(18, 777), ...rows(19, 30)]
    const exchange = scriptedExchange({ rows: corrected, venueMs: slot(25.5) })
    const [again] = await ingest(request(), { ...first.context, exchange })
    expect(asked(exchange)).toEqual([[17, 25]])
    expect(again?.report).toMatchObject({ written: 5, changed: 1 })
    expect(first.series.rows.get(slot(18))).toEqual([...row(18, 777)])
  })

  test('fills a gap between two parts, rechecking the candles before it', async () => {
    const first = await run(
      { rows: rows(0, 60), venueMs: slot(50) },
      { request: { period: { fromMs: slot(0), toMs: slot(10) } } },
    )
    const exchange = scriptedExchange({ rows: rows(0, 60), venueMs: slot(50) })
    const later = { fromMs: slot(20), toMs: slot(30) }
    await ingest(request({ period: later }), { ...first.context, exchange })
    exchange.queries.length = 0
    const whole = { fromMs: slot(0), toMs: slot(30) }
    await ingest(request({ period: whole }), { ...first.context, exchange })
    expect(asked(exchange)).toEqual([
      [7, 17],
      [17, 20],
      [27, 30],
    ])
    expect(first.series.coverage).toEqual([whole])
  })

  test('a hole counts only when the venue lacks the candles each time it is asked', async () => {
    const gap = [...rows(0, 4), ...rows(6, 10)]
    const { report, exchange, series } = await run({ rows: gap, venueMs: slot(10.5) })
    expect(asked(exchange)).toEqual([
      [0, 10],
      [4, 6],
      [4, 6],
    ])
    expect(report).toMatchObject({ written: 8, holes: 2 })
    expect(series.holes).toMatchObject([{ fromMs: slot(4), toMs: slot(6), cause: 'venue' }])
    expect(series.coverage).toEqual([{ fromMs: slot(0), toMs: slot(10) }])
  })

  test('candles that an answer lost on the way are no hole', async () => {
    const { report, series } = await run({
      rows: rows(0, 10),
      venueMs: slot(10.5),
      answer: (answer, call) => (call === 1 ? answer.filter((_, i) => i % 3 === 0) : answer),
    })
    expect(report).toMatchObject({ written: 10, holes: 0 })
    expect(series.holes).toEqual([])
  })

  test('keeps a candle that breaks the rules in quarantine, and its slot is a hole with that cause', async () => {
    const bad: Row = [slot(4), 10, 9, 8, 10, 1]
    const { report, series } = await run({
      rows: [...rows(0, 4), bad, ...rows(5, 10)],
      venueMs: slot(10.5),
    })
    expect(report).toMatchObject({ written: 9, holes: 1, quarantined: 1 })
    expect(series.holes).toMatchObject([{ fromMs: slot(4), toMs: slot(5), cause: 'quarantine' }])
    expect(series.quarantined).toMatchObject([{ openTime: slot(4), values: bad.slice(1) as never }])
  })

  test('an invalid row that is sound when asked for again leaves no trace', async () => {
    const { report, series } = await run({
      rows: rows(0, 10),
      venueMs: slot(10.5),
      answer: (answer, call) =>
        call === 1 ? answer.map((one, i) => (i === 3 ? [one[0], 1, 0, 2, 1, 1] : one)) : answer,
    })
    expect(report).toMatchObject({ written: 10, holes: 0, quarantined: 0 })
    expect(series.quarantined).toEqual([])
  })

  test('--repair asks for old holes again', async () => {
    const gap = [...rows(0, 4), ...rows(6, 10), ...rows(10, 3000)]
    const first = await run({ rows: gap, venueMs: slot(3000.5), perPage: 1000 })
    const whole = { rows: rows(0, 3000), venueMs: slot(3000.5), perPage: 1000 }
    const plain = scriptedExchange(whole)
    await ingest(request(), { ...first.context, exchange: plain })
    expect(asked(plain)).toEqual([[2997, 3000]])
    const repairing = scriptedExchange(whole)
    const [repaired] = await ingest(request({ repair: true }), {
      ...first.context,
      exchange: repairing,
    })
    expect(asked(repairing)).toContainEqual([4, 6])
    expect(repaired?.report).toMatchObject({ written: 2, holes: 0 })
  })

  test('a hole younger than a day is asked for again without being told to', async () => {
    const gap = [...rows(0, 15), ...rows(16, 40)]
    const first = await run({ rows: gap, venueMs: slot(20.5) })
    const exchange = scriptedExchange({ rows: rows(0, 40), venueMs: slot(21.5) })
    const [again] = await ingest(request(), { ...first.context, exchange })
    expect(again?.report).toMatchObject({ written: 2, holes: 0 })
  })

  test('many young holes are asked for a page at a time', async () => {
    const quiet = { rows: rows(0, 1500).filter((_, i) => i % 2 === 0), perPage: 1000 }
    const first = await run({ ...quiet, venueMs: slot(1400.5) })
    expect(first.report).toMatchObject({ written: 700, holes: 700 })
    const exchange = scriptedExchange({ ...quiet, venueMs: slot(1401.5) })
    const [again] = await ingest(request(), { ...first.context, exchange })
    expect(again?.report).toMatchObject({ written: 1, changed: 0, holes: 700 })
    expect(exchange.queries.length).toBeLessThanOrEqual(6)
  })

  test('a hole that began long before is young as long as its end is', async () => {
    const gap = [...rows(0, 1100), ...rows(1900, 3000)]
    const first = await run({ rows: gap, venueMs: slot(3000.5), perPage: 1000 })
    const exchange = scriptedExchange({ rows: rows(0, 3000), venueMs: slot(3000.5), perPage: 1000 })
    const [again] = await ingest(request(), { ...first.context, exchange })
    expect(again?.report).toMatchObject({ written: 800, holes: 0 })
  })

  test('jumps over the years before a listing, and the ledger has them as one hole', async () => {
    const listed = 200_000
    const { report, exchange, series } = await run({
      rows: rows(listed, listed + 15),
      venueMs: slot(listed + 15.5),
    })
    expect(exchange.queries.length).toBeLessThan(12)
    expect(report).toMatchObject({ written: 15, holes: listed })
    expect(series.coverage).toEqual([{ fromMs: START, toMs: slot(listed + 15) }])
  })

  test('jumps no further than the first candle that any answer had', async () => {
    const { report, exchange } = await run({
      rows: rows(25, 40),
      venueMs: slot(40.5),
      answer: (answer, call) => (call === 4 ? answer.slice(5) : answer),
    })
    const [lossy, whole] = [exchange.queries[3], exchange.queries[4]]
    expect(lossy).toMatchObject({ fromMs: slot(10), toMs: slot(40) })
    expect(whole).toEqual(lossy)
    expect(report).toMatchObject({ written: 15, holes: 25 })
  })

  test('goes on behind a page in which every row is bad', async () => {
    const { report, series } = await run({
      rows: [...rows(0, 10).map(broken), ...rows(10, 40)],
      venueMs: slot(40.5),
    })
    expect(report).toMatchObject({ written: 30, holes: 10, quarantined: 10 })
    expect(series.holes.map(({ cause }) => cause)).not.toContain('venue')
  })

  test('jumps to the first row behind a hole, also to a bad one', async () => {
    const { report, series } = await run({
      rows: [...rows(0, 10), ...rows(60, 63).map(broken), ...rows(63, 80)],
      venueMs: slot(80.5),
    })
    expect(report).toMatchObject({ written: 27, holes: 53, quarantined: 3 })
    expect(series.holes.filter(({ cause }) => cause === 'venue')).toMatchObject([
      { fromMs: slot(10), toMs: slot(60) },
    ])
  })

  test('does not believe a venue that lacks what it has sent before', async () => {
    const { report, error, series } = await run({
      rows: rows(0, 40),
      venueMs: slot(40.5),
      answer: (answer, call) => (call >= 2 && call <= 4 ? [] : answer),
    })
    expect(error).toBeUndefined()
    expect(report).toMatchObject({ written: 40, holes: 0 })
    expect(series.holes).toEqual([])
  })

  test('looks at a hole that lies far behind what was sent before each time that it asks', async () => {
    const gaps = [...rows(0, 4), ...rows(6, 2500), ...rows(2502, 3000)]
    const first = await run({ rows: gaps, venueMs: slot(3000.5), perPage: 1000 })
    expect(first.report).toMatchObject({ holes: 4 })
    // The first answer for the later hole loses its rows on the way.
    let isLost = true
    const exchange = scriptedExchange({
      rows: rows(0, 3000),
      venueMs: slot(3000.5),
      perPage: 1000,
      answer: (answer, _, { fromMs }) => {
        if (fromMs !== slot(2500) || !isLost) return answer
        isLost = false
        return []
      },
    })
    const [repaired] = await ingest(request({ repair: true }), { ...first.context, exchange })
    expect(isLost).toBe(false)
    expect(repaired?.report).toMatchObject({ written: 4, holes: 0 })
  })

  test('stores no hole while a venue lacks what it has sent before', async () => {
    const { report, error, series } = await run({
      rows: rows(0, 40),
      venueMs: slot(40.5),
      answer: (answer, call) => (call >= 2 ? [] : answer),
    })
    expect(error).toMatchObject({ code: 'EXCHANGE_REPLY' })
    expect(report).toMatchObject({ written: 10, holes: 0, unverified: 30 })
    expect(series.coverage).toEqual([{ fromMs: slot(0), toMs: slot(10) }])
  })

  test('lets time pass between empty answers of a venue that has sent nothing yet', async () => {
    const waits: number[] = []
    const clock = { now: () => START, sleep: async (ms: number) => void waits.push(ms) }
    const { report } = await run({ rows: [], venueMs: slot(40.5) }, { context: { clock } })
    expect(report).toMatchObject({ holes: 40, pages: 5 })
    expect(waits).toEqual([1_000, 1_000, 1_000, 1_000])
  })

  test('waits once on the way through years of nothing, where the venue does not look ahead', async () => {
    const waits: number[] = []
    const clock = { now: () => START, sleep: async (ms: number) => void waits.push(ms) }
    const script = { rows: rows(45, 60), venueMs: slot(60.5), seeksForward: false }
    await run(script, { context: { clock } })
    expect(waits).toEqual([1_000, 1_000])
  })

  test.each([
    ['the same page whatever it is asked for', (page: readonly Row[]) => page],
    [
      'seconds',
      (page: readonly Row[]) => page.map(([time, ...rest]): Row => [time / 1000, ...rest]),
    ],
  ])('a venue that answers with %s says nothing of holes', async (_, change) => {
    const { report, error } = await run({
      rows: rows(0, 40),
      venueMs: slot(40.5),
      answer: (answer, call) => (call === 1 ? answer : change(rows(0, 10))),
    })
    expect(error).toMatchObject({ code: 'EXCHANGE_REPLY' })
    expect(report).toMatchObject({ written: 10, holes: 0, unverified: 30 })
  })

  test('a venue that sends what comes after a hole says that there is one', async () => {
    const gap = [...rows(0, 4), ...rows(6, 10)]
    const { report, error } = await run({
      rows: gap,
      venueMs: slot(10.5),
      answer: (answer, call) => (call === 1 ? answer : rows(6, 10)),
    })
    expect(error).toBeUndefined()
    expect(report).toMatchObject({ written: 8, holes: 2 })
  })

  test('asks page by page where the venue does not look ahead', async () => {
    const { report, exchange } = await run({
      rows: rows(45, 60),
      venueMs: slot(60.5),
      seeksForward: false,
    })
    expect(asked(exchange)).toContainEqual([30, 40])
    expect(report).toMatchObject({ written: 15, holes: 45 })
  })
})
