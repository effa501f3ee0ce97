import type { CandleColumn } from '../../src/core/candles.ts'
import type {
  CompareNode,
  Condition,
  CrossNode,
  OperationName,
  Relation,
  Scalar,
  ScalarOperationNode,
  Series,
} from '../../src/kernel/expression.ts'
import type { Values } from './indicators.ts'
import * as indicators from './indicators.ts'

/** Candle columns as plain arrays, all of one length. */
export type CandleArrays = Readonly<Record<CandleColumn, Values>>

/** Values of the parameters by name. */
export type Point = Readonly<Record<string, number>>

/** Returns one value per bar of `node` with its parameters bound to `point`; NaN where it is not defined. */
export function evaluateSeries(node: Series, candles: CandleArrays, point: Point): Values {
  if (node.kind === 'column') return candles[node.column]
  const inputs = node.inputs.map((input) => evaluateSeries(input, candles, point))
  const params = node.params.map((value) => evaluateScalar(value, point))
  return OPERATIONS[node.operation](inputs, params)
}

/** Where the values of a condition's operands come from. */
export interface Operands {
  /** Number of bars. */
  readonly bars: number
  readonly series: (node: Series) => Values
  readonly scalar: (node: Scalar) => number
}

/** Operands computed from candles by the definitions in `indicators.ts`, with the parameters of `point`. */
export function operandsOf(candles: CandleArrays, point: Point): Operands {
  return {
    bars: candles.close.length,
    series: (node) => evaluateSeries(node, candles, point),
    scalar: (node) => evaluateScalar(node, point),
  }
}

/** Returns one truth value per bar. A comparison with NaN is false, and so its negation is true. */
export function evaluateCondition(node: Condition, operands: Operands): readonly boolean[] {
  const evaluate = (operand: Condition) => evaluateCondition(operand, operands)
  switch (node.kind) {
    case 'not':
      return evaluate(node.operand).map((value) => !value)
    case 'and': {
      const right = evaluate(node.right)
      return evaluate(node.left).map((value, bar) => value && right[bar]!)
    }
    case 'or': {
      const right = evaluate(node.right)
      return evaluate(node.left).map((value, bar) => value || right[bar]!)
    }
    case 'compare':
      return evaluateCompare(node, operands)
    case 'cross':
      return evaluateCross(node, operands)
  }
}

/** Returns the number that a scalar expression has at `point`. @throws Error for a parameter without a value */
export function evaluateScalar(node: Scalar, point: Point): number {
  if (typeof node === 'number') return node
  if (node.kind === 'param') {
    const value = point[node.name]
    if (value === undefined) throw new Error(`parameter '${node.name}' has no value in the point`)
    return value
  }
  return SCALAR[node.operation](evaluateScalar(node.left, point), evaluateScalar(node.right, point))
}

/** True for a series, false for a scalar. */
export function isSeries(side: Series | Scalar): side is Series {
  return typeof side === 'object' && (side.kind === 'column' || side.kind === 'operation')
}

function evaluateCompare(node: CompareNode, operands: Operands): boolean[] {
  const holds = RELATIONS[node.relation]
  const left = operands.series(node.left)
  const right = evaluateSide(node.right, operands)
  return left.map((value, bar) => holds(value, right[bar]!))
}

function evaluateCross(node: CrossNode, operands: Operands): boolean[] {
  const left = operands.series(node.left)
  const right = evaluateSide(node.right, operands)
  const before = RELATIONS[node.direction === 'above' ? 'at_most' : 'at_least']
  const now = RELATIONS[node.direction]
  return left.map(
    (value, bar) => bar > 0 && before(left[bar - 1]!, right[bar - 1]!) && now(value, right[bar]!),
  )
}

/** The right side of a comparison: a series as it is, a scalar repeated on every bar. */
function evaluateSide(side: Series | Scalar, operands: Operands): Values {
  if (isSeries(side)) return operands.series(side)
  return new Array<number>(operands.bars).fill(operands.scalar(side))
}

const RELATIONS: Readonly<Record<Relation, (left: number, right: number) => boolean>> = {
  above: (left, right) => left > right,
  below: (left, right) => left < right,
  at_least: (left, right) => left >= right,
  at_most: (left, right) => left <= right,
}

const SCALAR: Readonly<Record<ScalarOperationNode['operation'], (a: number, b: number) => number>> =
  {
    add: (a, b) => a + b,
    subtract: (a, b) => a - b,
    multiply: (a, b) => a * b,
    divide: (a, b) => a / b,
    max: Math.max,
    min: Math.min,
  }

type Operation = (inputs: readonly Values[], params: Values) => Values

const unary =
  (apply: (x: Values, param: number) => Values): Operation =>
  (inputs, params) =>
    apply(inputs[0]!, params[0]!)

const binary =
  (apply: (x: Values, y: Values) => Values): Operation =>
  (inputs) =>
    apply(inputs[0]!, inputs[1]!)

const OPERATIONS: Readonly<Record<OperationName, Operation>> = {
  sma: unary(indicators.sma),
  ema: unary(indicators.ema),
  wma: unary(indicators.wma),
  wilder: unary(indicators.wilder),
  rsi: unary(indicators.rsi),
  std_dev: unary(indicators.stdDev),
  z_score: unary(indicators.zScore),
  true_range: (inputs) => indicators.trueRange(inputs[0]!, inputs[1]!, inputs[2]!),
  highest: unary(indicators.highest),
  lowest: unary(indicators.lowest),
  rate_of_change: unary(indicators.rateOfChange),
  lag: unary(indicators.lag),
  add: binary(indicators.add),
  subtract: binary(indicators.subtract),
  multiply: binary(indicators.multiply),
  divide: binary(indicators.divide),
  scale: unary(indicators.scale),
  offset: unary(indicators.offset),
}
