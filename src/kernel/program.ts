import { ConfigError, invariant } from '../core/errors.ts'
import {
  CANDLE_SYMBOLS,
  type Condition,
  param,
  type Scalar,
  type Series,
  type Signals,
} from './expression.ts'
import type { StrategyDefinition } from './strategy.ts'

/** A strategy's signal graph with its parameters in a fixed order. Plain data: it can be posted to a worker. */
export interface SignalProgram {
  readonly params: readonly string[]
  readonly signals: Signals
}

/**
 * Builds a strategy's graph once, with its parameters as symbols.
 * @throws ConfigError `STRATEGY_SIGNALS` when the strategy does not return its signals
 */
export function compileSignals(
  definition: Pick<StrategyDefinition, 'name' | 'params' | 'signals'>,
): SignalProgram {
  const params = Object.keys(definition.params.properties)
  const symbols = Object.fromEntries(params.map((name) => [name, param(name)]))
  const signals = definition.signals(CANDLE_SYMBOLS, symbols as never)
  if (signals?.enterLong === undefined || signals.exitLong === undefined) {
    throw new ConfigError(
      'STRATEGY_SIGNALS',
      `strategy '${definition.name}': signals must return { enterLong, exitLong }, each a condition such as above(fast, slow).`,
      { context: { strategy: definition.name } },
    )
  }
  return { params, signals: { enterLong: signals.enterLong, exitLong: signals.exitLong } }
}

/** Returns the value of a scalar for one parameter point. */
export function scalarValue(
  node: Scalar,
  params: readonly string[],
  point: ArrayLike<number>,
): number {
  if (typeof node === 'number') return node
  if (node.kind === 'param') {
    const value = point[params.indexOf(node.name)]
    invariant(value !== undefined, `a graph uses only declared parameters, not '${node.name}'`)
    return value
  }
  const left = scalarValue(node.left, params, point)
  const right = scalarValue(node.right, params, point)
  switch (node.operation) {
    case 'add':
      return left + right
    case 'subtract':
      return left - right
    case 'multiply':
      return left * right
    case 'divide':
      return left / right
    case 'max':
      return Math.max(left, right)
    case 'min':
      return Math.min(left, right)
  }
}

export function isSeries(node: Series | Scalar): node is Series {
  return typeof node === 'object' && (node.kind === 'column' || node.kind === 'operation')
}

/** The series that a condition reads, each object once, in the order of first use. */
export function seriesOf(...conditions: readonly Condition[]): readonly Series[] {
  const found = new Set<Series>()
  const visit = (condition: Condition): void => {
    switch (condition.kind) {
      case 'compare':
      case 'cross':
        found.add(condition.left)
        if (isSeries(condition.right)) found.add(condition.right)
        break
      case 'and':
      case 'or':
        visit(condition.left)
        visit(condition.right)
        break
      case 'not':
        visit(condition.operand)
    }
  }
  conditions.forEach(visit)
  return [...found]
}

/** The names of the parameters that reach an indicator column: points that agree on them share all their columns. */
export function paramsReachingColumns(program: SignalProgram): ReadonlySet<string> {
  const names = new Set<string>()
  const visitScalar = (node: Scalar): void => {
    if (typeof node === 'number') return
    if (node.kind === 'param') {
      names.add(node.name)
      return
    }
    visitScalar(node.left)
    visitScalar(node.right)
  }
  const visitSeries = (node: Series): void => {
    if (node.kind === 'column') return
    node.inputs.forEach(visitSeries)
    node.params.forEach(visitScalar)
  }
  seriesOf(program.signals.enterLong, program.signals.exitLong).forEach(visitSeries)
  return names
}
