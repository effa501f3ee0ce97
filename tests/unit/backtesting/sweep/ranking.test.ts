import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { createGrid } from '../../../../src/backtesting/sweep/grid.ts'
import { Ranking } from '../../../../src/backtesting/sweep/ranking.ts'
import { METRICS, type MetricName } from '../../../../src/core/metrics.ts'

const grid = createGrid({
  sweep: 's',
  params: ['x'],
  axes: [{ name: 'x', integer: true, values: { from: 0, to: 999, step: 1 } }],
  combinationsMax: 1000,
})

function rankingOf(
  objective: MetricName,
  top: number,
  constraints: readonly string[] = [],
): Ranking {
  return new Ranking({ grid, objective, constraints, top })
}

function row(values: Partial<Record<MetricName, number>>): Float64Array {
  return Float64Array.from(METRICS, (name) => values[name] ?? 0)
}

const ranked = (ranking: Ranking) => ranking.list().map(({ params }) => params.x)

describe('a ranking', () => {
  test('prop: equals sorting all rows, whatever the order of arrival', () => {
    const score = fc.oneof(fc.integer({ min: -5, max: 5 }), fc.constant(Number.NaN))
    const rows = fc.array(fc.tuple(score, fc.integer()), { maxLength: 200 })
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 30 }), (scores, top) => {
        const ranking = rankingOf('sharpe', top)
        const arrival = scores.map(([sharpe, shuffle], index) => ({ index, sharpe, shuffle }))
        for (const { index, sharpe } of arrival.toSorted((a, b) => a.shuffle - b.shuffle)) {
          ranking.add(index, row({ sharpe }), 0)
        }
        const sorted = arrival.toSorted(
          (a, b) => orLowest(b.sharpe) - orLowest(a.sharpe) || a.index - b.index,
        )
        expect(ranked(ranking)).toEqual(sorted.slice(0, top).map(({ index }) => index))
      }),
    )
  })

  test('puts the lowest first where less is better', () => {
    const ranking = rankingOf('max_drawdown', 2)
    for (const [i, drawdown] of [0.5, 0.1, Number.NaN, 0.3].entries()) {
      ranking.add(i, row({ max_drawdown: drawdown }), 0)
    }
    expect(ranked(ranking)).toEqual([1, 3])
  })

  test('ranks and counts only rows that satisfy every constraint', () => {
    const ranking = rankingOf('sharpe', 5, ['trades >= 30', 'max_drawdown < 0.5'])
    ranking.add(0, row({ sharpe: 9, trades: 29 }), 0)
    ranking.add(1, row({ sharpe: 1, trades: 30 }), 0)
    ranking.add(2, row({ sharpe: 8, trades: 50, max_drawdown: 0.6 }), 0)
    ranking.add(3, row({ sharpe: 7, trades: 50, max_drawdown: Number.NaN }), 0)
    expect(ranked(ranking)).toEqual([1])
    expect(ranking.eligible).toBe(1)
  })

  test('lets constraints speak of parameters too', () => {
    const ranking = rankingOf('sharpe', 5, ['x > 3 and sharpe < 10'])
    for (const [x, sharpe] of [
      [3, 1],
      [4, 2],
      [5, 11],
    ] as const)
      ranking.add(x, row({ sharpe }), 0)
    expect(ranked(ranking)).toEqual([4])
  })

  test('numbers ranks from 1 and turns NaN into null', () => {
    const ranking = rankingOf('sharpe', 5)
    ranking.add(7, row({ sharpe: 1, calmar: Number.NaN }), 0)
    const [first] = ranking.list()
    expect(first).toMatchObject({ rank: 1, params: { x: 7 }, metrics: { sharpe: 1, calmar: null } })
  })

  test('refuses a constraint with an unknown metric before anything runs', () => {
    expect(() => rankingOf('sharpe', 5, ['trads >= 30'])).toThrow(/trades/)
  })

  test('reads the row it is told to of a table', () => {
    const ranking = rankingOf('sharpe', 1)
    ranking.add(4, Float64Array.from([...row({ sharpe: 5 }), ...row({ sharpe: 6 })]), 1)
    expect(ranking.list()[0]?.metrics.sharpe).toBe(6)
  })
})

function orLowest(value: number): number {
  return Number.isNaN(value) ? -1e9 : value
}
