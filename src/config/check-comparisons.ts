import {
  type ComparisonOperator,
  type Decision,
  type Interval,
  intervalOf,
  type Side,
  verdictOf,
} from '../core/formula.ts'
import type { MetricUnit } from '../core/metric-spec.ts'
import { METRIC_SPECS, METRICS, type MetricName } from '../core/metrics.ts'

/** The parameters that a formula may name, with the values that each has in its sweep. */
export type ParamRanges = Readonly<Record<string, Interval>>

/** What is wrong with a comparison, and what to write instead. */
export interface ComparisonFault {
  readonly message: string
  readonly hint: string
}

const ANYTHING = intervalOf(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY)

/** What a formula may name: metrics, unless it decides before there are any, and parameters. */
export class FormulaNames {
  readonly #params: ParamRanges
  readonly #hasMetrics: boolean

  constructor(params: ParamRanges, options: { readonly hasMetrics: boolean }) {
    this.#params = params
    this.#hasMetrics = options.hasMetrics
  }

  metric(name: string): MetricName | undefined {
    return this.#hasMetrics ? METRICS.find((metric) => metric === name) : undefined
  }

  /** The values of a name; of one that is not known, any. */
  rangeOf = (name: string): Interval => {
    const metric = this.metric(name)
    if (metric === undefined)
      return Object.hasOwn(this.#params, name) ? this.#param(name) : ANYTHING
    const { min, max, unit } = METRIC_SPECS[metric]
    return intervalOf(min, max, unit === 'count')
  }

  /** A sentence's part that says what a name stands for. */
  describe(name: string): string {
    const metric = this.metric(name)
    if (metric !== undefined) return `${name} is ${describeMetric(metric)}`
    const { min, max } = this.rangeOf(name)
    return min === max ? `${name} is ${min} here` : `${name} has values from ${min} to ${max} here`
  }

  #param(name: string): Interval {
    return this.#params[name] as Interval
  }
}

/**
 * Returns what is wrong with a comparison that comes out the same for every row. One that speaks of parameters only may be a
 * guard that this grid does not need; it is wrong when another unit or sign makes sense of it.
 */
export function faultOf(decision: Decision, names: FormulaNames): ComparisonFault | undefined {
  const { left, right, text, verdict } = decision
  const variables = [...new Set([...left.variables, ...right.variables])]
  const form = likelyForm(decision, names)
  const hasMetric = variables.some((name) => names.metric(name) !== undefined)
  if (form === undefined && !hasMetric && variables.length > 0) return undefined
  const facts = [
    ...variables.map((name) => names.describe(name)),
    ...[left, right].filter(isExpression).map(describeSide),
  ]
  const reasons = facts.length === 0 ? '' : `: ${facts.join('; ')}`
  const always = verdict === 'always'
  return {
    message: `'${text}' is ${always ? 'always' : 'never'} true${reasons}.`,
    hint: form === undefined ? generalHint(decision, names) : `Write '${form}'.`,
  }
}

function generalHint({ verdict, left, right }: Decision, names: FormulaNames): string {
  if (verdict === 'never') return 'Compare with a value that occurs, or leave it out.'
  const [only, ...more] = [...left.variables, ...right.variables]
  const metric = only === undefined || more.length > 0 ? undefined : names.metric(only)
  if (metric === undefined || !METRIC_SPECS[metric].nullable) return 'Leave it out.'
  return `Leave it out, or write '${metric} == ${metric}' to ask only for a value.`
}

function isExpression({ text, variables }: Side): boolean {
  return variables.length > 0 && !variables.includes(text)
}

function describeSide({ text, bounds }: Side): string {
  return `'${text}' is ${describeBounds(bounds)}`
}

const UNITS: Readonly<Record<MetricUnit, string>> = {
  ratio: 'a ratio',
  number: 'a number',
  days: 'a number of days',
  count: 'a whole number',
  per_year: 'a number a year',
  money: 'money',
}

