import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { CandleRow } from '../../../../src/exchanges/candle-rows.ts'
import { type Ask, readRange } from '../../../../src/exchanges/ccxt/candle-pages.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const PER_PAGE = 50

type Times = readonly number[]

/** What venues make of a start, an end and a limit. */
const VENUES: Readonly<
  Record<string, (all: Times) => (from: number, to: number, n: number) => Times>
> = {
  'the first candles of the range': (all) => (from, to, n) => inside(all, from, to).slice(0, n),
  'the first candles from the start on': (all) => (from, _, n) =>
    inside(all, from, Infinity).slice(0, n),
  'the last candles of the range': (all) => (from, to, n) => inside(all, from, to).slice(-n),
  'the last candles before the end': (all) => (_, to, n) => inside(all, 0, to).slice(-n),
  'at most seven candles': (all) => (from, to) => inside(all, from, to).slice(0, 7),
  'at most seven, the last ones': (all) => (from, to) => inside(all, from, to).slice(-7),
}

function inside(times: Times, from: number, to: number): Times {
  return times.filter((time) => time >= from && time < to)
}

const rowOf = (time: number): CandleRow => [time, 1, 2, 0.5, 1.5, time / HOUR]

/** As ccxt does it: what opens before the start is dropped, and the rest cut to the limit. */
function ask(venue: (from: number, to: number, n: number) => Times): Ask & { asked: number } {
  const asking = async (from: number, to: number, n: number) => {
    asking.asked++
    return venue(from, to, n)
      .filter((time) => time >= from)
      .slice(0, n)
      .map(rowOf)
  }
  asking.asked = 0
  return asking
}

function page(fromMs: number, toMs: number) {
  return { fromMs, toMs, interval: '1h', candlesPerPage: PER_PAGE }
}

const START = Date.UTC(2024, 0, 1)
const slots = (count: number) => Array.from({ length: count }, (_, i) => START + i * HOUR)

describe('readRange', () => {
  test.each(Object.entries(VENUES))(
    'reads a page whole where a venue gives %s',
    async (_, venueOf) => {
      const range = fc.record({
        from: fc.integer({ min: 0, max: 150 }),
        length: fc.integer({ min: 1, max: PER_PAGE }),
        gone: fc.uniqueArray(fc.integer({ min: 0, max: 40 }), { maxLength: 12 }),
      })
      await fc.assert(
        fc.asyncProperty(range, async ({ from, length, gone }) => {
          const missing = new Set(gone.map((slot) => START + slot * 5 * HOUR))
          const all = slots(200).filter((time) => !missing.has(time))
          const [fromMs, toMs] = [START + from * HOUR, START + (from + length) * HOUR]
          const rows = await readRange(page(fromMs, toMs), ask(venueOf(all)))
          expect(rows).toEqual(inside(all, fromMs, toMs).map(rowOf))
        }),
        { numRuns: 200 },
      )
    },
  )

  test('reads the days of a venue that gives the day of the start', async () => {
    const dayOf = (time: number) => time - (time % DAY)
    const all = slots(200)
    const daily = ask((from) => inside(all, dayOf(from), dayOf(from) + DAY))
    const [fromMs, toMs] = [START + 20 * HOUR, START + 69 * HOUR]
    expect(await readRange(page(fromMs, toMs), daily)).toEqual(inside(all, fromMs, toMs).map(rowOf))
  })

  test('reads all that a venue has that gives its newest candles only', async () => {
    const all = slots(200)
    const newest = ask((_, __, n) => all.slice(-n))
    const fromMs = START + (200 - PER_PAGE) * HOUR
    for (const length of [1, 7, PER_PAGE]) {
      const rows = await readRange(page(fromMs, fromMs + length * HOUR), newest)
      expect(rows.map(([time]) => time)).toEqual(
        all.slice(-PER_PAGE, -PER_PAGE + length || undefined),
      )
    }
  })

  test('believes an empty answer to a whole page', async () => {
    const nothing = ask(() => [])
    expect(await readRange(page(START, START + PER_PAGE * HOUR), nothing)).toEqual([])
    expect(nothing.asked).toBe(1)
  })

  test('asks once where the answer is whole, from the first open time on', async () => {
    const venue = ask((from, to) => inside(slots(200), from, to))
    const rows = await readRange(page(START + 1, START + 10 * HOUR), venue)
    expect(rows).toHaveLength(9)
    expect(venue.asked).toBe(1)
  })

  test('gives one page of a longer range', async () => {
    const venue = ask((from, to) => inside(slots(200), from, to))
    expect(await readRange(page(START, START + 200 * HOUR), venue)).toHaveLength(PER_PAGE)
  })
})
