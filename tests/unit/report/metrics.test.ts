import { describe, expect, test } from 'bun:test'
import { METRICS } from '../../../src/core/metrics.ts'
import { decimalString, metricsJson } from '../../../src/report/metrics.ts'
import { METRICS_OF_HOLDING, METRICS_OF_STRATEGY } from './fixtures.ts'

describe('metrics in documents', () => {
  test('are all there, money as decimal strings, null for not computable', () => {
    const json = metricsJson(METRICS_OF_HOLDING)
    expect(Object.keys(json)).toEqual([...METRICS])
    expect(json.fees).toBe('10')
    expect(json.final_equity).toBe('24803.12')
    expect(json.win_rate).toBeNull()
    expect(json.sharpe).toBe(1.2104)
  })

  test('have no infinity', () => {
    const metrics = { ...METRICS_OF_STRATEGY, profit_factor: Number.POSITIVE_INFINITY }
    expect(metricsJson(metrics).profit_factor).toBeNull()
  })
})

describe('decimalString', () => {
  test.each([
    [10000, '10000'],
    [0.1, '0.1'],
    [-1612.0433, '-1612.0433'],
    [1e-8, '0.00000001'],
    [-1.5e-7, '-0.00000015'],
    [1e21, '1000000000000000000000'],
    [1.25e22, '12500000000000000000000'],
    [0, '0'],
  ])('writes %p as %p', (value, text) => {
    expect(decimalString(value)).toBe(text)
    expect(Number(text)).toBe(value)
  })

  test('loses nothing and has no exponent', () => {
    for (let i = 0; i < 2000; i++) {
      const value = Math.sin(i) * 10 ** ((i % 50) - 25)
      const text = decimalString(value) as string
      expect(Number(text)).toBe(value)
      expect(text).toMatch(/^-?\d+(\.\d+)?$/)
    }
  })

  test('is null for what is not a number', () => {
    expect(decimalString(null)).toBeNull()
    expect(decimalString(Number.NaN)).toBeNull()
  })
})
