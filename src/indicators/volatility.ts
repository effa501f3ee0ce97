import { Type } from 'typebox'
import { operation, outputs, type Scalar, type Series } from '../kernel/expression.ts'
import { add, scale, subtract } from './arithmetic.ts'
import { defineIndicator, type IndicatorDefinition, periodSchema } from './definition.ts'
import { sma, wilder } from './moving-averages.ts'

/** The columns that a range needs; the candle columns of a strategy fit. */
export interface RangeColumns {
  readonly high: Series
  readonly low: Series
  readonly close: Series
}

/**
 * Population standard deviation (divisor n) of the last `period` values; exactly 0 in a flat window.
 * @example
 * const calm = below(stdDev(close, 20), stdDev(close, 200))
 */
export function stdDev(source: Series, period: Scalar): Series {
  return operation('std_dev', [source], [period])
}

/**
 * Distance of a value from the mean of the last `period` values in population deviations; NaN in a flat window.
 * @example
 * const stretched = below(zScore(close, 50), -2)
 */
export function zScore(source: Series, period: Scalar): Series {
  return operation('z_score', [source], [period])
}

/**
 * True range: the bar's range, widened to the close of the bar before. First defined on the second bar.
 * @example
 * const range = trueRange({ high, low, close })
 */
export function trueRange({ high, low, close }: RangeColumns): Series {
  return operation('true_range', [high, low, close])
}

/**
 * Average true range by Wilder's smoothing, in units of price. First defined after `period` + 1 bars.
 * @example
 * const stopDistance = scale(atr({ high, low, close }, 14), 3)
 */
export function atr(columns: RangeColumns, period: Scalar): Series {
  return wilder(trueRange(columns), period)
}

export interface BollingerParams {
  /** Bars. */
  readonly period: Scalar
  /** Width of the bands in population deviations. */
  readonly deviations: Scalar
}

export interface Bands {
  readonly upper: Series
  readonly middle: Series
  readonly lower: Series
}

/**
 * Bollinger's bands: the simple average and a number of population deviations above and below it.
 * @example
 * const { lower } = bollingerBands(close, { period: 20, deviations: 2 })
 * const enterLong = below(close, lower)
 */
export function bollingerBands(source: Series, { period, deviations }: BollingerParams): Bands {
  return outputs(() => {
    const middle = sma(source, period)
    const distance = scale(stdDev(source, period), deviations)
    return { upper: add(middle, distance), middle, lower: subtract(middle, distance) }
  })
}

export const definitions: readonly IndicatorDefinition[] = [
  defineIndicator({
    name: 'std_dev',
    description: 'Population standard deviation of the last values.',
    category: 'volatility',
    params: Type.Object({ period: periodSchema(20) }, { additionalProperties: false }),
    inputs: ['source'],
    outputs: ['value'],
    build: ({ source }, { period }) => ({ value: stdDev(source, period) }),
  }),
  defineIndicator({
    name: 'z_score',
    description: 'Distance from the mean of the last values in standard deviations.',
    category: 'volatility',
    params: Type.Object({ period: periodSchema(20, 2) }, { additionalProperties: false }),
    inputs: ['source'],
    outputs: ['value'],
    build: ({ source }, { period }) => ({ value: zScore(source, period) }),
  }),
  defineIndicator({
    name: 'true_range',
    description: "Range of a bar, widened to the previous bar's close.",
    category: 'volatility',
    params: Type.Object({}, { additionalProperties: false }),
    inputs: ['high', 'low', 'close'],
    outputs: ['value'],
    build: (columns) => ({ value: trueRange(columns) }),
  }),
  defineIndicator({
    name: 'atr',
    description: "Average true range by Wilder's smoothing.",
    category: 'volatility',
    params: Type.Object({ period: periodSchema(14) }, { additionalProperties: false }),
    inputs: ['high', 'low', 'close'],
    outputs: ['value'],
    build: (columns, { period }) => ({ value: atr(columns, period) }),
  }),
  defineIndicator({
    name: 'bollinger_bands',
    description: 'Simple average with bands a number of standard deviations away.',
    category: 'volatility',
    params: Type.Object(
      {
        period: periodSchema(20),
        deviations: Type.Number({
          exclusiveMinimum: 0,
          maximum: 100,
          default: 2,
          description: 'standard deviations',
        }),
      },
      { additionalProperties: false },
    ),
    inputs: ['source'],
    outputs: ['middle', 'upper', 'lower'],
    build: ({ source }, params) => ({ ...bollingerBands(source, params) }),
  }),
]
