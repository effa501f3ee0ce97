import { describe, expect, test } from 'bun:test'
import { ConfigError } from '../../../src/core/errors.ts'
import { parseFormula } from '../../../src/core/formula.ts'

const NAMES = ['a', 'b', 'fast_period', 'slow_period'] as const

function evaluate(text: string, values: Readonly<Record<string, number>> = {}): number {
  const order = Object.keys(values)
  return parseFormula(text).compile(order)(Object.values(values), 0)
}

function errorOf(text: string, variables: readonly string[] = NAMES): ConfigError {
  try {
    parseFormula(text, { variables })
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    return error as ConfigError
  }
  throw new Error(`'${text}' was accepted`)
}

describe('parseFormula', () => {
  test.each([
    ['2 + 3 * 4', 14],
    ['(2 + 3) * 4', 20],
    ['10 - 4 - 3', 3],
    ['100 / 10 / 2', 5],
    ['-2 * -3', 6],
    ['--2', 2],
    ['+2 - -2', 4],
    ['1e3', 1000],
    ['1.5E-1', 0.15],
    ['.5 + 1.', 1.5],
    ['5%', 0.05],
    ['0.7%', 0.007],
    ['-12.5% * 2', -0.25],
    ['1e2%', 1],
    ['min(3, 2) + max(1, 4) + abs(-7)', 13],
    ['max(min(1, 2), abs(-3))', 3],
    ['1 / 0', Number.POSITIVE_INFINITY],
  ])('computes %s = %d', (text, value) => {
    expect(evaluate(text)).toBe(value)
  })

  test.each([
    ['1 < 2', 1],
    ['2 <= 1', 0],
    ['2 >= 2 and 2 == 2', 1],
    ['2 != 2', 0],
    ['1 or 0 and 0', 1],
    ['(1 or 0) and 0', 0],
    ['not 1 or 1', 1],
    ['not (1 or 1)', 0],
    ['not 1 == 2', 1],
    ['! 1 > 2 && 3 > 2', 1],
    ['0 || 0', 0],
    ['(1 < 2) == (3 < 4)', 1],
    ['5 and -3', 1],
    ['1 + (2 > 1)', 2],
    ['1<2 and(2<3)', 1],
  ])('decides %s as %d', (text, value) => {
    expect(evaluate(text)).toBe(value)
  })

  test.each(['a < 1', 'a <= 1', 'a > 1', 'a >= 1', 'a == a', 'a != 1', 'a', 'a and 1', '0 or a'])(
    'takes %s for false while a is not computable',
    (text) => {
      expect(evaluate(`${text} or 0`, { a: Number.NaN })).toBe(0)
    },
  )

  test('names what it uses once, in order of first use', () => {
    expect(parseFormula('b > a and max(a, c) < b').variables).toEqual(['b', 'a', 'c'])
    expect(parseFormula('1 < 2').variables).toEqual([])
  })

  test('takes a function name without parentheses for a variable', () => {
    expect(evaluate('min < max(min, 3)', { min: 2 })).toBe(1)
  })

  test('reads one row of a table by the order of its columns', () => {
    const isWanted = parseFormula('fast < slow').compile(['other', 'slow', 'fast'])
    const rows = new Float64Array([0, 30, 10, 0, 10, 30, 0, 5, 5])
    expect([0, 3, 6].map((offset) => isWanted(rows, offset))).toEqual([1, 0, 0])
  })

  test('compiles the same formula for several orders', () => {
    const formula = parseFormula('a - b')
    expect(formula.compile(['a', 'b'])([5, 3], 0)).toBe(2)
    expect(formula.compile(['b', 'a'])([5, 3], 0)).toBe(-2)
  })

  test('stays within a tenth of a microsecond per evaluation', () => {
    const isWanted = parseFormula('fast_period < slow_period').compile(NAMES)
    const rows = Float64Array.from({ length: 4_000 }, (_, i) => i % 97)
    const rounds = Array.from({ length: 5 }, () => nanosecondsPerRow(isWanted, rows, 200))
    expect(Math.min(...rounds)).toBeLessThan(100)
  })
})

function nanosecondsPerRow(
  evaluateRow: (values: ArrayLike<number>, offset: number) => number,
  rows: Float64Array,
  passes: number,
): number {
  let hits = 0
  const start = Bun.nanoseconds()
  for (let pass = 0; pass < passes; pass += 1) {
    for (let row = 0; row < rows.length; row += 4) hits += evaluateRow(rows, row)
  }
  const spent = Bun.nanoseconds() - start
  expect(hits).toBeGreaterThan(0)
  return spent / ((passes * rows.length) / 4)
}

