import { Type } from 'typebox'
import { operation, type Scalar, type Series } from '../kernel/expression.ts'
import { defineIndicator, type IndicatorDefinition, periodSchema } from './definition.ts'

/**
 * Sum of two series, bar by bar.
 * @example
 * const middle = scale(add(high, low), 0.5)
 */
export function add(left: Series, right: Series): Series {
  return operation('add', [left, right])
}

/**
 * `left` less `right`, bar by bar.
 * @example
 * const range = subtract(high, low)
 */
export function subtract(left: Series, right: Series): Series {
  return operation('subtract', [left, right])
}

/**
 * Product of two series, bar by bar.
 * @example
 * const turnover = multiply(close, volume)
 */
export function multiply(left: Series, right: Series): Series {
  return operation('multiply', [left, right])
}

/**
 * `left` divided by `right`, bar by bar; by zero: an infinity, zero by zero: NaN.
 * @example
 * const relativeVolume = divide(volume, sma(volume, 20))
 */
export function divide(left: Series, right: Series): Series {
  return operation('divide', [left, right])
}

/**
 * A series times a number.
 * @example
 * const threshold = scale(sma(close, 50), 1.02)
 */
export function scale(source: Series, factor: Scalar): Series {
  return operation('scale', [source], [factor])
}

/**
 * A series plus a number.
 * @example
 * const centered = offset(rsi(close, 14), -50)
 */
export function offset(source: Series, amount: Scalar): Series {
  return operation('offset', [source], [amount])
}

/**
 * The value `period` bars ago; `period` is at least 1.
 * @example
 * const higherClose = above(close, lag(close, 1))
 */
export function lag(source: Series, period: Scalar): Series {
  return operation('lag', [source], [period])
}

const binary = (
  name: string,
  description: string,
  build: (left: Series, right: Series) => Series,
) =>
  defineIndicator({
    name,
    description,
    category: 'arithmetic',
    params: Type.Object({}, { additionalProperties: false }),
    inputs: ['left', 'right'],
    outputs: ['value'],
    build: ({ left, right }) => ({ value: build(left, right) }),
  })

export const definitions: readonly IndicatorDefinition[] = [
  binary('add', 'Sum of two series.', add),
  binary('subtract', 'Difference of two series.', subtract),
  binary('multiply', 'Product of two series.', multiply),
  binary('divide', 'Quotient of two series.', divide),
  defineIndicator({
    name: 'scale',
    description: 'A series times a number.',
    category: 'arithmetic',
    params: Type.Object(
      { factor: Type.Number({ default: 1, description: 'factor' }) },
      { additionalProperties: false },
    ),
    inputs: ['source'],
    outputs: ['value'],
    build: ({ source }, { factor }) => ({ value: scale(source, factor) }),
  }),
  defineIndicator({
    name: 'offset',
    description: 'A series plus a number.',
    category: 'arithmetic',
    params: Type.Object(
      { amount: Type.Number({ default: 0, description: 'units of the source' }) },
      { additionalProperties: false },
    ),
    inputs: ['source'],
    outputs: ['value'],
    build: ({ source }, { amount }) => ({ value: offset(source, amount) }),
  }),
  defineIndicator({
    name: 'lag',
    description: 'The value some bars ago.',
    category: 'arithmetic',
    params: Type.Object({ period: periodSchema(1) }, { additionalProperties: false }),
    inputs: ['source'],
    outputs: ['value'],
    build: ({ source }, { period }) => ({ value: lag(source, period) }),
  }),
]
