import type { CandleColumn } from '../core/candles.ts'
import { NODES_MAX } from './graph-walk.ts'

/**
 * A strategy's signals are an expression graph over candle columns, with its parameters as symbols.
 * Nodes are plain frozen data; two structurally equal nodes mean the same column, however often they were built.
 */

/** A number known before the first bar: a literal, a parameter, or arithmetic over those. */
export type Scalar = number | ParamNode | ScalarOperationNode

export interface ParamNode {
  readonly kind: 'param'
  readonly name: string
}

export interface ScalarOperationNode {
  readonly kind: 'scalar'
  readonly operation: 'add' | 'subtract' | 'multiply' | 'divide' | 'max' | 'min'
  readonly left: Scalar
  readonly right: Scalar
}

/** One value per bar; NaN while it is not defined. */
export type Series = ColumnNode | OperationNode

export interface ColumnNode {
  readonly kind: 'column'
  readonly column: CandleColumn
}

/** A kernel operation over series, such as `sma(close; 20)`. Causal: bar i depends on bars up to i only. */
export interface OperationNode {
  readonly kind: 'operation'
  readonly operation: OperationName
  readonly inputs: readonly Series[]
  readonly params: readonly Scalar[]
}

/** One bit per bar. A comparison with NaN on either side is false. */
export type Condition = CompareNode | CrossNode | LogicNode | NotNode

export type Relation = 'above' | 'below' | 'at_least' | 'at_most'

export interface CompareNode {
  readonly kind: 'compare'
  readonly relation: Relation
  readonly left: Series
  readonly right: Series | Scalar
}

/** `above`: left ≤ right on the bar before and left > right on this bar, both bars defined. `below` mirrored. */
export interface CrossNode {
  readonly kind: 'cross'
  readonly direction: 'above' | 'below'
  readonly left: Series
  readonly right: Series | Scalar
}

export interface LogicNode {
  readonly kind: 'and' | 'or'
  readonly left: Condition
  readonly right: Condition
}

export interface NotNode {
  readonly kind: 'not'
  readonly operand: Condition
}

/** What a strategy decides, one condition per action. Entry and exit on the same bar cancel each other. */
export interface Signals {
  readonly enterLong: Condition
  readonly exitLong: Condition
}

/**
 * The kernel's operations: number of input series and of parameters.
 * The position in this list is the operation code of the plan (`core-wasm/src/columns/operation.rs` has the same order).
 * `lookback` there gives the bars before the first defined value.
 */
export const OPERATIONS = {
  sma: { code: 0, inputs: 1, params: 1 },
  ema: { code: 1, inputs: 1, params: 1 },
  wma: { code: 2, inputs: 1, params: 1 },
  wilder: { code: 3, inputs: 1, params: 1 },
  rsi: { code: 4, inputs: 1, params: 1 },
  std_dev: { code: 5, inputs: 1, params: 1 },
  z_score: { code: 6, inputs: 1, params: 1 },
  true_range: { code: 7, inputs: 3, params: 0 },
  highest: { code: 8, inputs: 1, params: 1 },
  lowest: { code: 9, inputs: 1, params: 1 },
  rate_of_change: { code: 10, inputs: 1, params: 1 },
  lag: { code: 11, inputs: 1, params: 1 },
  add: { code: 12, inputs: 2, params: 0 },
  subtract: { code: 13, inputs: 2, params: 0 },
  multiply: { code: 14, inputs: 2, params: 0 },
  divide: { code: 15, inputs: 2, params: 0 },
  scale: { code: 16, inputs: 1, params: 1 },
  offset: { code: 17, inputs: 1, params: 1 },
} as const

export type OperationName = keyof typeof OPERATIONS

/**
 * What all nodes inherit: a node is no number. `p.period * 2` or `fast > slow` in a strategy would work on the
 * description instead of the value, so it is an error.
 */
const NODE = Object.freeze({
  [Symbol.toPrimitive](this: { readonly kind: string }): never {
    throw new TypeError(
      `a ${this.kind} of the signal graph was used as a plain value. Build graphs instead: above(a, b) for a > b, scalar('multiply', p.period, 2) for p.period * 2.`,
    )
  },
})

/** Returns a frozen node. Copies of it (in a worker) are plain data. */
function node<T extends object>(fields: T): Readonly<T> {
  if (recording === undefined) return frozen(fields)
  return recording.take(frozen(recording.whole(fields)))
}

function frozen<T extends object>(fields: T): Readonly<T> {
  return Object.freeze(Object.assign(Object.create(NODE), fields))
}

/** Nodes of a builder with several outputs, of which a strategy need not use all. */
export interface NodeGroup {
  readonly outputs: readonly unknown[]
  readonly nodes: readonly object[]
}

/** What a function built, in the order in which it did. */
export interface Recorded<R> {
  readonly result: R
  readonly nodes: readonly object[]
  readonly groups: readonly NodeGroup[]
}

/** What stands for the node that is hidden: the only falsy value that no strategy compares with. */
const HIDDEN = 0n

