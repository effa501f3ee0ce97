import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { holds } from '../../../../src/backtesting/sweep/formula.ts'
import { createGrid, pointRecord } from '../../../../src/backtesting/sweep/grid.ts'
import { findSurvivors, rankOf, survives } from '../../../../src/backtesting/sweep/survivors.ts'

function gridOf(sideA: number, sideB: number) {
  const axis = (name: string, side: number) => ({
    name,
    integer: true,
    values: { from: 0, to: side - 1, step: 1 },
  })
  const axes = [axis('a', sideA), axis('b', sideB)]
  return createGrid({ sweep: 's', params: ['a', 'b'], axes, combinationsMax: 1e6 })
}

describe('survivors of a condition', () => {
  test('prop: are the points that satisfy it, numbered in canonical order', async () => {
    const side = fc.integer({ min: 1, max: 40 })
    await fc.assert(
      fc.asyncProperty(side, side, fc.integer({ min: -40, max: 40 }), async (sideA, sideB, gap) => {
        const grid = gridOf(sideA, sideB)
        const wanted = Array.from({ length: grid.size }, (_, i) => i).filter((index) => {
          const { a, b } = pointRecord(grid, index) as { a: number; b: number }
          return a + gap <= b
        })
        fc.pre(wanted.length > 0)
        const where = `a + ${gap} <= b`
        const survivors = await findSurvivors({ sweep: 's', grid, where })
        const found = Array.from({ length: grid.size }, (_, i) => i).filter((index) =>
          survives(survivors.bits, index),
        )
        expect(found).toEqual(wanted)
        expect(survivors.count).toBe(wanted.length)
        expect(wanted.map((index) => rankOf(survivors, index))).toEqual([...wanted.keys()])
      }),
    )
  })

  test('are all points without a condition, and hold no memory', async () => {
    const survivors = await findSurvivors({ sweep: 's', grid: gridOf(3, 4), where: undefined })
    expect(survivors).toEqual({ count: 12, bits: null, ranks: null })
    expect(rankOf(survivors, 7)).toBe(7)
  })

  test('leave out points for which the condition is not computable', () => {
    expect([holds(1), holds(-2), holds(0), holds(Number.NaN)]).toEqual([true, true, false, false])
  })

  test('stop being sought when interrupted', async () => {
    const request = { sweep: 's', grid: gridOf(3, 4), where: 'a < b', signal: AbortSignal.abort() }
    await expect(findSurvivors(request)).rejects.toThrow(/interrupted before its first combination/)
  })
})
