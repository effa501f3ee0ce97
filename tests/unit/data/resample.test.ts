import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { CandleColumns } from '../../../src/core/candles.ts'
import { parseInterval } from '../../../src/core/intervals.ts'
import { columnsOf } from '../../../src/data/columns.ts'
import { Resampler } from '../../../src/data/resample.ts'

const HOUR = 3_600_000
const hour = parseInterval('1h')
const fourHours = parseInterval('4h')

function candlesAt(hours: readonly number[]): CandleColumns {
  const value = (f: (h: number) => number) => Float64Array.from(hours, f)
  return columnsOf([
    value((h) => h * HOUR),
    value((h) => 100 + ((h * 7) % 11)),
    value((h) => 120 + ((h * 5) % 13)),
    value((h) => 80 - ((h * 3) % 17)),
    value((h) => 100 + ((h * 11) % 7)),
    value((h) => (h * 13) % 19),
  ])
}

function slice(columns: CandleColumns, start: number, end: number): CandleColumns {
  const { openTime, open, high, low, close, volume } = columns
  return columnsOf([openTime, open, high, low, close, volume].map((c) => c.slice(start, end)))
}

function resample(chunks: readonly CandleColumns[]) {
  const resampler = new Resampler(hour, fourHours)
  for (const chunk of chunks) resampler.push(chunk)
  return resampler.finish()
}

describe('Resampler', () => {
  test('builds what exists of a sparse series, but nothing that its ends cut off', () => {
    const stored = { fromMs: 1 * HOUR, toMs: 19 * HOUR }
    const resampler = new Resampler(hour, fourHours, stored)
    resampler.push(candlesAt([1, 2, 3, 5, 7, 13, 16, 17, 18]))
    const { columns, incomplete } = resampler.finish()
    // 00:00 begins before what is stored, 16:00 ends after it; in 08:00 to 12:00 nothing traded.
    expect([...columns.openTime]).toEqual([4 * HOUR, 12 * HOUR])
    expect(incomplete).toEqual([0, 16 * HOUR])
    const { open, close } = candlesAt([5, 7])
    expect([columns.open[0], columns.close[0]]).toEqual([open[0] as number, close[1] as number])
  })

  test('takes first open, highest high, lowest low, last close and the sum of volumes', () => {
    const fine = candlesAt([4, 5, 6, 7])
    const { columns, incomplete } = resample([fine])
    expect(incomplete).toEqual([])
    expect([...columns.openTime]).toEqual([4 * HOUR])
    expect([...columns.open]).toEqual([fine.open[0] as number])
    expect([...columns.high]).toEqual([Math.max(...fine.high)])
    expect([...columns.low]).toEqual([Math.min(...fine.low)])
    expect([...columns.close]).toEqual([fine.close[3] as number])
    expect([...columns.volume]).toEqual([fine.volume.reduce((a, b) => a + b)])
    expect(columns.close.buffer).toBeInstanceOf(SharedArrayBuffer)
  })

  test('leaves out and counts candles that lack a finer one', () => {
    const { columns, incomplete } = resample([candlesAt([2, 3, 4, 5, 7, 8, 9, 10, 11, 12])])
    expect([...columns.openTime]).toEqual([8 * HOUR])
    expect(incomplete).toEqual([0, 4 * HOUR, 12 * HOUR])
  })

  test('prop_ equals a naive grouping, wherever the chunks are cut', () => {
    const hours = fc.uniqueArray(fc.nat(60), { maxLength: 60 }).map((h) => h.sort((a, b) => a - b))
    fc.assert(
      fc.property(hours, fc.nat(60), (present, cut) => {
        const fine = candlesAt(present)
        const at = Math.min(cut, present.length)
        const { columns, incomplete } = resample([
          slice(fine, 0, at),
          slice(fine, at, present.length),
        ])
        const groups = Map.groupBy(present, (h) => Math.floor(h / 4))
        const complete = [...groups].filter(([, members]) => members.length === 4)
        expect([...columns.openTime]).toEqual(complete.map(([group]) => group * 4 * HOUR))
        expect(incomplete.length).toBe(groups.size - complete.length)
        const highs = complete.map(([, members]) => Math.max(...candlesAt(members).high))
        expect([...columns.high]).toEqual(highs)
      }),
    )
  })

  test.each([
    // 7 and 25 minutes do not divide a day: candles count from 1970-01-01 and cross hours, days and months.
    ['7m', Date.UTC(2024, 1, 29, 23, 30)],
    ['25m', Date.UTC(2024, 1, 29, 22)],
  ])('%s candles cross the border of a month', (interval, fromMs) => {
    const [minute, grid] = [parseInterval('1m'), parseInterval(interval)]
    const times = Array.from({ length: 240 }, (_, i) => fromMs + i * minute.ms)
    const ones = Float64Array.from(times, () => 1)
    const resampler = new Resampler(minute, grid)
    resampler.push(columnsOf([Float64Array.from(times), ones, ones, ones, ones, ones]))
    const { columns, incomplete } = resampler.finish()
    const all = [...new Set(times.map((time) => Math.floor(time / grid.ms) * grid.ms))]
    const whole = all.filter((time) => time >= fromMs && time + grid.ms <= fromMs + 240 * minute.ms)
    expect([...columns.openTime]).toEqual(whole)
    expect(incomplete).toEqual(all.filter((time) => !whole.includes(time)))
    expect([...columns.volume].every((volume) => volume === grid.ms / minute.ms)).toBe(true)
    const border = Date.UTC(2024, 2, 1)
    expect(whole.some((time) => time < border && time + grid.ms > border)).toBe(true)
  })

  test('candles can be taken while more are to come, and are then forgotten', () => {
    const resampler = new Resampler(hour, fourHours)
    resampler.push(candlesAt([0, 1, 2, 3, 4]))
    expect(resampler.size).toBe(1)
    expect([...resampler.take().openTime]).toEqual([0])
    expect(resampler.size).toBe(0)
    resampler.push(candlesAt([5, 6, 7, 8]))
    expect([...resampler.take().openTime]).toEqual([4 * HOUR])
    expect(resampler.finish()).toMatchObject({ incomplete: [8 * HOUR] })
  })
})
