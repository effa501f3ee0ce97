import { CANDLE_COLUMNS } from '../core/candles.ts'
import { ConstantIds, ExactKeys } from './exact-keys.ts'
import {
  type CompareNode,
  type Condition,
  type CrossNode,
  type LogicNode,
  type NotNode,
  OPERATIONS,
  type OperationNode,
  type Scalar,
  type Series,
} from './expression.ts'
import { isSeries, type SignalProgram, scalarValue } from './program.ts'

/** What `core-wasm/src/plan/program.rs` decodes. */
export interface Plan {
  readonly words: Uint32Array
  readonly constants: Float64Array
}

/** Codes of the plan's instructions, in the order of `Plan::instruction` in the kernel. */
const CODE = {
  compare: 0,
  above: 1,
  below: 2,
  at_least: 3,
  at_most: 4,
  cross_above: 5,
  cross_below: 6,
  and: 7,
  or: 8,
  not: 9,
} as const

const CONSTANT_OPERATION = 18
const INPUTS_MAX = 3

/** A distinct condition of a block: what computes it and which points use it. */
interface Value {
  readonly id: number
  readonly kind: 'comparison' | 'bits'
  readonly code: number
  /** What a comparison compares. */
  readonly columns: readonly [number, number]
  readonly operands: readonly Value[]
  /** Point that uses it, or `SHARED`. */
  user: number
  /** Where it is kept; -1 until an instruction computes it. */
  register: number
}

const SHARED = -1

/**
 * Binds a program to a block of parameter points and returns the kernel's plan: every distinct column and every
 * distinct condition once, whatever the number of points that use it.
 *
 * @param points row-major table, one row of `program.params.length` values per point
 */
export function planPoints(program: SignalProgram, points: Float64Array): Plan {
  const width = program.params.length
  const count = width === 0 ? 1 : points.length / width
  const builder = new PlanBuilder(program.params)
  for (let point = 0; point < count; point++) {
    builder.addPoint(program, points.subarray(point * width, (point + 1) * width))
  }
  return builder.build([])
}

/** Returns the plan that computes whole columns, one per series, without any point. */
export function planColumns(
  series: readonly Series[],
  params: readonly string[] = [],
  point: ArrayLike<number> = [],
): Plan {
  const builder = new PlanBuilder(params)
  return builder.build(series.map((node) => builder.column(node, point)))
}

/** Returns the parameter of an operation for one point; 0 when it has none. */
export function parameterOf(
  node: OperationNode,
  params: readonly string[],
  point: ArrayLike<number>,
): number {
  const [parameter] = node.params
  return parameter === undefined ? 0 : scalarValue(parameter, params, point)
}

class PlanBuilder {
  readonly #params: readonly string[]
  readonly #constants = new ConstantIds()
  readonly #columnWords: number[] = []
  readonly #columnIds = new ExactKeys<number>()
  readonly #inputIds = new ExactKeys<number>()
  /** Ids of the current point by node: a graph may reach one node in many ways. */
  readonly #nodeIds = new Map<Series, number>()
  readonly #logicValues = new Map<Condition, Value>()
  readonly #valueKeys = new ExactKeys<Value>()
  /** In the order in which they were added: what a value reads comes before it. */
  readonly #values: Value[] = []
  readonly #points: PointSignals[] = []

  constructor(params: readonly string[]) {
    this.#params = params
    this.#constants.idOf(0)
  }

  addPoint(program: SignalProgram, point: ArrayLike<number>): void {
    const user = this.#points.length
    this.#nodeIds.clear()
    this.#logicValues.clear()
    const enter = this.#condition(program.signals.enterLong, point, user)
    const exit = this.#condition(program.signals.exitLong, point, user)
    this.#points.push({ enter, exit })
  }

