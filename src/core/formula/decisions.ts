import { boundsOf, type Interval, type Verdict, verdictOf } from './intervals.ts'
import type { Span } from './problem.ts'
import {
  type Comparison,
  type ComparisonOperator,
  comparisonsOf,
  type FormulaNode,
  variablesOf,
} from './syntax.ts'

/** One side of a comparison: as written, what it can be, and the names in it, each once. */
export interface Side {
  readonly text: string
  readonly bounds: Interval
  readonly variables: readonly string[]
}

/** A comparison whose outcome does not depend on the values. */
export interface Decision {
  readonly verdict: 'always' | 'never'
  readonly operator: ComparisonOperator
  readonly text: string
  readonly span: Span
  readonly left: Side
  readonly right: Side
}

/** Returns the comparisons of a formula that come out the same for all values within the ranges of its names. */
export function decisionsOf(
  tree: FormulaNode,
  text: string,
  rangeOf: (name: string) => Interval,
): readonly Decision[] {
  const slice = ({ offset, length }: Span) => text.slice(offset, offset + length)
  const sideOf = (node: FormulaNode, span: Span): Side => ({
    text: slice(span),
    bounds: boundsOf(node, rangeOf),
    variables: [...new Set(variablesOf(node))],
  })
  return comparisonsOf(tree).flatMap((comparison) => {
    const { operator, span } = comparison
    const left = sideOf(comparison.left, comparison.leftSpan)
    const right = sideOf(comparison.right, comparison.rightSpan)
    const verdict = decide(comparison, left, right)
    return verdict === 'open' ? [] : [{ verdict, operator, text: slice(span), span, left, right }]
  })
}

/** `a < a` is never true; `a == a` asks whether `a` is computable and stays open. */
function decide({ operator }: Comparison, left: Side, right: Side): Verdict {
  const isSame = left.text === right.text && left.variables.length > 0
  if (!isSame) return verdictOf(operator, left.bounds, right.bounds)
  return operator === '<' || operator === '>' || operator === '!=' ? 'never' : 'open'
}
