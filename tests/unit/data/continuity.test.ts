import { describe, expect, test } from 'bun:test'
import type { DurationMs } from '../../../src/core/units.ts'
import { countCauses, type FindHoles, noLedger } from '../../../src/data/causes.ts'
import { columnsOf } from '../../../src/data/columns.ts'
import { continuityOf } from '../../../src/data/continuity.ts'
import type { Hole } from '../../../src/data/repository.ts'
import type { WarmCandles } from '../../../src/data/store.ts'

const HOUR = 3_600_000
const range = (from: number, to: number) => ({ fromMs: from * HOUR, toMs: to * HOUR })
const hole = (from: number, to: number, cause: Hole['cause']): Hole => ({
  ...range(from, to),
  cause,
  firstSeenMs: 0,
  lastCheckMs: 0,
})

/** Candles that open at these hours, of which the first ones only warm up. */
function warm(hours: readonly number[], first: number, changes: object = {}): WarmCandles {
  const times = Float64Array.from(hours, (hour) => hour * HOUR)
  const ones = Float64Array.from(hours, () => 1)
  const covered = range(hours[first] as number, (hours.at(-1) as number) + 1)
  const end = hours.length
  return {
    candles: {
      exchange: 'binance',
      symbol: 'BTCUSDT',
      interval: '1h',
      intervalMs: HOUR as DurationMs,
      ...columnsOf([times, ones, ones, ones, ones, ones]),
      hash: '',
      resampledFrom: null,
      isSparse: false,
      incompleteCandles: 0,
      incompleteTimes: [],
      ...changes,
    },
    window: { first, end },
    shiftedBars: 0,
    holes: (covered.toMs - covered.fromMs) / HOUR - (end - first),
    covered,
    available: covered,
  }
}

describe('continuityOf', () => {
  test('whole candles ask nobody for causes', async () => {
    const refuse: FindHoles = () => Promise.reject(new Error('asked'))
    expect(await continuityOf(warm([0, 1, 2, 3], 1), refuse)).toEqual({
      expected: 3,
      present: 3,
      missing: 0,
      gaps: 0,
      longestGap: null,
      causes: [],
      resampledFrom: null,
      sparse: false,
      incomplete: 0,
    })
  })

  test('counts what is missing among the judged candles, and finds the first longest gap', async () => {
    const found = await continuityOf(warm([0, 5, 6, 9, 10, 13, 15], 1), noLedger)
    expect(found).toMatchObject({ expected: 11, present: 6, missing: 5, gaps: 3 })
    expect(found.longestGap).toEqual({ ...range(7, 9), candles: 2 })
    expect(found.causes).toEqual([{ cause: null, candles: 5 }])
  })

  test('asks for the series that was resampled, and counts incomplete candles of the window only', async () => {
    const asked: unknown[] = []
    const find: FindHoles = async (key, { fromMs, toMs }) => {
      asked.push(key, fromMs, toMs)
      return [hole(7.5, 8, 'venue')]
    }
    const changes = { resampledFrom: '1m', incompleteTimes: [HOUR, 7 * HOUR] }
    const found = await continuityOf(warm([0, 2, 6, 9], 2, changes), find)
    expect(asked).toEqual([
      { exchange: 'binance', symbol: 'BTCUSDT', interval: '1m' },
      6 * HOUR,
      10 * HOUR,
    ])
    expect(found).toMatchObject({ missing: 2, incomplete: 1, resampledFrom: '1m' })
    expect(found.causes).toEqual([
      { cause: 'venue', candles: 1 },
      { cause: null, candles: 1 },
    ])
  })
})

describe('countCauses', () => {
  test('gives each missing candle one cause, also where holes reach beyond it or touch it twice', () => {
    const gaps = [range(10, 14), range(20, 22), range(30, 31)]
    const holes = [hole(9, 11, 'venue'), hole(11.5, 12.5, 'quarantine'), hole(20, 40, 'venue')]
    expect(countCauses(gaps, holes, HOUR)).toEqual([
      { cause: 'venue', candles: 4 },
      { cause: 'quarantine', candles: 2 },
      { cause: null, candles: 1 },
    ])
  })

  test('a candle that two holes touch counts once, for the first of them', () => {
    const holes = [hole(10, 10.5, 'quarantine'), hole(10.5, 11, 'venue')]
    expect(countCauses([range(10, 11)], holes, HOUR)).toEqual([{ cause: 'quarantine', candles: 1 }])
    expect(countCauses([range(10, 11)], [], HOUR)).toEqual([{ cause: null, candles: 1 }])
    expect(countCauses([], holes, HOUR)).toEqual([])
  })
})