class Recording {
  readonly nodes: object[] = []
  readonly groups: NodeGroup[] = []
  readonly #hideIndex: number
  #hidden: object | undefined

  constructor(hideIndex: number) {
    this.#hideIndex = hideIndex
  }

  take<T extends object>(made: T): T {
    this.nodes.push(made)
    if (this.nodes.length > NODES_MAX)
      throw new Error(`signals builds more than ${NODES_MAX} nodes`)
    if (this.nodes.length - 1 !== this.#hideIndex) return made
    this.#hidden = made
    return HIDDEN as never
  }

  /** The fields with the hidden node where its stand-in was passed. */
  whole<T extends object>(fields: T): T {
    if (this.#hidden === undefined || !Object.values(fields).some(hasHidden)) return fields
    const entries = Object.entries(fields).map(([name, value]) => [name, this.shown(value)])
    return Object.fromEntries(entries)
  }

  shown(value: unknown): unknown {
    if (Array.isArray(value)) return Object.freeze(value.map((part) => this.shown(part)))
    return value === (HIDDEN as unknown) ? this.#hidden : value
  }
}

function hasHidden(value: unknown): boolean {
  return Array.isArray(value) ? value.includes(HIDDEN) : value === HIDDEN
}

let recording: Recording | undefined

/**
 * Calls a function and tells which nodes it built.
 * @param hideIndex the node that code gets as a falsy value in this call; builders know it again
 */
export function recordNodes<R>(build: () => R, hideIndex = -1): Recorded<R> {
  const outer = recording
  const own = new Recording(hideIndex)
  recording = own
  try {
    const built = build()
    const result = isPlainRecord(built)
      ? Object.fromEntries(Object.entries(built).map(([name, it]) => [name, own.shown(it)]))
      : built
    return { result: result as R, nodes: own.nodes, groups: own.groups }
  } finally {
    recording = outer
  }
}

function isPlainRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * Marks what a builder with several outputs builds: a strategy may leave some of them unused, but not all.
 * @example
 * const band = (source, period) => outputs(() => ({ upper: highest(source, period), lower: lowest(source, period) }))
 */
export function outputs<T extends object>(build: () => T): Readonly<T> {
  const active = recording
  const from = active?.nodes.length ?? 0
  const built = Object.freeze(build())
  active?.groups.push({
    outputs: Object.values(built).map((it) => active.shown(it)),
    nodes: active.nodes.slice(from),
  })
  return built
}

/** The candle columns as series, as handed to a strategy's `signals`. */
export type CandleSymbols = Readonly<Record<CandleColumn, Series>>

export const CANDLE_SYMBOLS: CandleSymbols = Object.freeze({
  open: column('open'),
  high: column('high'),
  low: column('low'),
  close: column('close'),
  volume: column('volume'),
})

function column(name: CandleColumn): ColumnNode {
  return node({ kind: 'column', column: name } as const)
}

/** Builds an operation node. Strategies call the named builders of `src/indicators` instead. */
export function operation(
  name: OperationName,
  inputs: readonly Series[],
  params: readonly Scalar[] = [],
): OperationNode {
  return node({
    kind: 'operation',
    operation: name,
    inputs: Object.freeze([...inputs]),
    params: Object.freeze([...params]),
  } as const)
}

export function param(name: string): ParamNode {
  return node({ kind: 'param', name } as const)
}

export function scalar(
  operation: ScalarOperationNode['operation'],
  left: Scalar,
  right: Scalar,
): ScalarOperationNode {
  return node({ kind: 'scalar', operation, left, right } as const)
}

export const above = (left: Series, right: Series | Scalar): CompareNode =>
  compare('above', left, right)
export const below = (left: Series, right: Series | Scalar): CompareNode =>
  compare('below', left, right)
export const atLeast = (left: Series, right: Series | Scalar): CompareNode =>
  compare('at_least', left, right)
export const atMost = (left: Series, right: Series | Scalar): CompareNode =>
  compare('at_most', left, right)

function compare(relation: Relation, left: Series, right: Series | Scalar): CompareNode {
  return node({ kind: 'compare', relation, left, right } as const)
}

/** True on the bar on which `left` rises above `right`: left ≤ right on the bar before, left > right now. */
export function crossesAbove(left: Series, right: Series | Scalar): CrossNode {
  return node({ kind: 'cross', direction: 'above', left, right } as const)
}

/** True on the bar on which `left` falls below `right`: left ≥ right on the bar before, left < right now. */
export function crossesBelow(left: Series, right: Series | Scalar): CrossNode {
  return node({ kind: 'cross', direction: 'below', left, right } as const)
}

export function and(first: Condition, ...rest: readonly Condition[]): Condition {
  return rest.reduce((left, right) => node({ kind: 'and', left, right } as const), first)
}

export function or(first: Condition, ...rest: readonly Condition[]): Condition {
  return rest.reduce((left, right) => node({ kind: 'or', left, right } as const), first)
}

export function not(operand: Condition): NotNode {
  return node({ kind: 'not', operand } as const)
}
