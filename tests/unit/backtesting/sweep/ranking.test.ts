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
    const score = fc.oneof(
      fc.integer({ min: -2, max: 2 }),
      fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY),
    )
    const total = fc.integer({ min: -1, max: 1 })
    const rows = fc.array(fc.tuple(score, total, fc.integer()), { maxLength: 200 })
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 300 }), (scores, top) => {
        const ranking = rankingOf('sortino', top)
        const arrival = scores.map(([sortino, total_return, shuffle], index) => ({
          ...{ index, sortino, total_return, shuffle },
        }))
        for (const { index, sortino, total_return } of arrival.toSorted(
          (a, b) => a.shuffle - b.shuffle,
        )) {
          ranking.add(index, row({ sortino, total_return }), 0)
        }
        const sorted = arrival.toSorted(
          (a, b) =>
            placeOf(b.sortino) - placeOf(a.sortino) ||
            b.total_return - a.total_return ||
            a.index - b.index,
        )
        expect(ranked(ranking)).toEqual(sorted.slice(0, top).map(({ index }) => index))
        expect(ranking.withoutObjective).toBe(
          scores.filter(([sortino]) => Number.isNaN(sortino)).length,
        )
      }),
    )
  })

  test('puts a gain over no loss above every number, and counts it as satisfying a constraint', () => {
    const ranking = rankingOf('profit_factor', 5, ['profit_factor >= 1.5'])
    const rows = [
      [1, 1000, 0.9],
      [2, Number.POSITIVE_INFINITY, 0.1],
      [3, Number.NaN, 0],
      [4, Number.POSITIVE_INFINITY, 0.2],
      [5, Number.POSITIVE_INFINITY, 0.1],
      [6, 1.2, 3],
    ] as const
    for (const [x, profit_factor, total_return] of rows) {
      ranking.add(x, row({ profit_factor, total_return }), 0)
    }
    expect(ranked(ranking)).toEqual([4, 2, 5, 1])
    expect(ranking.list()[0]?.metrics.profit_factor).toBe(Number.POSITIVE_INFINITY)
    expect(ranking.undecided).toEqual([{ constraint: 'profit_factor >= 1.5', rows: 1 }])
  })

  test('counts the rows that only a missing value decides, per constraint', () => {
    const texts = ['trades >= 3', 'not (sharpe < 1)', 'sharpe > 0 or sqn > 0', 'calmar == calmar']
    const ranking = rankingOf('sharpe', 5, texts)
    const missing = Number.NaN
    ranking.add(0, row({ trades: 5, sharpe: 2, calmar: 1 }), 0)
    ranking.add(1, row({ trades: 2, sharpe: missing, calmar: 1 }), 0)
    ranking.add(2, row({ trades: 5, sharpe: missing, sqn: 1, calmar: 1 }), 0)
    ranking.add(3, row({ trades: 5, sharpe: missing, sqn: missing, calmar: 1 }), 0)
    ranking.add(4, row({ trades: 5, sharpe: 2, calmar: missing }), 0)
    ranking.add(5, row({ trades: 5, sharpe: 0.5, calmar: missing }), 0)
    expect(ranked(ranking)).toEqual([0, 2])
    expect(ranking.undecided).toEqual([
      { constraint: 'not (sharpe < 1)', rows: 2 },
      { constraint: 'sharpe > 0 or sqn > 0', rows: 1 },
      { constraint: 'calmar == calmar', rows: 1 },
    ])
    expect(ranking.withoutObjective).toBe(1)
  })

  test('lists all rows when more are asked for than there are', () => {
    const ranking = rankingOf('sharpe', 1000)
    for (const [x, sharpe] of [1, Number.NaN, 3].entries()) ranking.add(x, row({ sharpe }), 0)
    expect(ranking.list().map(({ rank, params }) => [rank, params.x])).toEqual([
      [1, 2],
      [2, 0],
      [3, 1],
    ])
  })

  test('breaks ties of a cost by the higher total return, too', () => {
    const ranking = rankingOf('fees', 3)
    for (const [x, total_return] of [0.1, 0.3, 0.2].entries()) {
      ranking.add(x, row({ fees: 5, total_return }), 0)
    }
    expect(ranked(ranking)).toEqual([1, 2, 0])
  })

  test('breaks ties last by the order of the grid, and after rows that have a total return', () => {
    const ranking = rankingOf('fees', 4)
    for (const [x, total_return] of [Number.NaN, 0.3, Number.NaN, 0.3].entries()) {
      ranking.add(x, row({ fees: 5, total_return }), 0)
    }
    expect(ranked(ranking)).toEqual([1, 3, 0, 2])
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

/** No row has an objective near these. */
function placeOf(value: number): number {
  if (Number.isNaN(value)) return -1e9
  return value === Number.POSITIVE_INFINITY ? 1e9 : value
}
