import { describe, expect, test } from 'bun:test'
import { ConfigError } from '../../../src/core/errors.ts'
import {
  candlesOpeningIn,
  ceilToGrid,
  divides,
  floorToGrid,
  isAligned,
  parseInterval,
} from '../../../src/core/intervals.ts'

describe('interval grids', () => {
  test('weeks start on Monday 00:00 UTC', () => {
    const week = parseInterval('1w')
    const monday = Date.parse('2024-01-01')
    expect(isAligned(monday, week)).toBe(true)
    expect(isAligned(Date.parse('2024-01-04'), week)).toBe(false)
    expect(floorToGrid(Date.parse('2024-01-07T23:59Z'), week)).toBe(monday)
    expect(floorToGrid(monday, week)).toBe(monday)
  })

  test('floor and ceil meet on the grid and enclose a time off it', () => {
    const grid = parseInterval('4h')
    const time = Date.parse('2024-01-01T05:00Z')
    expect(floorToGrid(time, grid)).toBe(Date.parse('2024-01-01T04:00Z'))
    expect(ceilToGrid(time, grid)).toBe(Date.parse('2024-01-01T08:00Z'))
    expect(ceilToGrid(Date.parse('2024-01-01T08:00Z'), grid)).toBe(Date.parse('2024-01-01T08:00Z'))
    expect(ceilToGrid(Date.parse('2024-01-02'), parseInterval('1w'))).toBe(Date.parse('2024-01-08'))
  })

  test('the last week that opens in a month ends in the next one', () => {
    const january = { fromMs: Date.parse('2024-01-02'), toMs: Date.parse('2024-02-01') }
    expect(candlesOpeningIn(january, parseInterval('1w'))).toEqual({
      fromMs: Date.parse('2024-01-08'),
      toMs: Date.parse('2024-02-05'),
    })
  })

  test.each([
    ['1h', '4h', true],
    ['1d', '1w', true],
    ['4h', '1w', true],
    ['3d', '1w', false],
    ['4h', '6h', false],
    ['1h', '1h', false],
    ['2d', '2w', true],
    ['1w', '2w', true],
  ])('%s divides %s: %p', (fine, coarse, expected) => {
    expect(divides(parseInterval(fine), parseInterval(coarse))).toBe(expected)
  })

  test('refuses what is not an interval', () => {
    expect(() => parseInterval('1x')).toThrow(ConfigError)
    expect(() => parseInterval('0h')).toThrow(/1m, 15m, 4h, 1d or 1w/)
  })
})
