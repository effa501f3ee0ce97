import { Type } from 'typebox'
import { operation, outputs, type Scalar, type Series } from '../kernel/expression.ts'
import { subtract } from './arithmetic.ts'
import { defineIndicator, type IndicatorDefinition, periodSchema } from './definition.ts'
import { ema } from './moving-averages.ts'

/**
 * Relative strength index by Wilder's smoothing, 0 to 100; 50 where nothing has moved. First defined after
 * `period` + 1 bars.
 * @example
 * const leavesOversold = crossesAbove(rsi(close, 14), 30)
 */
export function rsi(source: Series, period: Scalar): Series {
  return operation('rsi', [source], [period])
}

/**
 * Change against the value `period` bars ago, in percent.
 * @example
 * const risen = above(rateOfChange(close, 24), 5)
 */
export function rateOfChange(source: Series, period: Scalar): Series {
  return operation('rate_of_change', [source], [period])
}

export interface MacdPeriods {
  /** Bars. */
  readonly fast: Scalar
  readonly slow: Scalar
  readonly signal: Scalar
}

export interface Macd {
  /** Fast less slow exponential average, in units of the source. */
  readonly macd: Series
  /** Exponential average of `macd`. */
  readonly signal: Series
  /** `macd` less `signal`. */
  readonly histogram: Series
}

/**
 * Moving average convergence divergence.
 * @example
 * const { macd: line, signal } = macd(close, { fast: 12, slow: 26, signal: 9 })
 * const enterLong = crossesAbove(line, signal)
 */
export function macd(source: Series, periods: MacdPeriods): Macd {
  return outputs(() => {
    const line = subtract(ema(source, periods.fast), ema(source, periods.slow))
    const signal = ema(line, periods.signal)
    return { macd: line, signal, histogram: subtract(line, signal) }
  })
}

export const definitions: readonly IndicatorDefinition[] = [
  defineIndicator({
    name: 'rsi',
    description: "Relative strength index by Wilder's smoothing, 0 to 100.",
    category: 'oscillator',
    params: Type.Object({ period: periodSchema(14) }, { additionalProperties: false }),
    inputs: ['source'],
    outputs: ['value'],
    build: ({ source }, { period }) => ({ value: rsi(source, period) }),
  }),
  defineIndicator({
    name: 'rate_of_change',
    description: 'Change against an earlier value, in percent.',
    category: 'oscillator',
    params: Type.Object({ period: periodSchema(14) }, { additionalProperties: false }),
    inputs: ['source'],
    outputs: ['value'],
    build: ({ source }, { period }) => ({ value: rateOfChange(source, period) }),
  }),
  defineIndicator({
    name: 'macd',
    description: 'Fast less slow exponential average, its signal line and their difference.',
    category: 'oscillator',
    params: Type.Object(
      {
        fast_period: periodSchema(12),
        slow_period: periodSchema(26),
        signal_period: periodSchema(9),
      },
      { additionalProperties: false },
    ),
    inputs: ['source'],
    outputs: ['macd', 'signal', 'histogram'],
    build: ({ source }, p) => ({
      ...macd(source, { fast: p.fast_period, slow: p.slow_period, signal: p.signal_period }),
    }),
  }),
]
