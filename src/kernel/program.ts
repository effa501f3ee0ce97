import type { CandleColumn } from '../core/candles.ts'
import { ConfigError, invariant } from '../core/errors.ts'
import {
  CANDLE_SYMBOLS,
  type CompareNode,
  type Condition,
  type CrossNode,
  type ParamNode,
  param,
  type Scalar,
  type ScalarOperationNode,
  type Series,
  type Signals,
} from './expression.ts'
import { findGraphProblem, SCALAR_OPERATIONS } from './graph-check.ts'
import { graphText, nodesOf } from './graph-walk.ts'
import { buildSignals } from './signal-check.ts'
import type { StrategyDefinition } from './strategy.ts'

/** A strategy's signal graph with its parameters in a fixed order. Plain data: it can be posted to a worker. */
export interface SignalProgram {
  readonly params: readonly string[]
  readonly signals: Signals
}

type Compilable = Pick<StrategyDefinition, 'name' | 'params' | 'signals'>

const compiled = new WeakMap<object, SignalProgram>()

/**
 * Builds a strategy's graph, with its parameters as symbols. A definition is asked once: what was checked is what runs.
 * @throws ConfigError `STRATEGY_SIGNALS` when the strategy returns no graph that the kernel can run
 */
export function compileSignals(definition: Compilable): SignalProgram {
  return compiled.get(definition) ?? compileOnce(definition, (build) => ({ signals: build() }))
}

/**
 * The same for a strategy that nobody has tested: it is called many times, to see that its graph is built and not computed.
 * That takes longer than to load a built-in, for which a test does it.
 */
export function compileForeign(definition: Compilable): SignalProgram {
  return compileOnce(definition, buildSignals)
}

function compileOnce(definition: Compilable, read: ReadSignals): SignalProgram {
  const params = Object.keys(definition.params.properties)
  const symbols = Object.fromEntries(params.map((name) => [name, param(name)]))
  const build = () => definition.signals(CANDLE_SYMBOLS, symbols as never)
  const program = compileWith(definition.name, params, build, read)
  compiled.set(definition, program)
  return program
}

/** Returns what a function built, or why it cannot be trusted. */
type ReadSignals = (build: () => unknown) => { readonly signals: unknown } | string

/** Compiles what any function builds. @param params names that the graph may use */
export function compileWith(
  strategy: string,
  params: readonly string[],
  build: () => unknown,
  read: ReadSignals = buildSignals,
): SignalProgram {
  const built = read(build)
  const problem = typeof built === 'string' ? built : findGraphProblem(built.signals, params)
  if (typeof built !== 'string' && problem === undefined) {
    // A copy is plain data: it can be hashed and posted. Nodes that were shared are shared in it.
    return { params, signals: structuredClone(built.signals) as Signals }
  }
  throw new ConfigError('STRATEGY_SIGNALS', `strategy '${strategy}': ${problem}`, {
    context: { strategy },
  })
}

/** Parameters that no signal depends on: rows that differ in them only are the same. */
export function unusedParams({ params, signals }: SignalProgram): readonly string[] {
  const nodes = nodesOf(Object.values(signals))
  const used = new Set(
    typeof nodes === 'string' ? [] : nodes.map(({ kind, name }) => kind === 'param' && name),
  )
  return params.filter((name) => !used.has(name))
}

/** What a program computes as text, for hashes: its length grows with its nodes. */
export function programText({ params, signals }: SignalProgram): string {
  return `${params.join(' ')}\n${graphText({ ...signals })}`
}

/** Returns the value of a scalar for one parameter point. */
export function scalarValue(
  node: Scalar,
  params: readonly string[],
  point: ArrayLike<number>,
): number {
  if (typeof node === 'number') return node
  return node.kind === 'param'
    ? paramValue(node, params, point)
    : operationValue(node, params, point, new Map())
}

function paramValue(node: ParamNode, params: readonly string[], point: ArrayLike<number>): number {
  const value = point[params.indexOf(node.name)]
  invariant(value !== undefined, `a graph uses only declared parameters, not '${node.name}'`)
  return value
}

/** @param known values of the nodes that were met: a scalar may reach one node in many ways */
function operationValue(
  node: ScalarOperationNode,
  params: readonly string[],
  point: ArrayLike<number>,
  known: Map<Scalar, number>,
): number {
  const sideValue = (side: Scalar): number => {
    if (typeof side === 'number') return side
    if (side.kind === 'param') return paramValue(side, params, point)
    return known.get(side) ?? operationValue(side, params, point, known)
  }
  const value = SCALAR_OPERATIONS[node.operation](sideValue(node.left), sideValue(node.right))
  known.set(node, value)
  return value
}

export function isSeries(node: Series | Scalar): node is Series {
  return typeof node === 'object' && (node.kind === 'column' || node.kind === 'operation')
}

/** The comparisons and crossings of conditions, each object once, in the order of first use. */
export function comparisonsOf(
  ...conditions: readonly Condition[]
): readonly (CompareNode | CrossNode)[] {
  const visited = new Set<Condition>()
  const found: (CompareNode | CrossNode)[] = []
  const visit = (condition: Condition): void => {
    if (visited.has(condition)) return
    visited.add(condition)
    switch (condition.kind) {
      case 'compare':
      case 'cross':
        found.push(condition)
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
  return found
}

/** The series on both sides of a comparison; a number is none. */
export function sidesOf({ left, right }: CompareNode | CrossNode): readonly Series[] {
  return isSeries(right) ? [left, right] : [left]
}

/** The series that conditions read, each object once, in the order of first use. */
export function seriesOf(...conditions: readonly Condition[]): readonly Series[] {
  return [...new Set(comparisonsOf(...conditions).flatMap(sidesOf))]
}

/** The candle columns that a run reads: what the program's series are made of, and the prices of fills and equity. */
export function columnsRead(program: SignalProgram): ReadonlySet<CandleColumn> {
  const found = new Set<CandleColumn>(['open', 'close'])
  const visited = new Set<Series>()
  const visit = (node: Series): void => {
    if (visited.has(node)) return
    visited.add(node)
    if (node.kind === 'column') found.add(node.column)
    else node.inputs.forEach(visit)
  }
  seriesOf(program.signals.enterLong, program.signals.exitLong).forEach(visit)
  return found
}

/** The names of the parameters that reach an indicator column: points that agree on them share all their columns. */
export function paramsReachingColumns(program: SignalProgram): ReadonlySet<string> {
  const names = new Set<string>()
  const scalars = new Set<Scalar>()
  const visitScalar = (node: Scalar): void => {
    if (typeof node === 'number' || scalars.has(node)) return
    scalars.add(node)
    if (node.kind === 'param') {
      names.add(node.name)
      return
    }
    visitScalar(node.left)
    visitScalar(node.right)
  }
  const visited = new Set<Series>()
  const visitSeries = (node: Series): void => {
    if (node.kind === 'column' || visited.has(node)) return
    visited.add(node)
    node.inputs.forEach(visitSeries)
    node.params.forEach(visitScalar)
  }
  seriesOf(program.signals.enterLong, program.signals.exitLong).forEach(visitSeries)
  return names
}
