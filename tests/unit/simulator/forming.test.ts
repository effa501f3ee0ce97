import { describe, expect, test } from 'bun:test'
import type { CandleColumns } from '../../../src/core/candles.ts'
import { Market } from '../../../src/simulator/market/market.ts'
import type { Candle } from '../../../src/simulator/market/series.ts'
import { columnsOf } from '../../support/candles.ts'
import { marketOf } from '../../support/simulator.ts'

const HOUR = 3_600_000
const OPEN = Date.UTC(2024, 0, 1)
const WHOLE: Candle = { openTime: OPEN, open: 100, high: 110, low: 95, close: 105, volume: 12.5 }

async function seriesOf(candles: Readonly<Record<string, CandleColumns>>, interval = '1h') {
  return await new Market(marketOf({ BTCUSDT: candles })).series('BTCUSDT', interval)
}

describe('a candle that forms', () => {
  test('has traded nothing at its open, and is whole at its close', async () => {
    const series = await seriesOf({ '1h': columnsOf([WHOLE]) })
    const flat = { openTime: OPEN, open: 100, high: 100, low: 100, close: 100, volume: 0 }
    expect(series.at(0, OPEN)).toEqual(flat)
    expect(series.at(0, OPEN + HOUR)).toEqual(WHOLE)
  })

  test('only widens and only gains volume, inside its final range', async () => {
    const falling = { ...WHOLE, openTime: OPEN + HOUR, close: 97 }
    const series = await seriesOf({ '1h': columnsOf([WHOLE, falling]) })
    for (const [index, whole] of [WHOLE, falling].entries()) {
      let before = series.at(index, whole.openTime)
      for (let ms = 0; ms <= HOUR; ms += 10_000) {
        const now = series.at(index, whole.openTime + ms)
        expect(now.open).toBe(whole.open)
        expect(now.high).toBeWithin(Math.max(before.high, now.close), whole.high + 1e-9)
        expect(now.low).toBeWithin(whole.low, Math.min(before.low, now.close) + 1e-9)
        expect(now.volume).toBeWithin(before.volume, whole.volume + 1e-9)
        before = now
      }
    }
  })

  test('is put together from the finer candles that have traded', async () => {
    const minutes = Array.from({ length: 60 }, (_, i) => ({
      openTime: OPEN + i * 60_000,
      open: 100 + i,
      high: 103 + i,
      low: 99 + i,
      close: 101 + i,
      volume: 2,
    }))
    const hour = { openTime: OPEN, open: 100, high: 162, low: 99, close: 160, volume: 120 }
    const series = await seriesOf({ '1h': columnsOf([hour]), '1m': columnsOf(minutes) })
    const after10 = { openTime: OPEN, open: 100, high: 112, low: 99, close: 110, volume: 20 }
    expect(series.at(0, OPEN + 10 * 60_000)).toEqual(after10)
    // Half of the eleventh minute: from its open to the middle of the way from low to high.
    expect(series.at(0, OPEN + 10.5 * 60_000)).toMatchObject({ close: 111, volume: 21 })
  })

  test('follows its own path where a finer candle is missing', async () => {
    const minutes = columnsOf([{ ...WHOLE, openTime: OPEN + 60_000 }])
    const series = await seriesOf({ '1h': columnsOf([WHOLE]), '1m': minutes })
    const alone = await seriesOf({ '1h': columnsOf([WHOLE]) })
    expect(series.at(0, OPEN + HOUR / 2).close).toBe(alone.at(0, OPEN + HOUR / 2).close)
  })
})
