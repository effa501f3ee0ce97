import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import fc from 'fast-check'
import { ConfigError } from '../../src/core/errors.ts'
import { compileTree } from '../../src/core/formula/compile.ts'
import { boundsOf, type Interval, intervalOf } from '../../src/core/formula/intervals.ts'
import { parseTree } from '../../src/core/formula/parser.ts'
import { parseFormula } from '../../src/core/formula.ts'

setDefaultTimeout(60_000)

/** A formula as the test sees it: its text with only the parentheses it needs, how tightly it binds, its value. */
interface Sample {
  readonly text: string
  readonly binding: number
  readonly value: number
}

const VALUES = { a: 3, b: -2.5, slow_period: 30, zero: 0, missing: Number.NaN, huge: 1e300 }
const ORDER = Object.keys(VALUES)
const OR = 1
const AND = 2
const NOT = 3
const COMPARISON = 4
const SUM = 5
const PRODUCT = 6
const UNARY = 7
const ATOM = 8

const isTrue = (x: number) => !Number.isNaN(x) && x !== 0
const bit = (x: boolean) => (x ? 1 : 0)
const areDefined = (x: number, y: number) => !Number.isNaN(x) && !Number.isNaN(y)

const OPERATORS: readonly (readonly [string, number, (x: number, y: number) => number])[] = [
  ['or', OR, (x, y) => bit(isTrue(x) || isTrue(y))],
  ['||', OR, (x, y) => bit(isTrue(x) || isTrue(y))],
  ['and', AND, (x, y) => bit(isTrue(x) && isTrue(y))],
  ['&&', AND, (x, y) => bit(isTrue(x) && isTrue(y))],
  ['<', COMPARISON, (x, y) => bit(areDefined(x, y) && x < y)],
  ['<=', COMPARISON, (x, y) => bit(areDefined(x, y) && x <= y)],
  ['>', COMPARISON, (x, y) => bit(areDefined(x, y) && x > y)],
  ['>=', COMPARISON, (x, y) => bit(areDefined(x, y) && x >= y)],
  ['==', COMPARISON, (x, y) => bit(areDefined(x, y) && x === y)],
  ['!=', COMPARISON, (x, y) => bit(areDefined(x, y) && x !== y)],
  ['+', SUM, (x, y) => x + y],
  ['-', SUM, (x, y) => x - y],
  ['*', PRODUCT, (x, y) => x * y],
  ['/', PRODUCT, (x, y) => x / y],
]

const number: fc.Arbitrary<Sample> = fc
  .oneof(
    fc.nat(1000).map((n) => [String(n), n] as const),
    fc.double({ min: 0, max: 1e6, noNaN: true }).map((x) => [String(x), x] as const),
    fc.nat(100).map((n) => [`${n}%`, n / 100] as const),
    fc.integer({ min: -3, max: 3 }).map((n) => [`1e${n}`, Number(`1e${n}`)] as const),
  )
  .map(([text, value]) => ({ text, binding: ATOM, value }))

const variable: fc.Arbitrary<Sample> = fc
  .constantFrom(...Object.entries(VALUES))
  .map(([text, value]) => ({ text, binding: ATOM, value }))

/** Wraps an operand only if it would otherwise be read differently. */
function operand(sample: Sample, bindingMin: number): string {
  return sample.binding < bindingMin ? `(${sample.text})` : sample.text
}

function binary(left: Sample, right: Sample, index: number, blank: string): Sample {
  const [symbol, binding, apply] = OPERATORS[index] as (typeof OPERATORS)[number]
  const leftMin = binding === COMPARISON ? binding + 1 : binding
  const text = `${operand(left, leftMin)}${blank}${symbol}${blank}${operand(right, binding + 1)}`
  return { text, binding, value: apply(left.value, right.value) }
}

function call(name: 'min' | 'max' | 'abs', first: Sample, second: Sample): Sample {
  const args = name === 'abs' ? [first] : [first, second]
  const text = `${name}(${args.map((arg) => arg.text).join(', ')})`
  const value = name === 'abs' ? Math.abs(first.value) : Math[name](first.value, second.value)
  return { text, binding: ATOM, value }
}

const { formula } = fc.letrec<{ formula: Sample }>((tie) => ({
  formula: fc.oneof(
    { maxDepth: 6, withCrossShrink: true },
    fc.oneof(number, variable),
    fc
      .tuple(
        tie('formula'),
        tie('formula'),
        fc.nat(OPERATORS.length - 1),
        fc.constantFrom(' ', '\n', '\t '),
      )
      .map(([left, right, index, blank]) => binary(left, right, index, blank)),
    tie('formula').map((inner) => ({
      text: `not ${operand(inner, NOT)}`,
      binding: NOT,
      value: bit(!isTrue(inner.value)),
    })),
    tie('formula').map((inner) => ({
      text: `-${operand(inner, UNARY)}`,
      binding: UNARY,
      value: -inner.value,
    })),
    fc
      .tuple(fc.constantFrom('min', 'max', 'abs'), tie('formula'), tie('formula'))
      .map(([name, first, second]) => call(name, first, second)),
  ),
}))

