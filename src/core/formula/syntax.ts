import type { Span } from './problem.ts'

/** The tree of a parsed formula. Offsets are UTF-16 indices into its text. */
export type FormulaNode =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'variable'; readonly name: string; readonly offset: number }
  | { readonly kind: 'negate' | 'not'; readonly operand: FormulaNode }
  | {
      readonly kind: 'binary'
      readonly operator: BinaryOperator
      readonly left: FormulaNode
      readonly right: FormulaNode
    }
  | Comparison
  | {
      readonly kind: 'call'
      readonly name: FormulaFunction
      readonly args: readonly FormulaNode[]
    }

export interface Comparison {
  readonly kind: 'comparison'
  readonly operator: ComparisonOperator
  readonly left: FormulaNode
  readonly right: FormulaNode
  readonly span: Span
  readonly leftSpan: Span
  readonly rightSpan: Span
}

export type ArithmeticOperator = '+' | '-' | '*' | '/'
export type ComparisonOperator = '<' | '<=' | '>' | '>=' | '==' | '!='
export type BinaryOperator = ArithmeticOperator | 'and' | 'or'

export const COMPARISONS: ReadonlySet<string> = new Set(['<', '<=', '>', '>=', '==', '!='])

/** The functions of the language and how many arguments each takes. */
export const FUNCTION_ARITY = { min: 2, max: 2, abs: 1 } as const
export type FormulaFunction = keyof typeof FUNCTION_ARITY

export function isFormulaFunction(name: string): name is FormulaFunction {
  return Object.hasOwn(FUNCTION_ARITY, name)
}

/** Returns the names that a formula uses, in order, each as often as it stands there. */
export function variablesOf(node: FormulaNode): readonly string[] {
  switch (node.kind) {
    case 'number':
      return []
    case 'variable':
      return [node.name]
    case 'negate':
    case 'not':
      return variablesOf(node.operand)
    case 'binary':
    case 'comparison':
      return [...variablesOf(node.left), ...variablesOf(node.right)]
    case 'call':
      return node.args.flatMap(variablesOf)
  }
}

/** Returns every comparison of a formula, in order of the text. */
export function comparisonsOf(node: FormulaNode): readonly Comparison[] {
  switch (node.kind) {
    case 'number':
    case 'variable':
      return []
    case 'negate':
    case 'not':
      return comparisonsOf(node.operand)
    case 'call':
      return node.args.flatMap(comparisonsOf)
    case 'binary':
      return [...comparisonsOf(node.left), ...comparisonsOf(node.right)]
    case 'comparison':
      return [...comparisonsOf(node.left), node, ...comparisonsOf(node.right)]
  }
}
