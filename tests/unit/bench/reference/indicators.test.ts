import { describe, expect, test } from 'bun:test'
import * as indicators from '../../../../bench/reference/indicators.ts'

const prices = [10, 11, 12, 11, 13]

describe('reference indicators', () => {
  test('sma is the mean of the last three', () => {
    expectValues(indicators.sma(prices, 3), [NaN, NaN, 11, 34 / 3, 12])
  })

  test('ema is seeded by the mean of the first three and then moves half way', () => {
    expectValues(indicators.ema(prices, 3), [NaN, NaN, 11, 11, 12])
  })

  test('wilder moves a third of the way', () => {
    expectValues(indicators.wilder(prices, 3), [NaN, NaN, 11, 11, 11 + 2 / 3])
  })

  test('wma weighs the newest heaviest', () => {
    expectValues(indicators.wma(prices, 3), [NaN, NaN, 68 / 6, 68 / 6, 73 / 6])
  })

  test('rsi with period 2: gains 1, 1, 0, 2 against losses 0, 0, 1, 0', () => {
    expectValues(indicators.rsi(prices, 2), [NaN, NaN, 100, 50, 100 * (1.25 / 1.5)])
  })

  test('rsi of prices that never moved is 50', () => {
    expectValues(indicators.rsi([5, 5, 5, 5], 2), [NaN, NaN, 50, 50])
  })

  test('standard deviation has divisor n and is exactly 0 on equal values', () => {
    const flat = [0.1, 0.1, 0.1, 0.1 + 0.3]
    expectValues(indicators.stdDev([2, 4, 4, 6], 4), [NaN, NaN, NaN, Math.sqrt(2)])
    expect(indicators.stdDev(flat, 3)[2]).toBe(0)
  })

  test('z-score is undefined where the deviation is 0', () => {
    expectValues(indicators.zScore([3, 3, 3, 6], 2), [NaN, NaN, NaN, 1])
  })

  test('true range takes the gap to the previous close and starts at the second bar', () => {
    const values = indicators.trueRange([11, 15, 10], [9, 14, 8], [10, 14, 9])
    expectValues(values, [NaN, 5, 6])
  })

  test('highest and lowest include the current bar', () => {
    expectValues(indicators.highest(prices, 2), [NaN, 11, 12, 12, 13])
    expectValues(indicators.lowest(prices, 2), [NaN, 10, 11, 11, 11])
  })

  test('rate of change is in percent', () => {
    expectValues(indicators.rateOfChange([10, 11, 15], 2), [NaN, NaN, 50])
  })

  test('round figures of decimal prices are round (freqtrade #746)', () => {
    expect(indicators.rateOfChange([0.5, 0.51], 1)[1]).toBe(2)
    expect(indicators.rateOfChange([100, 102], 1)[1]).toBe(2)
    expect(indicators.rateOfChange([1, 1 + Number.EPSILON], 1)[1]).toBeGreaterThan(0)
  })

  test('rsi stays while prices stand still', () => {
    const values = indicators.rsi([1, 2, 1.5, ...Array(5000).fill(1.5), 1.4], 2)
    expect(values[2]).toBeCloseTo(200 / 3)
    expect(values[5002]).toBe(values[2]!)
    expect(values[5003]).toBeCloseTo(0)
  })

  test('lag returns the value some bars ago', () => {
    expectValues(indicators.lag(prices, 2), [NaN, NaN, 10, 11, 12])
    expectValues(indicators.lag(prices, 9), [NaN, NaN, NaN, NaN, NaN])
  })

  test('arithmetic works bar by bar', () => {
    expectValues(indicators.add([1, 2], [3, 5]), [4, 7])
    expectValues(indicators.subtract([1, 2], [3, 5]), [-2, -3])
    expectValues(indicators.multiply([1, 2], [3, 5]), [3, 10])
    expectValues(indicators.divide([1, 2], [4, 0]), [0.25, Infinity])
    expectValues(indicators.scale([1, 2], 3), [3, 6])
    expectValues(indicators.offset([1, 2], -1), [0, 1])
  })

  test('look-back counts from the first defined input', () => {
    const late = indicators.lag(prices, 2)
    expectValues(indicators.sma(late, 2), [NaN, NaN, NaN, 10.5, 11.5])
    expectValues(indicators.ema(late, 2), [NaN, NaN, NaN, 10.5, 11.5])
  })

  test('a later NaN empties its windows and every later value of a recursion', () => {
    const broken = [1, 2, NaN, 4, 5, 6]
    expectValues(indicators.sma(broken, 2), [NaN, 1.5, NaN, NaN, 4.5, 5.5])
    expectValues(indicators.ema(broken, 2), [NaN, 1.5, NaN, NaN, NaN, NaN])
  })
})

/** Equal to 1e-12 relative, NaN exactly where NaN is expected. */
function expectValues(actual: readonly number[], expected: readonly number[]): void {
  expect(actual.map(Number.isNaN)).toEqual(expected.map(Number.isNaN))
  const far = actual.filter((value, i) => Math.abs(value - expected[i]!) > 1e-12 * Math.abs(value))
  expect({ actual, far }).toEqual({ actual, far: [] })
}
