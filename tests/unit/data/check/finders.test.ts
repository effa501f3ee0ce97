import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { CandleColumns } from '../../../../src/core/candles.ts'
import { GapFinder } from '../../../../src/data/check/gaps.ts'
import { Largest } from '../../../../src/data/check/largest.ts'
import { RollingMedian, SPIKE_WINDOW, SpikeFinder } from '../../../../src/data/check/spikes.ts'
import { StaleFinder } from '../../../../src/data/check/stale.ts'
import { columnsOf, vectorsOf } from '../../../../src/data/columns.ts'

const HOUR = 3_600_000

interface Candle {
  readonly hour: number
  readonly price?: number
  readonly high?: number
  readonly low?: number
  readonly volume?: number
}

/** Candles around a price of 100 with a range of 1. */
function candles(rows: readonly Candle[]): CandleColumns {
  const column = (value: (row: Candle) => number) => Float64Array.from(rows, value)
  return columnsOf([
    column(({ hour }) => hour * HOUR),
    column(({ price = 100 }) => price),
    column(({ price = 100, high }) => high ?? price + 0.5),
    column(({ price = 100, low }) => low ?? price - 0.5),
    column(({ price = 100 }) => price),
    column(({ volume = 1 }) => volume),
  ])
}

/** A quiet day and a half, with changes at some hours. */
function quiet(changes: Readonly<Record<number, Partial<Candle>>>, hours = SPIKE_WINDOW + 20) {
  return candles(Array.from({ length: hours }, (_, hour) => ({ hour, ...changes[hour] })))
}

function spikesIn(columns: CandleColumns) {
  const finder = new SpikeFinder(HOUR)
  finder.push(columns)
  return { count: finder.count, largest: finder.largest }
}

const LATE = SPIKE_WINDOW + 10

describe('SpikeFinder', () => {
  test('finds a wick far beyond both neighbours, on either side', () => {
    const { count, largest } = spikesIn(quiet({ [LATE]: { high: 120 }, [LATE + 3]: { low: 60 } }))
    expect(count).toBe(2)
    expect(largest[0]).toMatchObject({ openTime: (LATE + 3) * HOUR, side: 'low', price: 60 })
    expect(largest[0]?.ratio).toBeCloseTo(0.395, 12)
    expect(largest[0]?.ranges).toBeCloseTo(39.5, 12)
    expect(largest[1]).toMatchObject({ side: 'high', price: 120 })
  })

  test('finds a close that is wrong in a single candle', () => {
    expect(spikesIn(quiet({ [LATE]: { price: 1000 } })).count).toBe(1)
  })

  test('a move that stays is none, however large', () => {
    const after = Object.fromEntries(
      Array.from({ length: 10 }, (_, i) => [LATE + i, { price: 150 }]),
    )
    expect(spikesIn(quiet(after)).count).toBe(0)
  })

  test('a wick of fifteen ranges is none where they are less than 2 % of the price', () => {
    const tiny = (hour: number) => ({ hour, high: 100.01, low: 100 - 0.01 })
    const rows = Array.from({ length: LATE + 5 }, (_, hour) => tiny(hour))
    rows[LATE] = { ...tiny(LATE), high: 101.5 }
    expect(spikesIn(candles(rows)).count).toBe(0)
    rows[LATE] = { ...tiny(LATE), high: 102.5 }
    expect(spikesIn(candles(rows)).count).toBe(1)
  })

  test('candles beside a gap, and those before a full window, are not judged', () => {
    expect(spikesIn(quiet({ [SPIKE_WINDOW - 1]: { high: 300 } })).count).toBe(0)
    const rows = Array.from({ length: LATE + 5 }, (_, hour) => ({ hour }))
    rows[LATE] = { hour: LATE, high: 300 } as Candle & { hour: number }
    expect(spikesIn(candles(rows)).count).toBe(1)
    expect(spikesIn(candles(rows.filter(({ hour }) => hour !== LATE + 1))).count).toBe(0)
  })

  test('prop_ does not depend on where the chunks are cut', () => {
    const whole = quiet({ [LATE]: { high: 120 }, [LATE + 4]: { low: 50 } })
    fc.assert(
      fc.property(fc.nat(whole.openTime.length), (cut) => {
        const finder = new SpikeFinder(HOUR)
        const vectors = vectorsOf(whole)
        finder.push(columnsOf(vectors.map((vector) => vector.subarray(0, cut))))
        finder.push(columnsOf(vectors.map((vector) => vector.subarray(cut))))
        expect({ count: finder.count, largest: finder.largest }).toEqual(spikesIn(whole))
      }),
    )
  })
})

