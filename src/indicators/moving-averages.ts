import { Type } from 'typebox'
import { operation, type Scalar, type Series } from '../kernel/expression.ts'
import { defineIndicator, type IndicatorDefinition, periodSchema } from './definition.ts'

/**
 * Simple moving average: the mean of the last `period` values. First defined after `period` bars.
 * @example
 * const trend = sma(close, 200)
 * const inUptrend = above(close, trend)
 */
export function sma(source: Series, period: Scalar): Series {
  return operation('sma', [source], [period])
}

/**
 * Exponential moving average with weight 2 / (period + 1), seeded by the mean of the first `period` values.
 * @example
 * const rising = crossesAbove(ema(close, 12), ema(close, 26))
 */
export function ema(source: Series, period: Scalar): Series {
  return operation('ema', [source], [period])
}

/**
 * Linearly weighted moving average: the newest of `period` values weighs `period`, the oldest 1.
 * @example
 * const trend = wma(close, 50)
 */
export function wma(source: Series, period: Scalar): Series {
  return operation('wma', [source], [period])
}

/**
 * Wilder's smoothing (RMA, SMMA): an exponential average with weight 1 / period, seeded by the mean of the first
 * `period` values.
 * @example
 * const smoothVolume = wilder(volume, 14)
 */
export function wilder(source: Series, period: Scalar): Series {
  return operation('wilder', [source], [period])
}

const average = (
  name: string,
  description: string,
  build: (source: Series, period: Scalar) => Series,
) =>
  defineIndicator({
    name,
    description,
    category: 'moving_average',
    params: Type.Object({ period: periodSchema(20) }, { additionalProperties: false }),
    inputs: ['source'],
    outputs: ['value'],
    build: ({ source }, { period }) => ({ value: build(source, period) }),
  })

export const definitions: readonly IndicatorDefinition[] = [
  average('sma', 'Simple moving average: the mean of the last values.', sma),
  average('ema', 'Exponential moving average with weight 2 / (period + 1).', ema),
  average('wma', 'Linearly weighted moving average: newer values weigh more.', wma),
  average('wilder', "Wilder's smoothing (RMA): exponential with weight 1 / period.", wilder),
]
