import { describe, expect, test } from 'bun:test'
import { symbolListOf, symbolOf } from '../../../src/simulator/rest/parameters.ts'
import { findKlineStream } from '../../../src/simulator/streams/stream-name.ts'

// Binance's spot changelog of 2025-12-15 and -18: symbols may hold letters of any script.
describe('symbols of other scripts', () => {
  test.each(['币安人生USDT', 'ラーメンUSDT', 'हिन्दीUSDT'])('%s is served', (symbol) => {
    expect(symbolOf(symbol)).toBe(symbol)
    expect(symbolListOf(JSON.stringify(['BTCUSDT', symbol]))).toEqual(['BTCUSDT', symbol])
    const name = `${symbol.toLowerCase()}@kline_1m`
    expect(findKlineStream(name)).toEqual({ symbol, interval: '1m' })
  })

  test.each(['btcusdt', '', '币 安', '币/安', '币'.repeat(21)])('%p is refused', (symbol) => {
    expect(() => symbolOf(symbol)).toThrow()
    expect(() => symbolListOf(JSON.stringify([symbol]))).toThrow()
  })
})
