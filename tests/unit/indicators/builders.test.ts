import { describe, expect, test } from 'bun:test'
import * as face from '../../../src/indicators/index.ts'
import { CANDLE_SYMBOLS, param, type Series } from '../../../src/kernel/expression.ts'
import { candlesOf, testKernel } from './kernel.ts'

const { close, high, low, volume } = CANDLE_SYMBOLS
const candles = candlesOf({ close: [4, 2, 8, 1], volume: [2, 0, 4, -1] })

const evaluate = (series: Series) => [...testKernel().evaluate(candles, [series])[0]!]

describe('arithmetic', () => {
  test.each([
    ['add', face.add(close, volume), [6, 2, 12, 0]],
    ['subtract', face.subtract(close, volume), [2, 2, 4, 2]],
    ['multiply', face.multiply(close, volume), [8, 0, 32, -1]],
    ['divide', face.divide(close, volume), [2, Number.POSITIVE_INFINITY, 2, -1]],
    ['scale', face.scale(close, 0.5), [2, 1, 4, 0.5]],
    ['offset', face.offset(close, -1), [3, 1, 7, 0]],
    ['lag', face.lag(close, 1), [Number.NaN, 4, 2, 8]],
  ] as const)('%s works bar by bar', (_name, series, expected) => {
    expect(evaluate(series)).toEqual([...expected])
  })
})

describe('composed indicators', () => {
  test('macd subtracts the slow average from the fast one', () => {
    const { macd, histogram, signal } = face.macd(close, { fast: 1, slow: 2, signal: 1 })
    expect(evaluate(macd)).toEqual([Number.NaN, -1, expect.closeTo(5 / 3), expect.closeTo(-16 / 9)])
    expect(evaluate(signal)).toEqual(evaluate(macd))
    expect(evaluate(histogram)).toEqual([Number.NaN, 0, 0, 0])
  })

  test('bollingerBands are the average and population deviations around it', () => {
    const bands = face.bollingerBands(close, { period: 2, deviations: 3 })
    expect(evaluate(bands.upper)).toEqual([Number.NaN, 6, 14, 15])
    expect(evaluate(bands.middle)).toEqual([Number.NaN, 3, 5, 4.5])
    expect(evaluate(bands.lower)).toEqual([Number.NaN, 0, -4, -6])
  })

  test('donchian leaves the current bar out, highest and lowest include it', () => {
    const channel = face.donchian({ high, low }, 2)
    expect(evaluate(channel.upper)).toEqual([Number.NaN, Number.NaN, 4, 8])
    expect(evaluate(channel.lower)).toEqual([Number.NaN, Number.NaN, 2, 2])
    expect(evaluate(channel.middle)).toEqual([Number.NaN, Number.NaN, 3, 5])
    expect(evaluate(face.highest(close, 2))).toEqual([Number.NaN, 4, 8, 8])
    expect(evaluate(face.lowest(close, 2))).toEqual([Number.NaN, 2, 2, 1])
  })

  test('atr smooths the true range', () => {
    expect(evaluate(face.atr({ high, low, close }, 1))).toEqual([Number.NaN, 2, 6, 7])
  })
})

test('a parameter stays a symbol in the graph', () => {
  const period = param('period')
  expect(face.sma(close, period)).toMatchObject({ operation: 'sma', params: [period] })
})

test('the public face offers everything that a strategy file needs', () => {
  const names = ['Type', 'above', 'and', 'crossesAbove', 'defineStrategy', 'not', 'or', 'scalar']
  expect(Object.keys(face)).toEqual(expect.arrayContaining(names))
})
