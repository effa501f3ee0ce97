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
  | {
      readonly kind: 'call'
      readonly name: FormulaFunction
      readonly args: readonly FormulaNode[]
    }

export type ArithmeticOperator = '+' | '-' | '*' | '/'
export type ComparisonOperator = '<' | '<=' | '>' | '>=' | '==' | '!='
export type BinaryOperator = ArithmeticOperator | ComparisonOperator | 'and' | 'or'

export const COMPARISONS: ReadonlySet<string> = new Set(['<', '<=', '>', '>=', '==', '!='])

/** The functions of the language and how many arguments each takes. */
export const FUNCTION_ARITY = { min: 2, max: 2, abs: 1 } as const
export type FormulaFunction = keyof typeof FUNCTION_ARITY

export function isFormulaFunction(name: string): name is FormulaFunction {
  return Object.hasOwn(FUNCTION_ARITY, name)
}
