import { describe, expect, test } from 'bun:test'
import { firstFrom } from '../../../src/core/sorted-times.ts'

describe('firstFrom', () => {
  test.each([
    [-1, 0],
    [10, 0],
    [11, 1],
    [30, 2],
    [31, 3],
  ])('of 10, 20, 30 the first that is not before %i is number %i', (time, index) => {
    expect(firstFrom([10, 20, 30], time)).toBe(index)
  })
})
