import { describe, expect, test } from 'bun:test'
import {
  bytes,
  count,
  decimal,
  duration,
  instant,
  money,
  paramValue,
  percent,
  plural,
  rate,
  signedPercent,
} from '../../../../src/report/terminal/format.ts'

describe('numbers', () => {
  test.each([
    [0.612, '+61.2%'],
    [-0.1234, '-12.3%'],
    [0, '0.0%'],
    [-0.0001, '0.0%'],
    [0.0001, '0.0%'],
    [12.5, '+1,250.0%'],
    [null, '-'],
    [Number.NaN, '-'],
    [Number.POSITIVE_INFINITY, 'inf%'],
  ])('shows a return of %p as %p', (ratio, text) => {
    expect(signedPercent(ratio)).toBe(text)
  })

  test('shows a share without a sign', () => {
    expect(percent(0.413)).toBe('41.3%')
  })

  test.each([
    [16120.43, '16,120.43'],
    [-1234567.891, '-1,234,567.89'],
    [999.999, '1,000.00'],
    [-0.001, '0.00'],
  ])('shows money of %p as %p', (value, text) => {
    expect(money(value)).toBe(text)
  })

  test('separates thousands of counts', () => {
    expect(count(17544)).toBe('17,544')
    expect(count(999)).toBe('999')
    expect(decimal(1.005, 1)).toBe('1.0')
  })

  test.each([
    [12_400, '12.4k'],
    [1_204_321_000, '1.20G'],
    [217_000_000, '217M'],
    [999.6, '1.00k'],
    [999_600, '1.00M'],
    [9.994, '9.99'],
    [0, '0'],
    [3.1e12, '3.10T'],
  ])('shows a rate of %p with three digits: %p', (value, text) => {
    expect(rate(value)).toBe(text)
  })

  test('shows sizes in decimal units', () => {
    expect(bytes(142_300_160)).toBe('142 MB')
    expect(bytes(512)).toBe('512 B')
    expect(bytes(1536)).toBe('1.54 kB')
  })

  test('writes parameters as a user types them', () => {
    expect(paramValue(0.1 + 0.2)).toBe('0.3')
    expect(paramValue(37)).toBe('37')
  })

  test('agrees nouns with their number', () => {
    expect(plural(1, 'hole')).toBe('1 hole')
    expect(plural(2000, 'hole')).toBe('2,000 holes')
  })
})

describe('times', () => {
  test.each([
    [0.412, '412 ms'],
    [0.9999, '1.0 s'],
    [3.5, '3.5 s'],
    [59.96, '1 m 00 s'],
    [124, '2 m 04 s'],
    [3600, '1 h 00 m'],
    [3720, '1 h 02 m'],
    [273_600, '3 d 04 h'],
  ])('shows %p seconds as %p', (seconds, text) => {
    expect(duration(seconds)).toBe(text)
  })

  test('leaves midnight out of an instant', () => {
    expect(instant(Date.UTC(2024, 0, 1))).toBe('2024-01-01')
    expect(instant(Date.UTC(2024, 0, 1, 13, 5))).toBe('2024-01-01 13:05')
  })
})
