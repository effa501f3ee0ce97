import { describe, expect, test } from 'bun:test'
import * as face from '../../../src/indicators/index.ts'
import {
  above,
  CANDLE_SYMBOLS,
  crossesAbove,
  not,
  param,
  type Series,
} from '../../../src/kernel/expression.ts'
import { candlesOf, testKernel, walk } from '../indicators/kernel.ts'

const { close, high, low } = CANDLE_SYMBOLS

function warmUp(series: Series, weight: number): number {
  const condition = above(series, 0)
  const program = { params: [], signals: { enterLong: condition, exitLong: not(condition) } }
  const { lookbackBars, warmupBars } = testKernel().warmUp(program, [], weight)
  expect(lookbackBars).toBe(testKernel().lookback(program, []))
  return warmupBars
}

describe('warm-up', () => {
  test.each([
    // (13 / 15)^49 and (13 / 14)^94 are the first powers below 1e-3.
    ['ema', face.ema(close, 14), 13 + 49],
    ['wilder', face.wilder(close, 14), 13 + 94],
    ['rsi', face.rsi(close, 14), 14 + 94],
    ['atr', face.atr({ high, low, close }, 14), 14 + 94],
    // (25 / 27)^90 of the slow average, then (8 / 10)^31 of the signal.
    ['macd signal', face.macd(close, { fast: 12, slow: 26, signal: 9 }).signal, 25 + 90 + 8 + 31],
    ['ema of one bar', face.ema(close, 1), 0],
  ] as const)('of %s lasts until its seed weighs less than 1e-3', (_name, series, bars) => {
    expect(warmUp(series, 1e-3)).toBe(bars)
  })

  test.each([
    ['sma', face.sma(close, 20), 19],
    ['wma', face.wma(close, 20), 19],
    ['std_dev', face.stdDev(close, 20), 19],
    ['z_score', face.zScore(close, 20), 19],
    ['rate_of_change', face.rateOfChange(close, 20), 20],
    ['donchian', face.donchian({ high, low }, 20).upper, 20],
  ] as const)('of %s, which is no recurrence, ends with its look-back', (_name, series, bars) => {
    expect(warmUp(series, 1e-3)).toBe(bars)
  })

  test('is the look-back where a seed may weigh anything', () => {
    expect(warmUp(face.ema(close, 14), 1)).toBe(13)
    const enterLong = crossesAbove(face.rsi(close, param('period')), 30)
    const program = { params: ['period'], signals: { enterLong, exitLong: not(enterLong) } }
    expect(testKernel().warmUp(program, [14], 1)).toEqual({ lookbackBars: 15, warmupBars: 15 })
    expect(testKernel().warmUp(program, [14], 0.5)).toEqual({ lookbackBars: 15, warmupBars: 25 })
  })

  test('leaves less than a thousandth of a seed that was wrong', () => {
    const candles = walk(400)
    const bars = warmUp(face.ema(close, 14), 1e-3)
    const wrong = candlesOf({
      close: candles.close.map((price, bar) => (bar < 14 ? 2 : 1) * price),
    })
    const [right, off] = [candles, wrong].map(
      (of) => testKernel().evaluate(of, [face.ema(close, 14)])[0]!,
    )
    const error = (bar: number) => Math.abs(off![bar]! - right![bar]!)
    expect(error(bars) / error(13)).toBeLessThan(1e-3)
    expect(error(bars - 1) / error(13)).toBeGreaterThan(1e-3)
  })
})
