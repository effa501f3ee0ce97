import { compileTree, type Evaluate, type MissingRule } from './formula/compile.ts'
import { type Decision, decisionsOf } from './formula/decisions.ts'
import type { Interval } from './formula/intervals.ts'
import { parseTree } from './formula/parser.ts'
import { formulaError } from './formula/problem.ts'
import { type FormulaNode, variablesOf } from './formula/syntax.ts'
import { didYouMean } from './suggest.ts'

export type { Evaluate } from './formula/compile.ts'
export type { Decision, Side } from './formula/decisions.ts'
export { type Interval, intervalOf, verdictOf } from './formula/intervals.ts'
export type { ComparisonOperator } from './formula/syntax.ts'

/** A parsed condition or number over named values, such as `fast_period < slow_period`. */
export interface Formula {
  readonly text: string
  /** The names it uses, each once, in order of first use. */
  readonly variables: readonly string[]
  /** False for a number such as `sharpe`, and for one that stands as a truth value, as in `not sharpe`. */
  readonly isCondition: boolean
  /**
   * Binds the names to positions and returns a fast evaluator.
   * @param order names of the values of one row; must contain every one of `variables`
   * @param missing what a comparison with NaN is worth: `false`, or `unknown`, which makes the whole NaN if it depends on it
   * @throws ConfigError `FORMULA_UNKNOWN_NAME`
   */
  compile(order: readonly string[], missing?: MissingRule): Evaluate
  /** Returns the comparisons that come out the same for all values of the names in these ranges. */
  decisions(rangeOf: (name: string) => Interval): readonly Decision[]
}

/**
 * Parses the small expression language of `where` and `constraints`: numbers (`1e3`, `5%` is 0.05), names,
 * `+ - * /`, `< <= > >= == !=`, `and or not` (also `&& || !`), parentheses, `min(a, b)`, `max(a, b)`, `abs(x)`.
 * Truth values are 1 and 0; comparisons with NaN are false. No code is generated or evaluated.
 *
 * @example
 * const isWanted = parseFormula('fast < slow and slow / fast >= 2').compile(['fast', 'slow'])
 * isWanted([10, 30], 0) // 1
 *
 * @param options.variables the names it may use; left out, any name is accepted until `compile`
 * @throws ConfigError `FORMULA_SYNTAX` or `FORMULA_UNKNOWN_NAME`; the message ends with the text and a caret
 */
export function parseFormula(
  text: string,
  options: { readonly variables?: readonly string[] } = {},
): Formula {
  const tree = parseTree(text, options.variables)
  return Object.freeze({
    text,
    variables: Object.freeze([...new Set(variablesOf(tree))]),
    isCondition: isCondition(tree),
    compile: (order: readonly string[], missing?: MissingRule) =>
      compileTree(tree, positions(text, order), missing),
    decisions: (rangeOf: (name: string) => Interval) => decisionsOf(tree, text, rangeOf),
  })
}

function positions(text: string, order: readonly string[]) {
  return (name: string, offset: number): number => {
    const index = order.indexOf(name)
    if (index !== -1) return index
    const message = `Unknown name '${name}' in a formula.${didYouMean(name, order)} Known: ${order.join(', ') || 'none'}.`
    throw formulaError('FORMULA_UNKNOWN_NAME', message, text, { offset, length: name.length })
  }
}

function isCondition(node: FormulaNode): boolean {
  if (node.kind === 'not') return isCondition(node.operand)
  if (node.kind === 'comparison') return true
  if (node.kind !== 'binary') return false
  const isLogic = node.operator === 'and' || node.operator === 'or'
  return isLogic && isCondition(node.left) && isCondition(node.right)
}
