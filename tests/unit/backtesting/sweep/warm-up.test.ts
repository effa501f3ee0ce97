import { describe, expect, test } from 'bun:test'
import { sweepWarmUp } from '../../../../src/backtesting/sweep/warm-up.ts'

const request = {
  sweep: 's',
  params: ['fast', 'slow'],
  axes: [
    { name: 'fast', integer: true, values: [5, 40, 2] },
    { name: 'slow', integer: true, values: { from: 10, to: 30, step: 10 } },
  ],
  combinationsMax: 100,
}

describe('the warm-up of a sweep', () => {
  test('is the longest of all points, whichever end of an axis it lies at', () => {
    const warmUp = sweepWarmUp(request, ([fast = 0, slow = 0]) => ({
      lookbackBars: slow - fast,
      warmupBars: Math.max(fast, slow),
    }))
    expect(warmUp).toEqual({ lookbackBars: 28, warmupBars: 40 })
  })

  test('asks each corner once', () => {
    const asked: string[] = []
    sweepWarmUp(request, (point) => {
      asked.push(point.join())
      return { lookbackBars: 0, warmupBars: 0 }
    })
    expect(asked.sort()).toEqual(['2,10', '2,30', '40,10', '40,30'])
  })

  test('refuses a grid that is too large before it asks', () => {
    const never = () => {
      throw new Error('not asked')
    }
    expect(() => sweepWarmUp({ ...request, combinationsMax: 8 }, never)).toThrow(/9 combinations/)
  })
})
