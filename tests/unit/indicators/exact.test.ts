import { describe, expect, test } from 'bun:test'
import * as face from '../../../src/indicators/index.ts'
import { CANDLE_SYMBOLS, type Series } from '../../../src/kernel/expression.ts'
import { candlesOf, testKernel } from './kernel.ts'

const { close, high, low } = CANDLE_SYMBOLS
const FLAT = 1_000_000

const evaluate = (prices: readonly number[], ...series: readonly Series[]) =>
  testKernel().evaluate(candlesOf({ close: prices }), series)

/** Ticks that move, the last one down, and stand still for a million bars, as `at` times the tick. */
function thenFlat(tick: number): readonly number[] {
  const moving = Array.from({ length: 203 }, (_, bar) => (50 + ((bar * bar) % 7)) * tick)
  return [...moving, ...Array<number>(FLAT).fill(49 * tick)]
}

describe('a million unchanged bars', () => {
  test.each([2, 3, 14])('rsi(%d) keeps its bits', (period) => {
    const [values] = evaluate(thenFlat(1e-8), face.rsi(close, period))
    const last = values![203]!
    expect(last).toBeWithin(0.1, 50)
    expect(values!.subarray(203).every((value) => value === last)).toBe(true)
  })

  test('averages stay where the price is, atr and macd at zero', () => {
    const prices = thenFlat(1e-8)
    const range = face.atr({ high, low, close }, 14)
    const { macd, signal } = face.macd(close, { fast: 12, slow: 26, signal: 9 })
    const series = [face.ema(close, 20), face.wilder(close, 20), range, macd, signal]
    const ends = evaluate(prices, ...series).map((values) => values.at(-1)!)
    for (const average of ends.slice(0, 2)) expect(average / 49e-8).toBeCloseTo(1, 14)
    expect(ends[2]).toBe(0)
    for (const difference of ends.slice(3)) expect(Math.abs(difference)).toBeLessThan(1e-21)
  })
})

/** Right by cases of freqtrade #746: the vector code settles ties as the scalar code does. */
test('ties of decimals are met in every lane of a long series', () => {
  const bars = 5_000
  const prices = Array.from({ length: bars }, (_, bar) => (bar % 2 === 0 ? 0.5 : 0.51))
  const [change] = evaluate(prices, face.rateOfChange(close, 1))
  const odd = (values: Float64Array) => new Set(values.filter((_, bar) => bar % 2 === 1))
  expect(odd(change!)).toEqual(new Set([2]))
})