function describeMetric(metric: MetricName): string {
  const { unit, min, max } = METRIC_SPECS[metric]
  const scale = unit === 'ratio' ? ' (1 is 100%)' : ''
  return `${UNITS[unit]}, ${describeBounds(intervalOf(min, max))}${scale}`
}

function describeBounds({ min, max }: Interval): string {
  if (min === max) return String(min)
  const hasMin = Number.isFinite(min)
  const hasMax = Number.isFinite(max)
  if (hasMin && hasMax) return `${min} to ${max}`
  if (hasMin) return `${min} or more`
  return hasMax ? `${max} or less` : 'of any size'
}

/** A comparison turned so that its constant is on the right. */
interface Reading {
  readonly operator: ComparisonOperator
  readonly side: Side
  readonly value: number
  readonly isPercent: boolean
}

const MIRRORED: Readonly<Record<ComparisonOperator, ComparisonOperator>> = {
  ...{ '<': '>', '<=': '>=', '>': '<', '>=': '<=', '==': '==', '!=': '!=' },
}

function readingOf({ operator, left, right }: Decision): Reading | undefined {
  const isConstant = (side: Side) => side.variables.length === 0
  if (isConstant(left) === isConstant(right)) return undefined
  const [side, constant] = isConstant(right) ? [left, right] : [right, left]
  const { min: value } = constant.bounds
  if (constant.bounds.max !== value || !Number.isFinite(value)) return undefined
  return {
    operator: side === left ? operator : MIRRORED[operator],
    ...{ side, value, isPercent: constant.text.includes('%') },
  }
}

/** Returns the comparison with the constant in another unit or of the other sign that depends on the values, if there is one. */
function likelyForm(decision: Decision, names: FormulaNames): string | undefined {
  const reading = readingOf(decision)
  if (reading === undefined) return undefined
  const { side } = reading
  const { min, max, isWhole } = side.bounds
  // `win_rate <= 1` says what is so anyway, in the right unit.
  const isBound = reading.value === min || reading.value === max
  if (isBound && decision.verdict === 'always') return undefined
  const found = candidatesOf(reading, names).find(
    ({ operator, value }) =>
      (Number.isInteger(value) || !isWhole) &&
      verdictOf(operator, side.bounds, intervalOf(value, value)) === 'open',
  )
  if (found === undefined) return undefined
  return `${side.text} ${found.operator} ${writeNumber(found.value, found.isPercent)}`
}

type Candidate = Omit<Reading, 'side'>

/** The nearest misreadings first: a percentage written as a number, a loss written as negative, a number as a percentage. */
function candidatesOf(reading: Reading, names: FormulaNames): readonly Candidate[] {
  const { operator, side, value, isPercent } = reading
  const metrics = side.variables.map((name) => names.metric(name))
  const isRatio = metrics.every((name) => name !== undefined && METRIC_SPECS[name].unit === 'ratio')
  const isLoss = metrics.every((name) => name !== undefined && METRIC_SPECS[name].better === 'less')
  const { min, max, isWhole } = side.bounds
  // A whole number of bars or trades is no percentage unless somebody writes one.
  const canScale = isPercent || !isWhole
  const isFraction = isRatio && (!isExpression(side) || (min >= -1 && max <= 1))
  const hasParam = metrics.includes(undefined)
  const scaled = (by: ComparisonOperator, amount: number): readonly Candidate[] => [
    { operator: by, value: amount, isPercent: isPercent || isFraction },
    ...(canScale && !isPercent
      ? [{ operator: by, value: amount / 100, isPercent: isFraction || hasParam }]
      : []),
    ...(canScale && !isRatio ? [{ operator: by, value: amount * 100, isPercent: false }] : []),
  ]
  const asSigned = scaled(operator, value)
  if (value > 0 && max <= 0) return [...asSigned, ...scaled(operator, -value)]
  if (value >= 0 || min < 0) return asSigned
  return [...asSigned, ...scaled(isLoss ? MIRRORED[operator] : operator, -value)]
}

function writeNumber(value: number, isPercent: boolean): string {
  const written = (amount: number) => String(Number(amount.toPrecision(12)))
  return isPercent ? `${written(value * 100)}%` : written(value)
}
