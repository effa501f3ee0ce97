import { Type } from 'typebox'
import { operation, outputs, type Scalar, type Series } from '../kernel/expression.ts'
import { add, lag, scale } from './arithmetic.ts'
import { defineIndicator, type IndicatorDefinition, periodSchema } from './definition.ts'
import type { Bands } from './volatility.ts'

/**
 * Highest of the last `period` values, the current one included.
 * @example
 * const atTheTop = atLeast(close, highest(close, 50))
 */
export function highest(source: Series, period: Scalar): Series {
  return operation('highest', [source], [period])
}

/**
 * Lowest of the last `period` values, the current one included.
 * @example
 * const atTheBottom = atMost(close, lowest(close, 50))
 */
export function lowest(source: Series, period: Scalar): Series {
  return operation('lowest', [source], [period])
}

/**
 * Donchian's channel: highest high and lowest low of the `period` bars before the current one, and their mean. The
 * current bar is left out, so that a close can break out.
 * @example
 * const { upper } = donchian({ high, low }, 20)
 * const breakout = above(close, upper)
 */
export function donchian(
  { high, low }: { readonly high: Series; readonly low: Series },
  period: Scalar,
): Bands {
  return outputs(() => {
    const upper = lag(highest(high, period), 1)
    const lower = lag(lowest(low, period), 1)
    return { upper, middle: scale(add(upper, lower), 0.5), lower }
  })
}

export const definitions: readonly IndicatorDefinition[] = [
  defineIndicator({
    name: 'highest',
    description: 'Highest of the last values, the current one included.',
    category: 'channel',
    params: Type.Object({ period: periodSchema(20) }, { additionalProperties: false }),
    inputs: ['source'],
    outputs: ['value'],
    build: ({ source }, { period }) => ({ value: highest(source, period) }),
  }),
  defineIndicator({
    name: 'lowest',
    description: 'Lowest of the last values, the current one included.',
    category: 'channel',
    params: Type.Object({ period: periodSchema(20) }, { additionalProperties: false }),
    inputs: ['source'],
    outputs: ['value'],
    build: ({ source }, { period }) => ({ value: lowest(source, period) }),
  }),
  defineIndicator({
    name: 'donchian',
    description: 'Highest high and lowest low of the bars before the current one.',
    category: 'channel',
    params: Type.Object({ period: periodSchema(20) }, { additionalProperties: false }),
    inputs: ['high', 'low'],
    outputs: ['upper', 'middle', 'lower'],
    build: (columns, { period }) => ({ ...donchian(columns, period) }),
  }),
]
