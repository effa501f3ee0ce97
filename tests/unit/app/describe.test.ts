import { describe, expect, test } from 'bun:test'
import { Type } from 'typebox'
import { catalogOf, describeStrategy } from '../../../src/app/describe.ts'
import { Registry } from '../../../src/core/registry.ts'
import {
  above,
  and,
  atMost,
  CANDLE_SYMBOLS,
  crossesBelow,
  not,
  operation,
  or,
  param,
  scalar,
} from '../../../src/kernel/expression.ts'
import { formatCondition } from '../../../src/kernel/format.ts'
import { defineStrategy } from '../../../src/kernel/strategy.ts'

const { close, high } = CANDLE_SYMBOLS

const DIP = defineStrategy({
  name: 'dip',
  description: 'Buys dips.',
  category: 'statistical',
  params: Type.Object({
    period: Type.Integer({ minimum: 2, maximum: 500, default: 20, description: 'bars' }),
    depth: Type.Number({ description: 'deviations' }),
  }),
  signals: ({ close }, p) => ({
    enterLong: crossesBelow(operation('z_score', [close], [p.period]), p.depth),
    exitLong: above(close, operation('sma', [close], [p.period])),
  }),
})

describe('describeStrategy', () => {
  test('shows parameters, warm-up and rules', () => {
    const view = describeStrategy(DIP, { source: 'built-in', warmupBars: 19 })
    expect(view).toEqual({
      name: 'dip',
      description: 'Buys dips.',
      category: 'statistical',
      source: 'built-in',
      params: [
        {
          ...{ name: 'period', type: 'integer', default: 20, minimum: 2, maximum: 500 },
          description: 'bars',
        },
        { name: 'depth', type: 'number', default: undefined, description: 'deviations' },
      ],
      warmupBars: 19,
      facts: [
        ['enter long', 'crosses_below(z_score(close, period), depth)'],
        ['exit long', 'close > sma(close, period)'],
      ],
    })
  })
})

describe('formatCondition', () => {
  test('brackets mixed logic and arithmetic', () => {
    const middle = operation('divide', [operation('add', [high, close]), close])
    const limit = scalar('max', param('a'), scalar('add', param('b'), 1))
    const condition = and(or(above(middle, 1), not(atMost(close, limit))), above(close, 0))
    expect(formatCondition(condition)).toBe(
      '(((high + close) / close) > 1 or not (close <= max(a, (b + 1)))) and close > 0',
    )
  })
})

describe('catalogOf', () => {
  const registry = new Registry<typeof DIP>('strategy')
  registry.register(DIP, 'plugins/strategies/dip.ts')
  const catalog = catalogOf(registry, (definition, source) =>
    describeStrategy(definition, { source, warmupBars: null }),
  )

  test('says where a definition comes from', () => {
    expect(catalog.list().map((view) => view.source)).toEqual(['plugins/strategies/dip.ts'])
  })

  test('suggests the nearest name', () => {
    expect(() => catalog.get('dipp')).toThrow("Did you mean 'dip'?")
  })
})