  /** Returns the id of a column, adding it and its inputs when they are new. */
  column(node: Series, point: ArrayLike<number>): number {
    if (node.kind === 'column') return CANDLE_COLUMNS.indexOf(node.column)
    const known = this.#nodeIds.get(node)
    if (known !== undefined) return known
    const inputs = node.inputs.map((input) => this.column(input, point))
    const parameter = parameterOf(node, this.#params, point)
    const id = this.#computed(OPERATIONS[node.operation].code, inputs, parameter)
    this.#nodeIds.set(node, id)
    return id
  }

  build(outputs: readonly number[]): Plan {
    const registers = new Registers()
    const shared = registers.shared(this.#values)
    const own = this.#points.map((point) => registers.own(point))
    const words = [
      this.#columnWords.length / (INPUTS_MAX + 2),
      registers.comparison,
      registers.bits,
      shared.length / INSTRUCTION_WORDS,
      own.length,
      outputs.length,
    ]
    const parts = [words, this.#columnWords, shared, ...own, outputs]
    return { words: joined(parts), constants: Float64Array.from(this.#constants.values) }
  }

  #operand(node: Series | Scalar, point: ArrayLike<number>): number {
    if (isSeries(node)) return this.column(node, point)
    return this.#computed(CONSTANT_OPERATION, [], scalarValue(node, this.#params, point))
  }

  #computed(code: number, inputs: readonly number[], parameter: number): number {
    const constant = this.#constants.idOf(parameter)
    const inputId = inputs.reduce((id, input) => intern(this.#inputIds, id, input), 0)
    const known = this.#columnIds.get(code, inputId, constant)
    if (known !== undefined) return known
    const id = CANDLE_COLUMNS.length + this.#columnIds.size
    this.#columnIds.set(code, inputId, constant, id)
    this.#columnWords.push(code, inputs[0] ?? 0, inputs[1] ?? 0, inputs[2] ?? 0, constant)
    return id
  }

  #condition(node: Condition, point: ArrayLike<number>, user: number): Value {
    switch (node.kind) {
      case 'compare':
        return this.#related(node, CODE[node.relation], point, user)
      case 'cross':
        return this.#related(node, CODE[`cross_${node.direction}`], point, user)
      default:
        return this.#logicValues.get(node) ?? this.#logic(node, point, user)
    }
  }

  #logic(node: LogicNode | NotNode, point: ArrayLike<number>, user: number): Value {
    const [first, second] = node.kind === 'not' ? [node.operand] : [node.left, node.right]
    const left = this.#condition(first as Condition, point, user)
    const right = second === undefined ? left : this.#condition(second, point, user)
    const value = this.#combined(CODE[node.kind], [left, right], user)
    this.#logicValues.set(node, value)
    return value
  }

  #related(
    node: CompareNode | CrossNode,
    code: number,
    point: ArrayLike<number>,
    user: number,
  ): Value {
    const left = this.#operand(node.left, point)
    const right = this.#operand(node.right, point)
    const comparison =
      this.#known(CODE.compare, left, right, user) ??
      this.#add(left, right, {
        ...{ kind: 'comparison', code: CODE.compare },
        ...{ columns: [left, right], operands: [], user },
      })
    return this.#combined(code, [comparison], user)
  }

  #combined(code: number, operands: readonly [Value, Value?], user: number): Value {
    const [left, right = left] = operands
    const parts = { columns: NO_COLUMNS, operands: [left, right] }
    return (
      this.#known(code, left.id, right.id, user) ??
      this.#add(left.id, right.id, { kind: 'bits', code, ...parts, user })
    )
  }

  #known(code: number, first: number, second: number, user: number): Value | undefined {
    const known = this.#valueKeys.get(code, first, second)
    if (known !== undefined && known.user !== user) markShared(known)
    return known
  }

  #add(first: number, second: number, fields: Omit<Value, 'id' | 'register'>): Value {
    const value: Value = { id: this.#values.length, register: -1, ...fields }
    this.#valueKeys.set(value.code, first, second, value)
    this.#values.push(value)
    return value
  }
}

interface PointSignals {
  readonly enter: Value
  readonly exit: Value
}

const NO_COLUMNS = [0, 0] as const
const INSTRUCTION_WORDS = 4

function intern(ids: ExactKeys<number>, first: number, second: number): number {
  const known = ids.get(0, first, second)
  if (known !== undefined) return known
  ids.set(0, first, second, ids.size + 1)
  return ids.size
}

function joined(parts: readonly (readonly number[])[]): Uint32Array {
  const words = new Uint32Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    words.set(part, at)
    at += part.length
  }
  return words
}

/** What a shared value reads is shared too. */
function markShared(value: Value): void {
  if (value.user === SHARED) return
  value.user = SHARED
  value.operands.forEach(markShared)
}

/** Gives every value a register: shared ones first, those of single points above them, used again by every point. */
class Registers {
  /** Registers needed of each kind. */
  comparison = 0
  bits = 0
  #sharedComparisons = 0
  #sharedBits = 0

  /** Instructions for the values that several points use. */
  shared(values: readonly Value[]): readonly number[] {
    const instructions: number[] = []
    const next = { comparison: 0, bits: 0 }
    for (const value of values) {
      if (value.user === SHARED) place(value, next, instructions)
    }
    this.#sharedComparisons = this.comparison = next.comparison
    this.#sharedBits = this.bits = next.bits
    return instructions
  }

  /** The words of a point: instructions for the values that only it uses, and where its signals are. */
  own({ enter, exit }: PointSignals): readonly number[] {
    const words = [0, 0, 0]
    const next = { comparison: this.#sharedComparisons, bits: this.#sharedBits }
    emit(enter, next, words)
    emit(exit, next, words)
    words[0] = (words.length - 3) / INSTRUCTION_WORDS
    words[1] = enter.register
    words[2] = exit.register
    this.comparison = Math.max(this.comparison, next.comparison)
    this.bits = Math.max(this.bits, next.bits)
    return words
  }
}

interface NextRegisters {
  comparison: number
  bits: number
}

/** Appends the instructions of a value and of what it reads, as far as they have none. */
function emit(value: Value, next: NextRegisters, words: number[]): void {
  if (value.register >= 0) return
  for (const operand of value.operands) emit(operand, next, words)
  place(value, next, words)
}

function place(value: Value, next: NextRegisters, words: number[]): void {
  value.register = next[value.kind]++
  const [a, b] = value.kind === 'comparison' ? value.columns : registersOf(value)
  words.push(value.code, value.register, a, b)
}

function registersOf({ operands }: Value): readonly [number, number] {
  const [left, right] = operands as readonly [Value, Value]
  return [left.register, right.register]
}
