import { CANDLE_COLUMNS } from '../core/candles.ts'
import { didYouMean } from '../core/suggest.ts'
import { OPERATIONS } from './expression.ts'
import { nodesOf } from './graph-walk.ts'

/** What a node may be, whatever a plugin built: read field by field, none of them trusted. */
type Unchecked = Readonly<Record<string, unknown>>

const ACTIONS = ['enterLong', 'exitLong']
const RELATIONS = ['above', 'below', 'at_least', 'at_most']
const DIRECTIONS = ['above', 'below']
const SCALARS = ['add', 'subtract', 'multiply', 'divide', 'max', 'min']

/**
 * Returns why signals are no graph that the kernel can run, or undefined. Type checkers say most of it to authors; this
 * says it to plugins, which no type checker has seen.
 * @param params names that the graph may use
 */
export function findGraphProblem(signals: unknown, params: readonly string[]): string | undefined {
  if (!isRecord(signals)) return 'signals must return { enterLong, exitLong }'
  const unknown = Object.keys(signals).find((key) => !ACTIONS.includes(key))
  if (unknown !== undefined) {
    return `signals returns '${unknown}', which is not supported: a strategy is long-only and returns { enterLong, exitLong }.${didYouMean(unknown, ACTIONS)}`
  }
  const walk = nodesOf(ACTIONS.map((action) => signals[action]))
  if (typeof walk === 'string') return `signals: ${walk}`
  const check = new GraphCheck(params)
  for (const action of ACTIONS) {
    const problem = check.condition(signals[action])
    if (problem !== undefined) return `signals.${action}: ${problem}`
  }
  return undefined
}

/** Returns why a value is no series, or undefined. */
export function findSeriesProblem(series: unknown, params: readonly string[]): string | undefined {
  const walk = nodesOf([series])
  return typeof walk === 'string' ? walk : new GraphCheck(params).series(series)
}

class GraphCheck {
  readonly #params: readonly string[]
  /** Nodes that are known to be sound: a graph may reach one node in many ways. */
  readonly #conditions = new Set<unknown>()
  readonly #series = new Set<unknown>()
  readonly #scalars = new Set<unknown>()

  constructor(params: readonly string[]) {
    this.#params = params
  }

  condition(node: unknown): string | undefined {
    if (this.#conditions.has(node)) return undefined
    if (!isRecord(node)) return `${show(node)} is no condition, such as crossesAbove(fast, slow)`
    const problem = this.#conditionParts(node)
    if (problem === undefined) this.#conditions.add(node)
    return problem
  }

  #conditionParts(node: Unchecked): string | undefined {
    switch (node.kind) {
      case 'compare':
        return oneOf('relation', node.relation, RELATIONS) ?? this.#sides(node)
      case 'cross':
        return oneOf('direction', node.direction, DIRECTIONS) ?? this.#sides(node)
      case 'and':
      case 'or':
        return this.condition(node.left) ?? this.condition(node.right)
      case 'not':
        return this.condition(node.operand)
      default:
        return `${show(node)} is no condition, such as crossesAbove(fast, slow)`
    }
  }

  #sides({ left, right }: Unchecked): string | undefined {
    return this.series(left) ?? (isSeries(right) ? this.series(right) : this.scalar(right))
  }

  series(node: unknown): string | undefined {
    if (this.#series.has(node)) return undefined
    if (!isSeries(node)) return `${show(node)} is no series, such as sma(close, 20)`
    const problem =
      node.kind === 'column'
        ? oneOf('candle column', node.column, CANDLE_COLUMNS)
        : this.#operation(node)
    if (problem === undefined) this.#series.add(node)
    return problem
  }

  #operation({ operation, inputs, params }: Unchecked): string | undefined {
    const unknown = oneOf('operation', operation, Object.keys(OPERATIONS))
    if (unknown !== undefined) return unknown
    const shape = OPERATIONS[operation as keyof typeof OPERATIONS]
    if (!isList(inputs, shape.inputs)) return `${operation} takes ${shape.inputs} series`
    if (!isList(params, shape.params)) return `${operation} takes ${shape.params} parameters`
    return first(inputs, (input) => this.series(input)) ?? first(params, (it) => this.scalar(it))
  }

  scalar(node: unknown): string | undefined {
    if (typeof node === 'number') {
      return Number.isFinite(node) ? undefined : `${node} is no finite number`
    }
    if (!isRecord(node)) return `${show(node)} is neither a number nor a parameter`
    if (node.kind === 'param') return oneOf('parameter', node.name, this.#params)
    if (node.kind !== 'scalar') return `${show(node)} is neither a number nor a parameter`
    if (this.#scalars.has(node)) return undefined
    const unknown = oneOf('operation on numbers', node.operation, SCALARS)
    const problem = unknown ?? this.scalar(node.left) ?? this.scalar(node.right)
    if (problem === undefined) this.#scalars.add(node)
    return problem
  }
}

function first(
  nodes: readonly unknown[],
  problem: (node: unknown) => string | undefined,
): string | undefined {
  for (const node of nodes) {
    const found = problem(node)
    if (found !== undefined) return found
  }
  return undefined
}

function oneOf(kind: string, value: unknown, known: readonly string[]): string | undefined {
  if (typeof value === 'string' && known.includes(value)) return undefined
  return `there is no ${kind} '${String(value)}'.${didYouMean(String(value), known)}`
}

function isList(value: unknown, length: number): value is readonly unknown[] {
  return Array.isArray(value) && value.length === length
}

function isRecord(value: unknown): value is Unchecked {
  return typeof value === 'object' && value !== null
}

function isSeries(value: unknown): value is Unchecked {
  return isRecord(value) && (value.kind === 'column' || value.kind === 'operation')
}

function show(value: unknown): string {
  if (!isRecord(value)) return String(value)
  return typeof value.kind === 'string' ? `a node of kind '${value.kind}'` : 'an object'
}

/** Returns what reads a part of a graph at a parameter point: numbers for parameters and arithmetic, other nodes as they are. */
export function readerAt(values: Readonly<Record<string, number>>): (part: unknown) => unknown {
  // A scalar may reach one node in many ways.
  const known = new Map<unknown, number>()
  const read = (part: unknown): unknown => {
    if (!isRecord(part)) return part
    if (part.kind === 'param') return values[String(part.name)]
    if (part.kind !== 'scalar') return part
    const operation = SCALAR_OPERATIONS[part.operation as keyof typeof SCALAR_OPERATIONS]
    const value = known.get(part) ?? operation(Number(read(part.left)), Number(read(part.right)))
    known.set(part, value)
    return value
  }
  return read
}

/** Arithmetic over numbers that are known before the first bar. */
export const SCALAR_OPERATIONS = {
  add: (left: number, right: number) => left + right,
  subtract: (left: number, right: number) => left - right,
  multiply: (left: number, right: number) => left * right,
  divide: (left: number, right: number) => left / right,
  max: (left: number, right: number) => Math.max(left, right),
  min: (left: number, right: number) => Math.min(left, right),
} as const
