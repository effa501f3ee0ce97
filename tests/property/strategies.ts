import fc from 'fast-check'
import { Type } from 'typebox'
import { evaluateScalar, type Point } from '../../bench/reference/evaluate.ts'
import {
  above,
  and,
  atLeast,
  atMost,
  below,
  CANDLE_SYMBOLS,
  type CompareNode,
  type Condition,
  type CrossNode,
  crossesAbove,
  crossesBelow,
  not,
  type OperationName,
  operation,
  or,
  param,
  type Scalar,
  type Series,
  type Signals,
  scalar,
} from '../../src/kernel/expression.ts'
import { defineStrategy, type StrategyDefinition } from '../../src/kernel/strategy.ts'

/** The parameters that generated graphs may use: three lengths in bars and one number. */
export const PARAM_NAMES = ['fast', 'slow', 'length', 'level'] as const
export type GeneratedPoint = Readonly<Record<(typeof PARAM_NAMES)[number], number>>

const bars = fc.integer({ min: 1, max: 25 })

export const points: fc.Arbitrary<GeneratedPoint> = fc.record({
  fast: bars,
  slow: bars,
  length: bars,
  level: fc.constantFrom(-2, -0.5, 0, 0.25, 1, 3),
})

/** Whole numbers of bars, at least 1: literals, parameters and arithmetic over them. */
const period: fc.Arbitrary<Scalar> = fc.oneof(
  bars,
  fc.constantFrom('fast', 'slow', 'length').map(param),
  fc.constantFrom(
    scalar('add', param('fast'), param('slow')),
    scalar('max', param('fast'), 3),
    scalar('min', param('slow'), 7),
    scalar('multiply', 2, param('length')),
  ),
)

/** Small numbers, as factors and amounts. */
const small: fc.Arbitrary<Scalar> = fc.oneof(
  fc.constantFrom<Scalar>(-1.5, 0, 0.5, 2, param('level')),
  fc.constantFrom<Scalar>(
    scalar('subtract', param('level'), 1),
    scalar('divide', param('level'), 4),
  ),
)

const price = fc.constantFrom<Series>(
  CANDLE_SYMBOLS.close,
  CANDLE_SYMBOLS.close,
  CANDLE_SYMBOLS.open,
  CANDLE_SYMBOLS.high,
  CANDLE_SYMBOLS.low,
)

const { high, low, close } = CANDLE_SYMBOLS
const averages = ['sma', 'ema', 'wma', 'wilder'] as const
const windowed = [...averages, 'highest', 'lowest', 'lag'] as const

const unary = (names: readonly OperationName[], input: fc.Arbitrary<Series>, with_ = period) =>
  fc.tuple(fc.constantFrom(...names), input, with_).map(([name, x, n]) => operation(name, [x], [n]))

const binary = (names: readonly OperationName[], x: fc.Arbitrary<Series>, y = x) =>
  fc.tuple(fc.constantFrom(...names), x, y).map(([name, a, b]) => operation(name, [a, b]))

/** Series of the size of a price. */
const levels: fc.Arbitrary<Series> = fc.oneof(
  { weight: 2, arbitrary: price },
  { weight: 6, arbitrary: unary(windowed, price) },
  { weight: 1, arbitrary: unary(windowed, unary(windowed, price)) },
  { weight: 1, arbitrary: unary(['scale'], price, fc.constantFrom(0.99, 1, 1.01)) },
  { weight: 1, arbitrary: bands() },
)

/** Series around 0. */
const centered: fc.Arbitrary<Series> = fc.oneof(
  binary(['subtract'], levels),
  unary(['z_score', 'rate_of_change'], levels),
  unary(['ema', 'sma', 'lag'], binary(['subtract'], levels)),
  unary(['rsi'], price).map((x) => operation('offset', [x], [-50])),
)

