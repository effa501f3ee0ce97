import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import fc from 'fast-check'
import { ConfigError } from '../../src/core/errors.ts'
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
})
