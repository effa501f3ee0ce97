import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import {
  findCanonicalInterval,
  findEpochMs,
  findIntervalMs,
  formatInstant,
} from '../../../src/core/units.ts'

describe('findIntervalMs', () => {
  test.each([
    ['1m', 60_000],
    ['15m', 900_000],
    ['1h', 3_600_000],
    ['4h', 14_400_000],
    ['1d', 86_400_000],
    ['1w', 604_800_000],
  ])('%s is %d ms', (text, ms) => {
    expect(Number(findIntervalMs(text))).toBe(ms)
  })

  test.each(['', '0m', '01h', '1', 'h', '1M', '1 h', '-1h', '1.5h', '1hour', 'h1', '1h\n'])(
    'refuses %p',
    (text) => {
      expect(findIntervalMs(text)).toBeUndefined()
    },
  )

  test('refuses a length that is not an exact integer of milliseconds', () => {
    expect(findIntervalMs(`${'9'.repeat(20)}m`)).toBeUndefined()
    expect(findIntervalMs(`${'9'.repeat(400)}w`)).toBeUndefined()
  })
})

describe('findEpochMs', () => {
  test.each([
    ['1970-01-01', 0],
    ['2024-01-01', 1_704_067_200_000],
    ['2024-01-01T00:00', 1_704_067_200_000],
    ['2024-01-01T00:00:00Z', 1_704_067_200_000],
    ['2024-01-01T01:30:00.250', 1_704_072_600_250],
    ['2024-01-01T02:00:00+02:00', 1_704_067_200_000],
    ['2024-02-29', 1_709_164_800_000],
  ])('%s is %d', (text, ms) => {
    expect(Number(findEpochMs(text))).toBe(ms)
  })

  test.each([
    '',
    '2024',
    '2024-1-1',
    '2024-02-30',
    '2023-02-29',
    '2024-13-01',
    '2024-01-01T24:00',
    '2024-02-30T10:00Z',
    '2024-01-01T25:00',
    '2024-01-01 00:00',
    'yesterday',
    '1704067200000',
  ])('refuses %p', (text) => {
    expect(findEpochMs(text)).toBeUndefined()
  })

  test('reads back what formatInstant writes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_102_444_800_000 }), (ms) => {
        expect(Number(findEpochMs(formatInstant(ms)))).toBe(ms)
      }),
    )
  })
})

describe('formatInstant', () => {
  test('writes UTC, with milliseconds only when there are some', () => {
    expect(formatInstant(1_704_067_200_000)).toBe('2024-01-01T00:00:00Z')
    expect(formatInstant(1_704_067_200_005)).toBe('2024-01-01T00:00:00.005Z')
  })
})

test.each([
  ['1m', '1m'],
  ['90m', '90m'],
  ['60m', '1h'],
  ['24h', '1d'],
  ['168h', '1w'],
  ['14d', '2w'],
  ['36h', '36h'],
  ['0m', undefined],
  ['1y', undefined],
])('the interval %s in its largest unit is %p', (interval, canonical) => {
  expect(findCanonicalInterval(interval)).toBe(canonical)
})