/** Average plus a multiple of a spread, as in Bollinger or Keltner bands. */
function bands(): fc.Arbitrary<Series> {
  const range = operation('true_range', [high, low, close])
  const spread = fc.oneof(
    unary(['std_dev'], price),
    period.map((n) => operation('wilder', [range], [n])),
  )
  return binary(['add', 'subtract'], unary(averages, price), unary(['scale'], spread, small))
}

/** Any series of any operation; values may be far from prices or undefined, but never infinite. */
export const anySeries: fc.Arbitrary<Series> = fc.letrec<{ series: Series }>((tie) => ({
  series: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.oneof(price, fc.constant<Series>(CANDLE_SYMBOLS.volume)),
    unary([...windowed, 'rsi', 'std_dev', 'z_score'], tie('series')),
    unary(['scale', 'offset'], tie('series'), small),
    binary(['add', 'subtract', 'multiply'], tie('series')),
    binary(['divide'], tie('series'), price),
    unary(['rate_of_change'], levels),
    tie('series').map((x) => operation('true_range', [high, low, x])),
    unary(['lag'], price).map((x) => operation('true_range', [high, x, close])),
  ),
})).series

const comparisons = [above, below, atLeast, atMost, crossesAbove, crossesBelow] as const

/** One comparison whose sides have the same size, so that it is true on some bars. */
const comparison: fc.Arbitrary<Condition> = fc.oneof(
  fc
    .tuple(fc.constantFrom(...comparisons), levels, levels)
    .map(([compare, left, right]) => compare(left, right)),
  fc
    .tuple(fc.constantFrom(...comparisons), centered, small)
    .map(([compare, left, right]) => compare(left, right)),
  fc
    .tuple(fc.constantFrom(...comparisons), centered, centered)
    .map(([compare, left, right]) => compare(left, right)),
)

const conditions: fc.Arbitrary<Condition> = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    comparison,
    tie('condition').map(not),
    fc.tuple(tie('condition'), tie('condition')).map(([left, right]) => and(left, right)),
    fc.tuple(tie('condition'), tie('condition')).map(([left, right]) => or(left, right)),
  ),
})).condition

const always = above(close, 0)
const never = below(close, 0)

/** Entry and exit conditions: random ones, crossings that alternate, and the corners. */
export const signals: fc.Arbitrary<Signals> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ enterLong: conditions, exitLong: conditions }),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(levels, levels)
      .map(([a, b]) => ({ enterLong: crossesAbove(a, b), exitLong: crossesBelow(a, b) })),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Signals>(
      { enterLong: never, exitLong: always },
      { enterLong: always, exitLong: never },
      { enterLong: always, exitLong: always },
      { enterLong: above(close, operation('lag', [close], [1])), exitLong: never },
    ),
  },
)

/** Wraps signals as the definition of a strategy with the generated parameters. */
export function strategyOf(generated: Signals): StrategyDefinition {
  return defineStrategy({
    name: 'generated',
    description: 'Random signals.',
    params: Type.Object({
      fast: Type.Integer({ minimum: 1 }),
      slow: Type.Integer({ minimum: 1 }),
      length: Type.Integer({ minimum: 1 }),
      level: Type.Number(),
    }),
    signals: () => generated,
  })
}

/** Every comparison and cross of a condition, in order of appearance. */
export function comparisonsIn(condition: Condition): readonly (CompareNode | CrossNode)[] {
  switch (condition.kind) {
    case 'not':
      return comparisonsIn(condition.operand)
    case 'and':
    case 'or':
      return [...comparisonsIn(condition.left), ...comparisonsIn(condition.right)]
    default:
      return [condition]
  }
}

/** Replaces every scalar of a series by its value at `point`. */
export function boundSeries(node: Series, point: Point): Series {
  if (node.kind === 'column') return node
  const inputs = node.inputs.map((input) => boundSeries(input, point))
  const params = node.params.map((value) => evaluateScalar(value, point))
  return operation(node.operation, inputs, params)
}
