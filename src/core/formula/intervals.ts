import type { ArithmeticOperator, ComparisonOperator, FormulaNode } from './syntax.ts'

/**
 * All values that something can have, both ends included: an infinite end stands for "no bound" and for the infinity itself.
 * Being not computable is no value. An interval may hold more than what occurs, never less.
 */
export interface Interval {
  readonly min: number
  readonly max: number
  /** Every value is a whole number or infinite. */
  readonly isWhole: boolean
  /** May hold −0, whose reciprocal is −∞. */
  readonly mayBeMinusZero: boolean
}

/** `always` and `never` hold for every row in which both sides are computable. */
export type Verdict = 'always' | 'never' | 'open'

const BOUNDLESS: Interval = {
  min: Number.NEGATIVE_INFINITY,
  max: Number.POSITIVE_INFINITY,
  isWhole: false,
  mayBeMinusZero: true,
}
const TRUTH: Interval = { min: 0, max: 1, isWhole: true, mayBeMinusZero: false }

/** Returns the interval of a name or a constant. */
export function intervalOf(min: number, max: number, isWhole = false): Interval {
  return { min, max, isWhole, mayBeMinusZero: false }
}

/** Returns an interval that holds every value that a node can have, by interval arithmetic. */
export function boundsOf(node: FormulaNode, rangeOf: (name: string) => Interval): Interval {
  const bounds = (child: FormulaNode) => boundsOf(child, rangeOf)
  switch (node.kind) {
    case 'number':
      return intervalOf(node.value, node.value, Number.isInteger(node.value))
    case 'variable':
      return rangeOf(node.name)
    case 'negate':
      return negated(bounds(node.operand))
    case 'comparison':
    case 'not':
      return TRUTH
    case 'binary':
      if (node.operator === 'and' || node.operator === 'or') return TRUTH
      return ARITHMETIC[node.operator](bounds(node.left), bounds(node.right))
    case 'call': {
      const [first, second] = node.args.map(bounds) as [Interval, Interval]
      return node.name === 'abs' ? absolute(first) : extreme(Math[node.name], first, second)
    }
  }
}

/** Decides a comparison by what its sides can be. Ends are included, so that what rounding can reach stays open. */
export function verdictOf(operator: ComparisonOperator, a: Interval, b: Interval): Verdict {
  switch (operator) {
    case '<':
      return a.max < b.min ? 'always' : a.min >= b.max ? 'never' : 'open'
    case '<=':
      return a.max <= b.min ? 'always' : a.min > b.max ? 'never' : 'open'
    case '>':
      return verdictOf('<', b, a)
    case '>=':
      return verdictOf('<=', b, a)
    case '==':
      return isSamePoint(a, b) ? 'always' : haveNothingInCommon(a, b) ? 'never' : 'open'
    case '!=':
      return isSamePoint(a, b) ? 'never' : haveNothingInCommon(a, b) ? 'always' : 'open'
  }
}

function isSamePoint(a: Interval, b: Interval): boolean {
  return a.min === a.max && b.min === b.max && a.min === b.min
}

function haveNothingInCommon(a: Interval, b: Interval): boolean {
  if (a.max < b.min || b.max < a.min) return true
  const isFraction = ({ min, max }: Interval) => min === max && !Number.isInteger(min)
  return (a.isWhole && isFraction(b)) || (b.isWhole && isFraction(a))
}

function contains(interval: Interval, value: number): boolean {
  return interval.min <= value && value <= interval.max
}

const ARITHMETIC: Readonly<Record<ArithmeticOperator, (a: Interval, b: Interval) => Interval>> = {
  '+': (a, b) => ({
    min: orElse(a.min + b.min, Number.NEGATIVE_INFINITY),
    max: orElse(a.max + b.max, Number.POSITIVE_INFINITY),
    isWhole: a.isWhole && b.isWhole,
    mayBeMinusZero: a.mayBeMinusZero && b.mayBeMinusZero,
  }),
  '-': (a, b) => ({
    min: orElse(a.min - b.max, Number.NEGATIVE_INFINITY),
    max: orElse(a.max - b.min, Number.POSITIVE_INFINITY),
    isWhole: a.isWhole && b.isWhole,
    mayBeMinusZero: a.mayBeMinusZero && contains(b, 0),
  }),
  '*': (a, b) => {
    // Nothing times something without bound is nothing: the bound itself is not a value, or the product is not computable.
    const ends = endsOf(a, b, (x, y) => (x === 0 || y === 0 ? 0 : x * y))
    return spanning(ends, a.isWhole && b.isWhole, mayTurnNegative(a, b))
  },
  '/': (a, b) => {
    const isOneSided = b.min > 0 || b.max < 0 || (b.min >= 0 && !b.mayBeMinusZero)
    const ends = isOneSided ? endsOf(a, b, (x, y) => x / (y + 0)) : []
    return ends.length === 0 ? BOUNDLESS : spanning(ends, false, mayTurnNegative(a, b))
  },
}

/** Whether a product or quotient may be a negative number so small that it rounds to −0, or take its sign from one. */
function mayTurnNegative(a: Interval, b: Interval): boolean {
  return a.min < 0 || b.min < 0 || a.mayBeMinusZero || b.mayBeMinusZero
}

/** Combines the ends of two intervals; what is not a number, such as ∞/∞, lies between the others. */
function endsOf(
  a: Interval,
  b: Interval,
  combine: (x: number, y: number) => number,
): readonly number[] {
  const pairs = [a.min, a.max].flatMap((x) => [combine(x, b.min), combine(x, b.max)])
  return pairs.filter((end) => !Number.isNaN(end))
}

function spanning(ends: readonly number[], isWhole: boolean, mayBeMinusZero: boolean): Interval {
  return { min: Math.min(...ends), max: Math.max(...ends), isWhole, mayBeMinusZero }
}

function negated(a: Interval): Interval {
  return { ...a, min: -a.max, max: -a.min, mayBeMinusZero: contains(a, 0) }
}

function absolute(a: Interval): Interval {
  const ends = [Math.abs(a.min), Math.abs(a.max)]
  return intervalOf(contains(a, 0) ? 0 : Math.min(...ends), Math.max(...ends), a.isWhole)
}

function extreme(choose: (x: number, y: number) => number, a: Interval, b: Interval): Interval {
  return {
    min: choose(a.min, b.min),
    max: choose(a.max, b.max),
    isWhole: a.isWhole && b.isWhole,
    mayBeMinusZero: a.mayBeMinusZero || b.mayBeMinusZero,
  }
}

function orElse(value: number, fallback: number): number {
  return Number.isNaN(value) ? fallback : value
}