describe('RollingMedian', () => {
  test('prop_ equals the median of the sorted window', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -9, max: 9 }), { maxLength: 60 }), (values) => {
        const rolling = new RollingMedian(6)
        values.forEach((value, i) => {
          rolling.push(value)
          const window = values.slice(Math.max(0, i - 5), i + 1).sort((a, b) => a - b)
          const expected = i < 5 ? Number.NaN : ((window[2] as number) + (window[3] as number)) / 2
          expect(rolling.median).toBe(expected)
        })
      }),
    )
  })
})

describe('StaleFinder', () => {
  const find = (rows: readonly Candle[]) => {
    const finder = new StaleFinder(HOUR)
    finder.push(candles(rows))
    return finder.finish()
  }
  const flat = (hour: number) => ({ hour, price: 100, high: 100, low: 100, volume: 0 })

  test('finds runs of five or more that repeat the close before', () => {
    const rows = [{ hour: 0 }, ...[1, 2, 3, 4, 5, 6].map(flat), { hour: 7 }]
    expect(find(rows)).toEqual({
      zeroVolume: 6,
      missingVolume: 0,
      stale: 1,
      longestStale: [{ fromMs: HOUR, toMs: 7 * HOUR, candles: 6 }],
    })
    expect(find(rows.slice(1)).longestStale[0]?.candles).toBe(5)
    expect(find(rows.slice(2)).stale).toBe(0)
  })

  test('a gap, a trade or another price ends a run', () => {
    const run = [0, 1, 2, 3, 4, 5].map(flat)
    const changed = (at: number, change: Partial<Candle>) =>
      run.map((row, i) => (i === at ? { ...row, ...change } : row))
    expect(find(run).stale).toBe(1)
    expect(find(changed(3, { volume: 1 })).stale).toBe(0)
    expect(find(changed(3, { high: 101 })).stale).toBe(0)
    expect(find(run.map((row, i) => (i > 2 ? { ...row, hour: i + 1 } : row))).stale).toBe(0)
  })
})

describe('GapFinder', () => {
  test('counts every gap, lists the longest and says why', () => {
    const finder = new GapFinder(HOUR, [
      { fromMs: 3 * HOUR, toMs: 5 * HOUR, cause: 'venue', firstSeenMs: 0, lastCheckMs: 0 },
    ])
    // Gaps of 2, 1, 1, 1, 1, 1 and 3 candles.
    finder.push(candles([0, 1, 2, 5, 7, 9].map((hour) => ({ hour }))))
    finder.push(candles([11, 13, 15, 19].map((hour) => ({ hour }))))
    const { missing, gaps, longestGaps, causes } = finder.finish()
    expect([missing, gaps]).toEqual([10, 7])
    expect(longestGaps.map(({ candles: length }) => length)).toEqual([3, 2, 1, 1, 1])
    expect(longestGaps[1]).toEqual({
      fromMs: 3 * HOUR,
      toMs: 5 * HOUR,
      candles: 2,
      causes: [{ cause: 'venue', candles: 2 }],
    })
    expect(longestGaps[2]?.fromMs).toBe(6 * HOUR)
    expect(causes).toEqual([
      { cause: null, candles: 8 },
      { cause: 'venue', candles: 2 },
    ])
  })
})

test('prop_ Largest keeps the largest, the earlier first among equals', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(5), { maxLength: 30 }), (sizes) => {
      const items = sizes.map((size, i) => ({ size, i }))
      const largest = new Largest<(typeof items)[number]>(4, ({ size }) => size)
      for (const item of items) largest.add(item)
      expect(largest.list()).toEqual(
        items.toSorted((a, b) => b.size - a.size || a.i - b.i).slice(0, 4),
      )
    }),
  )
})
