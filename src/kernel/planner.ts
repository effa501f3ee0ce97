import { CANDLE_COLUMNS } from '../core/candles.ts'
import {
  type CompareNode,
  type Condition,
  type CrossNode,
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

interface Instruction {
  readonly code: number
  /** Register written: of comparisons for `compare`, else of bits. */
  into: number
  readonly a: number
  readonly b: number
}

/** A distinct condition of a block: what computes it and how many points use it. */
interface Value {
  readonly key: string
  readonly kind: 'comparison' | 'bits'
  readonly code: number
  /** Column ids of a comparison, else the values read. */
  readonly columns: readonly [number, number]
  readonly operands: readonly Value[]
  /** Point that uses it, or -1 when several do. */
  user: number
}

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
  readonly #constants: number[] = []
  readonly #constantIds = new Map<number, number>()
  readonly #columnWords: number[] = []
  readonly #columnIds = new Map<string, number>()
  readonly #values = new Map<string, Value>()
  readonly #points: { readonly enter: Value; readonly exit: Value }[] = []

  constructor(params: readonly string[]) {
    this.#params = params
    this.#constant(0)
  }

  addPoint(program: SignalProgram, point: ArrayLike<number>): void {
    const user = this.#points.length
    const enter = this.#condition(program.signals.enterLong, point, user)
    const exit = this.#condition(program.signals.exitLong, point, user)
    this.#points.push({ enter, exit })
  }

  /** Returns the id of a column, adding it and its inputs when they are new. */
  column(node: Series, point: ArrayLike<number>): number {
    if (node.kind === 'column') return CANDLE_COLUMNS.indexOf(node.column)
    const inputs = node.inputs.map((input) => this.column(input, point))
    const parameter = parameterOf(node, this.#params, point)
    return this.#computed(OPERATIONS[node.operation].code, inputs, parameter)
  }

  build(outputs: readonly number[]): Plan {
    const registers = new Registers(this.#points)
    const shared = registers.shared()
    const own = this.#points.map((point, user) => registers.own(point, user))
    const columns = this.#columnWords.length / (INPUTS_MAX + 2)
    const words = [
      columns,
      registers.comparisons,
      registers.bits,
      shared.length,
      own.length,
      outputs.length,
      ...this.#columnWords,
    ]
    const push = ({ code, into, a, b }: Instruction) => words.push(code, into, a, b)
    shared.forEach(push)
    for (const { instructions, enter, exit } of own) {
      words.push(instructions.length, enter, exit)
      instructions.forEach(push)
    }
    words.push(...outputs)
    return { words: Uint32Array.from(words), constants: Float64Array.from(this.#constants) }
  }

  #operand(node: Series | Scalar, point: ArrayLike<number>): number {
    if (isSeries(node)) return this.column(node, point)
    return this.#computed(CONSTANT_OPERATION, [], scalarValue(node, this.#params, point))
  }

  #computed(code: number, inputs: readonly number[], parameter: number): number {
    const constant = this.#constant(parameter)
    const key = `${code}:${inputs.join(',')}:${constant}`
    const known = this.#columnIds.get(key)
    if (known !== undefined) return known
    const id = CANDLE_COLUMNS.length + this.#columnIds.size
    this.#columnIds.set(key, id)
    this.#columnWords.push(code, inputs[0] ?? 0, inputs[1] ?? 0, inputs[2] ?? 0, constant)
    return id
  }

  #constant(value: number): number {
    const known = this.#constantIds.get(value)
    if (known !== undefined) return known
    this.#constantIds.set(value, this.#constants.length)
    return this.#constants.push(value) - 1
  }

  #condition(node: Condition, point: ArrayLike<number>, user: number): Value {
    switch (node.kind) {
      case 'compare':
        return this.#related(node, CODE[node.relation], point, user)
      case 'cross':
        return this.#related(node, CODE[`cross_${node.direction}`], point, user)
      case 'not': {
        const operand = this.#condition(node.operand, point, user)
        return this.#value('bits', CODE.not, [0, 0], [operand], user)
      }
      case 'and':
      case 'or': {
        const left = this.#condition(node.left, point, user)
        const right = this.#condition(node.right, point, user)
        return this.#value('bits', CODE[node.kind], [0, 0], [left, right], user)
      }
    }
  }

  #related(
    node: CompareNode | CrossNode,
    code: number,
    point: ArrayLike<number>,
    user: number,
  ): Value {
    const columns = [this.#operand(node.left, point), this.#operand(node.right, point)] as const
    const comparison = this.#value('comparison', CODE.compare, columns, [], user)
    return this.#value('bits', code, [0, 0], [comparison], user)
  }

  #value(
    kind: Value['kind'],
    code: number,
    columns: readonly [number, number],
    operands: readonly Value[],
    user: number,
  ): Value {
    const key = `${code}:${columns.join(',')}:${operands.map((operand) => operand.key).join(' ')}`
    const known = this.#values.get(key)
    if (known === undefined) {
      const value: Value = { key, kind, code, columns, operands, user }
      this.#values.set(key, value)
      return value
    }
    if (known.user !== user) markShared(known)
    return known
  }
}