describe('parseFormula refuses', () => {
  test('an unknown name, with the nearest known one and a caret under it', () => {
    const error = errorOf('fast_period < slow_perod')
    expect(error.code).toBe('FORMULA_UNKNOWN_NAME')
    expect(error.message).toBe(
      [
        "Unknown name 'slow_perod' in a formula. Did you mean 'slow_period'? Known: a, b, fast_period, slow_period.",
        '  fast_period < slow_perod',
        '                ^^^^^^^^^^',
      ].join('\n'),
    )
    expect(error.context).toEqual({ formula: 'fast_period < slow_perod', offset: 14, length: 10 })
    expect(error.exitCode).toBe(2)
  })

  test('a name that is missing when it is bound', () => {
    const formula = parseFormula('sharpe > 1')
    expect(() => formula.compile(['sharp'])).toThrow("Did you mean 'sharp'?")
    expect(() => formula.compile([])).toThrow('Known: none.')
  })

  test('an unknown function', () => {
    const error = errorOf('mix(a, b) > 1')
    expect(error.code).toBe('FORMULA_UNKNOWN_NAME')
    expect(error.message).toStartWith("Unknown function 'mix' in a formula. Did you mean 'min'?")
  })

  test('chained comparisons, with the way to say it', () => {
    const error = errorOf('a > 0 and 1 < a + b <= 3 * 2 or b > 1')
    expect(error.code).toBe('FORMULA_SYNTAX')
    expect(error.message).toStartWith(
      "Comparisons cannot be chained. Write '1 < a + b and a + b <= 3 * 2'.",
    )
    expect(error.context.offset).toBe(20)
  })

  test.each([
    ['', 'The formula is empty', 0],
    ['  ', 'The formula is empty', 2],
    ['a <', 'The formula ends too early', 3],
    ['(a < 1', "expected ')'", 6],
    ['a < 1)', "found ')'", 5],
    ['a b', "found 'b'", 2],
    ['a AND b', "Did you mean 'and'?", 2],
    ['a = 1', "write '=='", 2],
    ['a & b', "'&&'", 2],
    ['a | b', "'||'", 2],
    ['a % 2', 'directly follows a number', 2],
    ['a ^ 2', 'multiply instead', 2],
    ['4h < 3', "'4h' is not a number", 0],
    ['1.2.3', "'1.2.3' is not a number", 0],
    ['1e', "'1e' is not a number", 0],
    ['5%%', 'percent sign', 2],
    ['min(a)', 'min takes 2 arguments, found 1', 0],
    ['abs(a, b)', 'abs takes 1 argument, found 2', 0],
    ['abs()', 'found 0', 0],
    ['min(a,, b)', "found ','", 6],
    ['min(a b)', "Expected ','", 6],
    ['min(a, )', "found ')'", 7],
    ['a < not b', "found 'not'", 4],
    ['a.b', "Unexpected '.'", 1],
    ['a; b', "Unexpected ';'", 1],
    ["a['x']", "Unexpected '['", 1],
    ['a < 😀', "Unexpected '😀'", 4],
  ])('%p: %s', (text, message, offset) => {
    const error = errorOf(text)
    expect(error.code).toBe('FORMULA_SYNTAX')
    expect(error.message).toContain(message)
    expect(error.context.offset).toBe(offset)
  })

  test('points into the right line of a folded text', () => {
    const [, line, caret] = errorOf('a < 1\n\tand b <').message.split('\n')
    expect(line).toBe('   and b <')
    expect(caret).toBe('          ^')
  })

  test('what no person would write: endless text and nesting', () => {
    expect(errorOf(`1${' + 1'.repeat(600)}`).message).toContain('at most 2000 characters')
    expect(errorOf(`${'('.repeat(80)}1${')'.repeat(80)}`).message).toContain('at most 64 levels')
    expect(errorOf('-'.repeat(500)).message).toContain('at most 64 levels')
    expect(evaluate(`0${' + 1'.repeat(490)}`)).toBe(490)
  })

  test('names of built-in objects that are not variables', () => {
    for (const name of ['constructor', '__proto__', 'toString']) {
      expect(errorOf(`${name} > 1`).code).toBe('FORMULA_UNKNOWN_NAME')
      expect(errorOf(`${name}(1) > 1`).code).toBe('FORMULA_UNKNOWN_NAME')
    }
  })
})

test.each([
  ['a < b', true],
  ['(a) >= 1', true],
  ['not a == b', true],
  ['a < b and (b > 1 or not a != 2)', true],
  ['a', false],
  ['1', false],
  ['a - b', false],
  ['-(a < b)', false],
  ['not a', false],
  ['a and b > 1', false],
  ['a > 1 or b', false],
  ['max(a > 1, b)', false],
])('tells whether %s is a condition: %p', (text, expected) => {
  expect(parseFormula(text).isCondition).toBe(expected)
})
