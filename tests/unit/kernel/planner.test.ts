import { describe, expect, test } from 'bun:test'
import { ConstantIds, ExactKeys } from '../../../src/kernel/exact-keys.ts'
import {
  above,
  and,
  CANDLE_SYMBOLS,
  operation,
  param,
  type Scalar,
  scalar,
} from '../../../src/kernel/expression.ts'
import { planPoints } from '../../../src/kernel/planner.ts'

describe('ExactKeys', () => {
  test('keeps 48 codes of 40 first and 40 second ids apart, also ids near their bound', () => {
    const keys = new ExactKeys<string>()
    const ids = Array.from({ length: 40 }, (_, i) => (i < 20 ? i : 16_777_215 - i))
    for (let code = 0; code < 48; code++) {
      for (const first of ids) {
        for (const second of ids) {
          expect(keys.get(code, first, second)).toBeUndefined()
          keys.set(code, first, second, `${code} ${first} ${second}`)
        }
      }
    }
    expect(keys.size).toBe(48 * 40 * 40)
    expect(keys.get(40, ids[39] as number, 7)).toBe(`40 ${ids[39]} 7`)
  })
})

test('ConstantIds tells -0 from 0 and knows NaN again', () => {
  const constants = new ConstantIds()
  const ids = [0, -0, Number.NaN, 1, Number.NaN, -0, 0].map((value) => constants.idOf(value))
  expect(ids).toEqual([0, 1, 2, 3, 2, 1, 0])
  expect(Object.is(constants.values[1], -0)).toBe(true)
})

test('a plan of nodes that are shared 60 times over has one instruction each', () => {
  const { close } = CANDLE_SYMBOLS
  let period: Scalar = param('n')
  let source = close
  for (let i = 0; i < 60; i++) {
    period = scalar('max', period, period)
    source = operation('add', [source, source])
  }
  let condition = above(operation('sma', [source], [period]), 1) as Parameters<typeof and>[0]
  for (let i = 0; i < 60; i++) condition = and(condition, condition)
  const signals = { enterLong: condition, exitLong: condition }
  const started = performance.now()
  const plan = planPoints({ params: ['n'], signals }, Float64Array.of(3, 4))
  expect(performance.now() - started).toBeLessThan(1_000)
  // 60 sums once, and per point an average; one constant column.
  expect(plan.words[0]).toBe(63)
})
