import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { floorToGrid, parseInterval } from '../../../../src/core/intervals.ts'
import {
  type Candidate,
  chooseSource,
  isComplete,
  yieldOf,
} from '../../../../src/data/lake/choose-source.ts'
import { missingCandles } from '../../../../src/data/lake/manifest.ts'

const HOUR = 3_600_000
/** Partitions of the tests are as long as this: the rule knows nothing of months. */
const PART_HOURS = 24
const coarse = parseInterval('4h')

interface TestCandidate extends Candidate {
  readonly name: string
  readonly times: readonly number[]
}

/** Describes candles with the given open times as a manifest does. */
function candidate(interval: string, times: readonly number[]): TestCandidate {
  const grid = parseInterval(interval)
  const parts = Map.groupBy(times, (time) => Math.floor(time / (PART_HOURS * HOUR)))
  const facts = [...parts.values()].map((part) => {
    const [first, last] = [part[0] as number, part.at(-1) as number]
    return { rows: part.length, first, last, holes: missingCandles(first, last, part.length, grid) }
  })
  return { name: interval, grid, facts, times }
}

/** Every candle of [from, to) hours but those that are left out. */
function hours(interval: string, from: number, to: number, without: readonly number[] = []) {
  const { ms } = parseInterval(interval)
  const all = Array.from({ length: ((to - from) * HOUR) / ms }, (_, i) => from * HOUR + i * ms)
  return candidate(
    interval,
    all.filter((time) => !without.includes(time / HOUR)),
  )
}

const range = (from: number, to: number) => ({ fromMs: from * HOUR, toMs: to * HOUR })

describe('chooseSource', () => {
  test('the stored interval wins a tie, and the coarsest of finer ones', () => {
    const [own, hour, minutes] = [hours('4h', 0, 96), hours('1h', 0, 96), hours('15m', 0, 96)]
    expect(chooseSource(own, [minutes, hour], coarse, range(0, 96))).toBe(own)
    expect(chooseSource(undefined, [minutes, hour], coarse, range(0, 96))).toBe(hour)
  })

  test('a few stored candles do not hide a finer series that covers the range', () => {
    const [own, hour] = [hours('4h', 48, 56), hours('1h', 0, 96, [70])]
    expect(chooseSource(own, [hour], coarse, range(0, 96))).toBe(hour)
    expect(chooseSource(own, [hour], coarse, range(48, 56))).toBe(own)
  })

  test('in doubt whether the holes of a finer series spoil more, the stored interval answers', () => {
    // Four missing hours may be one candle or four; the stored series lacks two.
    const own = hours('4h', 0, 24, [8, 12])
    expect(chooseSource(own, [hours('1h', 0, 24, [4, 5, 6, 7])], coarse, range(0, 24))).toBe(own)
    expect(chooseSource(own, [hours('1h', 0, 24, [4])], coarse, range(0, 24))?.name).toBe('1h')
  })

  test('candles outside the range do not count', () => {
    const [early, late] = [hours('1h', 0, 96), hours('15m', 90, 100)]
    expect(chooseSource(undefined, [early, late], coarse, range(92, 100))).toBe(late)
    expect(chooseSource(undefined, [early, late], coarse, range(100, 120))).toBeUndefined()
  })

  test('candles that begin in the middle of a coarser one do not count for it', () => {
    const hour = hours('1h', 3, 11)
    expect(yieldOf(hour, coarse, range(0, 12))).toEqual({ least: 1, most: 1 })
    expect(chooseSource(undefined, [hours('1h', 3, 7)], coarse, range(0, 12))).toBeUndefined()
  })

  test('a hole between two partitions is a hole', () => {
    const hour = hours('1h', 0, 48, [23, 24])
    expect(yieldOf(hour, coarse, range(0, 48))).toEqual({ least: 10, most: 10 })
    expect(isComplete(hours('4h', 0, 48, [24]), range(0, 48))).toBe(false)
    expect(isComplete(hours('4h', 0, 48), range(0, 48))).toBe(true)
  })

  test('prop_ the bounds hold, and the choice never yields less than the stored interval', () => {
    const subset = (interval: string) =>
      fc.array(fc.boolean(), { minLength: 24, maxLength: 192 }).map((flags) =>
        candidate(
          interval,
          flags.flatMap((flag, i) => (flag ? [i * parseInterval(interval).ms] : [])),
        ),
      )
    const complete = ({ times, grid }: TestCandidate, wanted: ReturnType<typeof range>) => {
      const groups = Map.groupBy(times, (time) => floorToGrid(time, coarse))
      return [...groups].filter(
        ([start, members]) =>
          start >= wanted.fromMs && start < wanted.toMs && members.length === coarse.ms / grid.ms,
      ).length
    }
    fc.assert(
      fc.property(
        subset('4h'),
        subset('1h'),
        subset('2h'),
        fc.nat(100),
        fc.integer({ min: 1, max: 100 }),
        (own, hour, twoHours, from, length) => {
          const wanted = { fromMs: from * coarse.ms, toMs: (from + length) * coarse.ms }
          for (const one of [own, hour, twoHours]) {
            const { least, most } = yieldOf(one, coarse, wanted)
            expect(complete(one, wanted)).toBeWithin(least, most + 1)
          }
          const chosen = chooseSource(own, [hour, twoHours], coarse, wanted)
          const yielded = chosen === undefined ? 0 : complete(chosen, wanted)
          expect(yielded).toBeGreaterThanOrEqual(complete(own, wanted))
        },
      ),
    )
  })
})
