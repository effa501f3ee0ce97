import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { columnDependencies, countColumns } from '../../../../src/backtesting/sweep/columns.ts'
import type { Grid } from '../../../../src/backtesting/sweep/grid.ts'
import {
  createTiling,
  describeTile,
  forEachPoint,
} from '../../../../src/backtesting/sweep/tiles.ts'
import {
  above,
  and,
  below,
  CANDLE_SYMBOLS,
  crossesAbove,
  not,
  operation,
  param,
  type Series,
  scalar,
} from '../../../../src/kernel/expression.ts'
import { paramsReachingColumns } from '../../../../src/kernel/program.ts'

function gridOf(sides: readonly number[]): Grid {
  const axes = sides.map((side, i) => ({
    name: `p${i}`,
    integer: true,
    values: Float64Array.from({ length: side }, (_, v) => v),
  }))
  return { axes, size: sides.reduce((product, side) => product * side, 1) }
}

describe('tiles', () => {
  test('prop: every grid point is in exactly one tile, rising within it', () => {
    const sides = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 })
    const columns = fc.array(fc.integer({ min: 0, max: 3 }))
    fc.assert(
      fc.property(
        sides,
        columns,
        fc.integer({ min: 1, max: 400 }),
        (shape, reaching, blockPoints) => {
          const grid = gridOf(shape)
          const columnParams = new Set(reaching.map((i) => `p${i}`))
          const tiling = createTiling({ grid, columnParams, blockPoints })
          const seen = new Uint8Array(grid.size)
          for (let tile = 0; tile < tiling.size; tile++) {
            let count = 0
            let previous = -1
            forEachPoint(tiling, tile, (index) => {
              expect(index).toBeGreaterThan(previous)
              previous = index
              seen[index] = (seen[index] as number) + 1
              count++
            })
            expect(count).toBeGreaterThan(0)
            expect(count).toBeLessThanOrEqual(blockPoints)
          }
          expect(seen.every((times) => times === 1)).toBe(true)
        },
      ),
    )
  })

  test('take threshold axes whole and grow the others evenly', () => {
    const columnParams = new Set(['p0', 'p1'])
    const tiling = createTiling({ grid: gridOf([120, 98, 8]), columnParams, blockPoints: 2048 })
    expect(tiling.tileSides).toEqual([15, 14, 8])
    expect(tiling.size).toBe(8 * 7)
  })

  test('stop growing where the columns no longer fit', () => {
    const columnParams = new Set(['p0', 'p1'])
    const fits = ([a = 0, b = 0]: readonly number[]) => a + b <= 10
    const tiling = createTiling({ grid: gridOf([50, 50]), columnParams, blockPoints: 2048, fits })
    expect(tiling.tileSides).toEqual([5, 5])
  })

  test('are named by the ranges of their parameters', () => {
    const grid = gridOf([10, 1, 4])
    const tiling = createTiling({ grid, columnParams: new Set(['p0']), blockPoints: 8 })
    expect(describeTile(grid, tiling, 1)).toBe('Tile 2 of 5 (p0 2 to 3, p1 0, p2 0 to 3)')
  })
})

describe('the columns of a program', () => {
  const { close, high } = CANDLE_SYMBOLS
  const fast = operation('sma', [close], [param('fast')])
  const band = operation('add', [
    operation('sma', [close], [param('length')]),
    operation(
      'scale',
      [operation('std_dev', [close], [param('length')])],
      [scalar('multiply', param('width'), 2)],
    ),
  ])
  const program = {
    params: ['fast', 'length', 'width', 'limit', 'unused'],
    signals: {
      enterLong: and(crossesAbove(fast, band), not(above(high, scalar('add', param('limit'), 1)))),
      exitLong: below(operation('sma', [close], [param('fast')]), band),
    },
  }

  test('are reached by periods and multipliers, not by thresholds', () => {
    expect(paramsReachingColumns(program)).toEqual(new Set(['fast', 'length', 'width']))
  })

  test('count equal nodes once, and one column per combination of the values that reach a node', () => {
    const dependencies = columnDependencies(program)
    expect(dependencies).toHaveLength(5)
    const sides: Record<string, number> = { fast: 10, length: 3, width: 4 }
    // sma(fast), sma(length), std_dev(length), scale(length, width), add(length, width)
    expect(countColumns(dependencies, (name) => sides[name] ?? 1)).toBe(10 + 3 + 3 + 12 + 12)
  })

  test('are found in a graph that reaches each node in many ways', () => {
    let doubled: Series = fast
    for (let i = 0; i < 200; i++) doubled = operation('add', [doubled, doubled])
    const shared = { enterLong: above(close, doubled), exitLong: below(close, doubled) }
    expect(columnDependencies({ params: ['fast'], signals: shared })).toHaveLength(201)
  })

  test('tell a number from a node', () => {
    const differ = [1, 2, 3].map((period) => operation('sma', [close], [period]))
    const [one, two, three] = differ as [Series, Series, Series]
    const signals = { enterLong: above(one, two), exitLong: below(two, three) }
    expect(columnDependencies({ params: [], signals })).toHaveLength(3)
  })
})
