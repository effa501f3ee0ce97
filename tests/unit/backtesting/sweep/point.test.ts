import { describe, expect, test } from 'bun:test'
import { pointOfSweep } from '../../../../src/backtesting/sweep/index.ts'

const request = {
  sweep: 'grid',
  params: ['fast', 'slow', 'fixed'],
  axes: [
    { name: 'slow', integer: true, values: [50, 20, 30] },
    { name: 'fast', integer: true, values: { from: 2, to: 31, step: 1 } },
    { name: 'fixed', integer: false, values: 0.5 },
  ],
  combinationsMax: 1_000,
  where: 'fast < slow',
}

describe('a point of a sweep', () => {
  test('has the given values and what the sweep does not vary', () => {
    expect(pointOfSweep(request, { slow: 20, fast: 3 })).toEqual({
      params: { fast: 3, slow: 20, fixed: 0.5 },
      outside: undefined,
    })
  })

  test('needs every swept parameter', () => {
    expect(() => pointOfSweep(request, { fixed: 0.5 })).toThrow(
      expect.objectContaining({
        code: 'PARAM_MISSING',
        exitCode: 2,
        message:
          '--sweep grid: a point needs a value for every swept parameter. Missing: fast (2 to 31), slow (20 to 50). Add them, such as --set fast=2 slow=50',
      }),
    )
  })

  test.each([
    [{ fast: 1, slow: 20 }, 'fast=1 is not one of its values (2 to 31)'],
    [{ fast: 2, slow: 21 }, 'slow=21 is not one of its values (20 to 50)'],
    [{ fast: 2, slow: 20, fixed: 1 }, 'fixed=1 is not one of its values (0.5)'],
    [{ fast: 30, slow: 20 }, 'where excludes it (fast < slow)'],
  ])('%j says why it is none', (given, outside) => {
    expect(pointOfSweep(request, given)).toMatchObject({ params: given, outside })
  })
})
