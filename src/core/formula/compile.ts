import type { BinaryOperator, FormulaNode } from './syntax.ts'

/** Evaluates a formula on the values that start at `offset`. A truth value is 1 or 0. Allocates nothing. */
export type Evaluate = (values: ArrayLike<number>, offset: number) => number

/**
 * Turns a tree into nested closures, one per node.
 * @param indexOf position of a variable's value after the offset
 */
export function compileTree(
  node: FormulaNode,
  indexOf: (name: string, offset: number) => number,
): Evaluate {
  const compile = (child: FormulaNode) => compileTree(child, indexOf)
  switch (node.kind) {
    case 'number':
      return constant(node.value)
    case 'variable':
      return variable(indexOf(node.name, node.offset))
    case 'negate':
      return negate(compile(node.operand))
    case 'not':
      return not(compile(node.operand))
    case 'binary':
      return BINARY[node.operator](compile(node.left), compile(node.right))
    case 'call':
      return call(node.name, node.args.map(compile))
  }
}

type Combine = (left: Evaluate, right: Evaluate) => Evaluate

/** A comparison with NaN on either side is false, `!=` included, as in a strategy's signals. */
const BINARY: Readonly<Record<BinaryOperator, Combine>> = {
  '+': (left, right) => (values, offset) => left(values, offset) + right(values, offset),
  '-': (left, right) => (values, offset) => left(values, offset) - right(values, offset),
  '*': (left, right) => (values, offset) => left(values, offset) * right(values, offset),
  '/': (left, right) => (values, offset) => left(values, offset) / right(values, offset),
  '<': (left, right) => (values, offset) => (left(values, offset) < right(values, offset) ? 1 : 0),
  '<=': (left, right) => (values, offset) =>
    left(values, offset) <= right(values, offset) ? 1 : 0,
  '>': (left, right) => (values, offset) => (left(values, offset) > right(values, offset) ? 1 : 0),
  '>=': (left, right) => (values, offset) =>
    left(values, offset) >= right(values, offset) ? 1 : 0,
  '==': (left, right) => (values, offset) =>
    left(values, offset) === right(values, offset) ? 1 : 0,
  '!=': (left, right) => (values, offset) => {
    const a = left(values, offset)
    const b = right(values, offset)
    return a < b || a > b ? 1 : 0
  },
  and: (left, right) => (values, offset) =>
    isTrue(left(values, offset)) && isTrue(right(values, offset)) ? 1 : 0,
  or: (left, right) => (values, offset) =>
    isTrue(left(values, offset)) || isTrue(right(values, offset)) ? 1 : 0,
}

/** A number used as a truth value: zero and NaN are false. */
function isTrue(value: number): boolean {
  return value < 0 || value > 0
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

function not(operand: Evaluate): Evaluate {
  return (values, offset) => (isTrue(operand(values, offset)) ? 0 : 1)
}

function call(name: 'min' | 'max' | 'abs', args: readonly Evaluate[]): Evaluate {
  const [first, second = first] = args as readonly [Evaluate, Evaluate?]
  if (name === 'abs') return (values, offset) => Math.abs(first(values, offset))
  if (name === 'min') {
    return (values, offset) => Math.min(first(values, offset), second(values, offset))
  }
  return (values, offset) => Math.max(first(values, offset), second(values, offset))
}
