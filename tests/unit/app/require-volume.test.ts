import { expect, test } from 'bun:test'
import { requireVolume } from '../../../src/app/require-volume.ts'
import type { CandleSeries } from '../../../src/core/candles.ts'

function candles(...volume: readonly number[]): CandleSeries {
  const column = Float64Array.from(volume)
  const series = { exchange: 'binance', symbol: 'BTCUSDT', interval: '1h' }
  const prices = { open: column, high: column, low: column, close: column }
  return {
    ...series,
    ...prices,
    openTime: column,
    volume: column,
    hash: '',
    intervalMs: 1 as never,
  }
}

test('candles with a volume, also 0, are let through', () => {
  expect(() => requireVolume(candles(1, 0, 2), 'a strategy reads it')).not.toThrow()
})

test('candles without one are refused with how many there are', () => {
  expect(() => requireVolume(candles(1, Number.NaN, 2), 'a strategy reads it')).toThrow(
    'binance BTCUSDT 1h: 1 of 3 candles have no volume, and a strategy reads it. Import a file that has it.',
  )
})