/** What a shared value reads is shared too. */
function markShared(value: Value): void {
  if (value.user === -1) return
  value.user = -1
  value.operands.forEach(markShared)
}

/** Gives every value a register: shared ones first, those of single points above them, used again by every point. */
class Registers {
  comparisons = 0
  bits = 0
  readonly #points: readonly { readonly enter: Value; readonly exit: Value }[]
  readonly #shared = new Map<Value, number>()
  #sharedComparisons = 0
  #sharedBits = 0

  constructor(points: readonly { readonly enter: Value; readonly exit: Value }[]) {
    this.#points = points
  }

  /** Instructions for the values that several points use. */
  shared(): readonly Instruction[] {
    const instructions: Instruction[] = []
    const next = { comparison: 0, bits: 0 }
    const visit = (value: Value): void => {
      if (this.#shared.has(value)) return
      value.operands.forEach(visit)
      if (value.user === -1) instructions.push(this.#emit(value, this.#shared, next))
    }
    for (const { enter, exit } of this.#points) {
      visit(enter)
      visit(exit)
    }
    this.#sharedComparisons = this.comparisons = next.comparison
    this.#sharedBits = this.bits = next.bits
    return instructions
  }

  /** Instructions for the values that only this point uses, and where its signals are. */
  own(point: { readonly enter: Value; readonly exit: Value }, user: number) {
    const instructions: Instruction[] = []
    const registers = new Map<Value, number>()
    const next = { comparison: this.#sharedComparisons, bits: this.#sharedBits }
    const visit = (value: Value): void => {
      if (value.user !== user || registers.has(value)) return
      value.operands.forEach(visit)
      instructions.push(this.#emit(value, registers, next))
    }
    visit(point.enter)
    visit(point.exit)
    this.comparisons = Math.max(next.comparison, this.comparisons)
    this.bits = Math.max(next.bits, this.bits)
    const registerOf = (value: Value) => this.#registerOf(value, registers)
    return { instructions, enter: registerOf(point.enter), exit: registerOf(point.exit) }
  }

  #emit(
    value: Value,
    registers: Map<Value, number>,
    next: { comparison: number; bits: number },
  ): Instruction {
    const into = next[value.kind]++
    registers.set(value, into)
    if (value.kind === 'comparison') {
      return { code: value.code, into, a: value.columns[0], b: value.columns[1] }
    }
    const [a = 0, b = 0] = value.operands.map((operand) => this.#registerOf(operand, registers))
    return { code: value.code, into, a, b }
  }

  #registerOf(value: Value, registers: ReadonlyMap<Value, number>): number {
    return registers.get(value) ?? (this.#shared.get(value) as number)
  }
}
