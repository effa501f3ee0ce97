import type { ArithmeticOperator, ComparisonOperator, FormulaNode } from './syntax.ts'

/** Evaluates a formula on the values that start at `offset`. A truth value is 1 or 0. Allocates nothing. */
export type Evaluate = (values: ArrayLike<number>, offset: number) => number

/**
 * What a comparison with a value that is not computable is worth: false, as in a strategy's signals, or NaN, so that
 * the whole is NaN exactly when it depends on such a comparison.
 */
export type MissingRule = 'false' | 'unknown'

/**
 * Turns a tree into nested closures, one per node.
 * @param indexOf position of a variable's value after the offset
 */
export function compileTree(
  node: FormulaNode,
  indexOf: (name: string, offset: number) => number,
  missing: MissingRule = 'false',
): Evaluate {
  const { truth, compare } = RULES[missing]
  const compile = (child: FormulaNode) => compileTree(child, indexOf, missing)
  switch (node.kind) {
    case 'number':
      return constant(node.value)
    case 'variable':
      return variable(indexOf(node.name, node.offset))
    case 'negate':
      return negate(compile(node.operand))
    case 'not':
      return truth.not(compile(node.operand))
    case 'comparison':
      return compare(node.operator)(compile(node.left), compile(node.right))
    case 'binary': {
      const { operator } = node
      const combine = operator === 'and' || operator === 'or' ? truth[operator] : COMBINE[operator]
      return combine(compile(node.left), compile(node.right))
    }
    case 'call':
      return call(node.name, node.args.map(compile))
  }
}

type Combine = (left: Evaluate, right: Evaluate) => Evaluate

const COMBINE: Readonly<Record<ArithmeticOperator, Combine>> = {
  '+': (left, right) => (values, offset) => left(values, offset) + right(values, offset),
  '-': (left, right) => (values, offset) => left(values, offset) - right(values, offset),
  '*': (left, right) => (values, offset) => left(values, offset) * right(values, offset),
  '/': (left, right) => (values, offset) => left(values, offset) / right(values, offset),
}

/** A comparison with NaN on either side is false, `!=` included. */
const COMPARE: Readonly<Record<ComparisonOperator, (a: number, b: number) => boolean>> = {
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
  '==': (a, b) => a === b,
  '!=': (a, b) => a < b || a > b,
}

interface Truth {
  readonly not: (operand: Evaluate) => Evaluate
  readonly and: Combine
  readonly or: Combine
}

/** A number used as a truth value: zero and NaN are false. */
function isTrue(value: number): boolean {
  return value < 0 || value > 0
}

const TWO_VALUED: Truth = {
  not: (operand) => (values, offset) => (isTrue(operand(values, offset)) ? 0 : 1),
  and: (left, right) => (values, offset) =>
    isTrue(left(values, offset)) && isTrue(right(values, offset)) ? 1 : 0,
  or: (left, right) => (values, offset) =>
    isTrue(left(values, offset)) || isTrue(right(values, offset)) ? 1 : 0,
}

/** Kleene's logic with NaN for unknown: `unknown and false` is false, `unknown or true` is true. */
const THREE_VALUED: Truth = {
  not: (operand) => (values, offset) => {
    const value = operand(values, offset)
    return Number.isNaN(value) ? value : isTrue(value) ? 0 : 1
  },
  and: (left, right) => (values, offset) => {
    const a = left(values, offset)
    const b = right(values, offset)
    if (a === 0 || b === 0) return 0
    return Number.isNaN(a) || Number.isNaN(b) ? Number.NaN : 1
  },
  or: (left, right) => (values, offset) => {
    const a = left(values, offset)
    const b = right(values, offset)
    if (isTrue(a) || isTrue(b)) return 1
    return Number.isNaN(a) || Number.isNaN(b) ? Number.NaN : 0
  },
}

type Compare = (operator: ComparisonOperator) => Combine

const compareOrFalse: Compare = (operator) => {
  const holds = COMPARE[operator]
  return (left, right) => (values, offset) =>
    holds(left(values, offset), right(values, offset)) ? 1 : 0
}

const compareOrUnknown: Compare = (operator) => {
  const holds = COMPARE[operator]
  return (left, right) => (values, offset) => {
    const a = left(values, offset)
    const b = right(values, offset)
    return Number.isNaN(a) || Number.isNaN(b) ? Number.NaN : holds(a, b) ? 1 : 0
  }
}

const RULES: Readonly<Record<MissingRule, { readonly truth: Truth; readonly compare: Compare }>> = {
  false: { truth: TWO_VALUED, compare: compareOrFalse },
  unknown: { truth: THREE_VALUED, compare: compareOrUnknown },
}

function constant(value: number): Evaluate {
  return () => value
}

function variable(index: number): Evaluate {
  return (values, offset) => values[offset + index] as number
}

function negate(operand: Evaluate): Evaluate {
  return (values, offset) => -operand(values, offset)
}

function call(name: 'min' | 'max' | 'abs', args: readonly Evaluate[]): Evaluate {
  const [first, second = first] = args as readonly [Evaluate, Evaluate?]
  if (name === 'abs') return (values, offset) => Math.abs(first(values, offset))
  if (name === 'min') {
    return (values, offset) => Math.min(first(values, offset), second(values, offset))
  }
  return (values, offset) => Math.max(first(values, offset), second(values, offset))
}