describe('formula', () => {
  test('means what the reference evaluator says, with as few parentheses as its rules allow', () => {
    fc.assert(
      fc.property(formula, ({ text, value }) => {
        fc.pre(text.length <= 2000)
        const evaluate = parseFormula(text, { variables: ORDER }).compile(ORDER)
        expect(evaluate([99, ...Object.values(VALUES)], 1)).toBe(value)
      }),
      { numRuns: 2_000 },
    )
  })

  test('answers any text with a formula or a ConfigError that points into it', () => {
    const pieces = fc.constantFrom(
      'a',
      '1',
      '5%',
      '(',
      ')',
      '<',
      '==',
      'and',
      '!',
      '-',
      ',',
      'min(',
    )
    const text = fc.oneof(
      fc.string(),
      fc.array(pieces).map((parts) => parts.join(' ')),
    )
    fc.assert(
      fc.property(text, (written) => {
        try {
          parseFormula(written, { variables: ORDER })
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigError)
          const { offset } = (error as ConfigError).context
          expect(offset).toBeGreaterThanOrEqual(0)
          expect(offset).toBeLessThanOrEqual(written.length)
        }
      }),
      { numRuns: 2_000 },
    )
  })

  test('an interval holds every value, and a decided comparison comes out as decided', () => {
    const width = fc.constantFrom(0, 0.5, 3, 1e3, Number.POSITIVE_INFINITY)
    const share = fc.oneof(fc.constantFrom(0, 0.5, 1), fc.double({ min: 0, max: 1, noNaN: true }))
    const ranges = fc.array(fc.tuple(width, width), {
      minLength: ORDER.length,
      maxLength: ORDER.length,
    })
    const points = fc.array(fc.array(share, { minLength: ORDER.length, maxLength: ORDER.length }), {
      minLength: 1,
      maxLength: 20,
    })
    let decided = 0
    fc.assert(
      fc.property(formula, ranges, points, ({ text }, widths, shares) => {
        fc.pre(text.length <= 2000)
        const intervals = ORDER.map((name, i) => rangeAround(name, widths[i] as [number, number]))
        const rangeOf = (name: string) => intervals[ORDER.indexOf(name)] as Interval
        const tree = parseTree(text, ORDER)
        const bounds = boundsOf(tree, rangeOf)
        const decisions = parseFormula(text).decisions(rangeOf)
        decided += decisions.length
        for (const point of shares) {
          const values = intervals.map((range, i) => within(range, point[i] as number))
          const value = compileTree(tree, (name) => ORDER.indexOf(name))(values, 0)
          if (!Number.isNaN(value)) {
            expect(bounds.min <= value && value <= bounds.max).toBe(true)
            if (bounds.isWhole && Number.isFinite(value)) expect(Number.isInteger(value)).toBe(true)
          }
          for (const { text: part, verdict } of decisions) {
            const outcome = parseFormula(part).compile(ORDER, 'unknown')(values, 0)
            if (!Number.isNaN(outcome)) expect(outcome).toBe(verdict === 'always' ? 1 : 0)
          }
        }
      }),
      { numRuns: 3_000 },
    )
    expect(decided).toBeGreaterThan(100)
  })

  test('what is known without the missing values does not depend on them', () => {
    const value = fc.constantFrom(-2, 0, 1, 30, Number.POSITIVE_INFINITY)
    const row = fc.array(value, { minLength: ORDER.length, maxLength: ORDER.length })
    const gaps = fc.array(fc.boolean(), { minLength: ORDER.length, maxLength: ORDER.length })
    fc.assert(
      fc.property(formula, row, gaps, ({ text }, values, isMissing) => {
        fc.pre(text.length <= 2000)
        const parsed = parseFormula(text)
        fc.pre(parsed.isCondition)
        const gapped = values.map((number, i) => (isMissing[i] ? Number.NaN : number))
        const known = parsed.compile(ORDER, 'unknown')(gapped, 0)
        if (Number.isNaN(known)) return
        expect(parsed.compile(ORDER)(gapped, 0)).toBe(known)
        expect(parsed.compile(ORDER, 'unknown')(values, 0)).toBeOneOf([known, Number.NaN])
      }),
      { numRuns: 3_000 },
    )
  })
})

/** An interval around a name's value; a missing one may be anything. */
function rangeAround(name: string, [below, above]: readonly [number, number]): Interval {
  const value = VALUES[name as keyof typeof VALUES]
  if (Number.isNaN(value)) return intervalOf(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY)
  return intervalOf(value - below, value + above)
}

/** A value of an interval, its ends included. */
function within({ min, max }: Interval, share: number): number {
  if (share === 0) return min
  if (share === 1) return max
  const low = Math.max(min, -1e6)
  return Math.min(max, Math.max(min, low + (Math.min(max, 1e6) - low) * share))
}
