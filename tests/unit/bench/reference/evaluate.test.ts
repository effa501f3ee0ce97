import { describe, expect, test } from 'bun:test'
import {
  type CandleArrays,
  evaluateCondition,
  evaluateScalar,
  evaluateSeries,
  operandsOf,
} from '../../../../bench/reference/evaluate.ts'
import {
  above,
  and,
  atLeast,
  atMost,
  below,
  CANDLE_SYMBOLS,
  crossesAbove,
  crossesBelow,
  not,
  operation,
  or,
  param,
  scalar,
} from '../../../../src/kernel/expression.ts'

const { open, close } = CANDLE_SYMBOLS
const candles: CandleArrays = {
  open: [1, 2, 3, 4, 5],
  high: [2, 3, 4, 5, 6],
  low: [0, 1, 2, 3, 4],
  close: [1, 3, 3, 2, 6],
  volume: [7, 7, 7, 7, 7],
}
const operands = operandsOf(candles, {})
const bits = (text: string) => [...text].map((bit) => bit === '1')

describe('reference evaluation', () => {
  test('parameters and arithmetic over them become numbers', () => {
    const half = scalar('divide', param('length'), 2)
    const point = { length: 6 }
    expect(evaluateScalar(half, point)).toBe(3)
    expect(evaluateScalar(scalar('max', half, 5), point)).toBe(5)
    expect(evaluateScalar(scalar('min', half, scalar('add', 1, 1)), point)).toBe(2)
    expect(evaluateScalar(scalar('subtract', scalar('multiply', half, 4), 1), point)).toBe(11)
    expect(() => evaluateScalar(param('missing'), point)).toThrow("parameter 'missing'")
  })

  test('a nested series uses the values of its inputs', () => {
    const spread = operation('subtract', [close, operation('sma', [close], [param('length')])])
    const values = evaluateSeries(spread, candles, { length: 2 })
    expect(values).toEqual([NaN, 1, 0, -0.5, 2])
  })

  test('the four relations compare bar by bar', () => {
    const of = (condition: ReturnType<typeof above>) => evaluateCondition(condition, operands)
    expect(of(above(close, open))).toEqual(bits('01001'))
    expect(of(below(close, open))).toEqual(bits('00010'))
    expect(of(atLeast(close, open))).toEqual(bits('11101'))
    expect(of(atMost(close, 3))).toEqual(bits('11110'))
  })

  test('NaN compares false, so its negation is true', () => {
    const late = atLeast(operation('lag', [close], [2]), 0)
    expect(evaluateCondition(late, operands)).toEqual(bits('00111'))
    expect(evaluateCondition(not(late), operands)).toEqual(bits('11000'))
  })

  test('and, or combine bits', () => {
    const up = above(close, open)
    const low = atMost(close, 3)
    expect(evaluateCondition(and(up, low), operands)).toEqual(bits('01000'))
    expect(evaluateCondition(or(up, low), operands)).toEqual(bits('11111'))
  })

  test('a cross needs the other side or equality on the bar before', () => {
    expect(evaluateCondition(crossesAbove(close, open), operands)).toEqual(bits('01001'))
    expect(evaluateCondition(crossesBelow(close, open), operands)).toEqual(bits('00010'))
    expect(evaluateCondition(crossesAbove(close, 2), operands)).toEqual(bits('01001'))
  })

  test('a cross needs both bars defined', () => {
    const late = operation('lag', [close], [1])
    expect(evaluateCondition(crossesAbove(late, 0), operands)).toEqual(bits('00000'))
    expect(evaluateCondition(crossesAbove(late, 1), operands)).toEqual(bits('00100'))
  })
})
