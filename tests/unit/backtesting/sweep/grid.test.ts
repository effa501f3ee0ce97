import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { createAxis } from '../../../../src/backtesting/sweep/axis.ts'
import type { AxisSpec } from '../../../../src/backtesting/sweep/axis-spec.ts'
import { createGrid, pointRecord, writePoint } from '../../../../src/backtesting/sweep/grid.ts'
import { ConfigError } from '../../../../src/core/errors.ts'

const valuesOf = (values: AxisSpec, integer = false) => [
  ...createAxis({ name: 'x', integer, values }, 'sweeps.s.params.x').values,
]

describe('a range by step', () => {
  test('includes `to` when a whole number of steps reaches it', () => {
    expect(valuesOf({ from: 10, to: 50, step: 20 })).toEqual([10, 30, 50])
    expect(valuesOf({ from: 10, to: 49, step: 20 })).toEqual([10, 30])
    expect(valuesOf({ from: 5, to: 5, step: 1 })).toEqual([5])
  })

  test('steps in decimals without drift', () => {
    expect(valuesOf({ from: 0, to: 1, step: 0.1 })).toEqual([
      0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1,
    ])
    expect(valuesOf({ from: -0.3, to: 0.3, step: 0.15 })).toEqual([-0.3, -0.15, 0, 0.15, 0.3])
    expect(valuesOf({ from: 1e-7, to: 3e-7, step: 1e-7 })).toEqual([1e-7, 2e-7, 3e-7])
  })

  test('prop: every value is the double nearest to its decimal', () => {
    const hundredths = fc.integer({ min: -100_000, max: 100_000 })
    fc.assert(
      fc.property(hundredths, fc.integer({ min: 1, max: 500 }), fc.nat(200), (from, step, n) => {
        const to = from + n * step
        const values = valuesOf({ from: from / 100, to: to / 100, step: step / 100 })
        expect(values).toEqual(
          Array.from({ length: n + 1 }, (_, i) => Number(`${from + i * step}e-2`)),
        )
      }),
    )
  })
})

describe('a range by count', () => {
  test('spaces evenly, both ends included', () => {
    expect(valuesOf({ from: 0.1, to: 0.5, count: 5 })).toEqual([0.1, 0.2, 0.3, 0.4, 0.5])
    expect(valuesOf({ from: 1, to: 2, count: 3, scale: 'linear' })).toEqual([1, 1.5, 2])
    expect(valuesOf({ from: 7, to: 9, count: 1 })).toEqual([7])
  })

  test('spaces by equal ratios on a log scale', () => {
    expect(valuesOf({ from: 1, to: 1000, count: 4, scale: 'log' })).toEqual([1, 10, 100, 1000])
    expect(valuesOf({ from: 0.01, to: 1, count: 3, scale: 'log' })).toEqual([0.01, 0.1, 1])
    expect(valuesOf({ from: 3, to: 3, count: 2, scale: 'log' })).toEqual([3, 3])
  })

  test('rounds integers and drops duplicates', () => {
    expect(valuesOf({ from: 1, to: 10, count: 12, scale: 'log' }, true)).toEqual([
      1, 2, 3, 4, 5, 7, 8, 10,
    ])
    expect(valuesOf({ from: 0, to: 3, count: 9 }, true)).toEqual([0, 1, 2, 3])
  })

  test('prop: log values rise with one ratio from end to end', () => {
    const positive = fc.double({ min: 1e-3, max: 1e6, noNaN: true })
    fc.assert(
      fc.property(
        positive,
        fc.double({ min: 1.5, max: 1e4, noNaN: true }),
        fc.integer({ min: 3, max: 60 }),
        (from, factor, count) => {
          const values = valuesOf({ from, to: from * factor, count, scale: 'log' })
          const ratio = factor ** (1 / (count - 1))
          expect(values[0]).toBe(from)
          expect(values.at(-1)).toBe(from * factor)
          for (let i = 1; i < count; i++) {
            const found = (values[i] as number) / (values[i - 1] as number)
            expect(Math.abs(found / ratio - 1)).toBeLessThan(1e-10)
          }
        },
      ),
    )
  })
})

describe('an axis', () => {
  test('takes a list in its own order, and a single value', () => {
    expect(valuesOf([30, 10, 20])).toEqual([30, 10, 20])
    expect(valuesOf(14)).toEqual([14])
  })

  const refusals: readonly [string, AxisSpec, boolean, RegExp][] = [
    ['step 0', { from: 1, to: 2, step: 0 }, false, /step must be greater than 0, was 0/],
    ['a negative step', { from: 1, to: 2, step: -1 }, false, /step must be greater than 0, was -1/],
    [
      'from > to',
      { from: 5, to: 2, step: 1 },
      false,
      /from must not be greater than to, was from 5 to 2\. Swap/,
    ],
    [
      'count 0',
      { from: 1, to: 2, count: 0 },
      false,
      /count must be a whole number of at least 1, was 0/,
    ],
    ['a fractional count', { from: 1, to: 2, count: 2.5 }, false, /count must be a whole number/],
    ['an empty list', [], false, /the list of values is empty/],
    ['a list with NaN', [1, Number.NaN], false, /every value must be a finite number, found NaN/],
    [
      'an infinite end',
      { from: 0, to: Number.POSITIVE_INFINITY, step: 1 },
      false,
      /must be finite/,
    ],
    [
      'a log scale from 0',
      { from: 0, to: 1, count: 3, scale: 'log' },
      false,
      /from must be greater than 0 on a log scale/,
    ],
    [
      'fractions for an integer',
      [1, 2.5],
      true,
      /whole numbers because the parameter is an integer, found 2\.5/,
    ],
    [
      'a fractional step for an integer',
      { from: 1, to: 3, step: 0.5 },
      true,
      /from and step must be whole numbers/,
    ],
    ['a value twice', [1, 2, 1], false, /value 1 stands in the list twice/],
  ]
  for (const [what, values, integer, message] of refusals) {
    test(`refuses ${what}`, () => {
      expect(() => valuesOf(values, integer)).toThrow(message)
      expect(() => valuesOf(values, integer)).toThrow(ConfigError)
      expect(() => valuesOf(values, integer)).toThrow(/^sweeps\.s\.params\.x: /)
    })
  }

  test('refuses a single range of 10^12 values without listing them', () => {
    expect(() => valuesOf({ from: 0, to: 1, step: 1e-12 })).toThrow(/this range has 1000000000001/)
  })
})

describe('a grid', () => {
  const axes = [
    { name: 'slow', integer: true, values: { from: 1, to: 3, step: 1 } },
    { name: 'fast', integer: true, values: [7, 8] },
  ]
  const request = { sweep: 's', params: ['fast', 'slow'], axes, combinationsMax: 100 }

  test('orders axes as the program orders parameters, the last varying fastest', () => {
    const grid = createGrid(request)
    expect(grid.size).toBe(6)
    const points = Array.from({ length: 6 }, (_, i) => Object.values(pointRecord(grid, i)))
    expect(points).toEqual([
      [7, 1],
      [7, 2],
      [7, 3],
      [8, 1],
      [8, 2],
      [8, 3],
    ])
  })

  test('writes a point at an offset', () => {
    const out = new Float64Array(4)
    writePoint(createGrid(request), 4, out, 2)
    expect([...out]).toEqual([0, 0, 8, 2])
  })

  test('refuses an unknown parameter with a suggestion, and a missing one', () => {
    const slwo = [{ name: 'slwo', integer: true, values: 1 }]
    expect(() => createGrid({ ...request, axes: slwo })).toThrow(
      /no parameter 'slwo'\. Did you mean 'slow'\?/,
    )
    expect(() => createGrid({ ...request, axes: axes.slice(1) })).toThrow(
      'sweeps.s.params.slow: the parameter needs a value.',
    )
    expect(() => createGrid({ ...request, params: [], axes: [] })).toThrow(/no parameters to sweep/)
  })

  test('refuses more combinations than the limit', () => {
    expect(() => createGrid({ ...request, combinationsMax: 5 })).toThrow(
      'the grid has 6 combinations (fast 2 × slow 3), the limit is 5.',
    )
  })
})
