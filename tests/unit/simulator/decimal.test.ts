import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { CANDLE_COLUMNS } from '../../../src/core/candles.ts'
import { decimalsOf, decimalText, stepText } from '../../../src/simulator/decimal.ts'
import { sampleMarket } from '../../support/simulator.ts'

describe('decimalText', () => {
  test.each([
    [27210.36, '27210.36000000'],
    [0, '0.00000000'],
    [5, '5.00000000'],
    [0.00000001, '0.00000001'],
    [1.5e-9, '0.0000000015'],
    [1e21, '1000000000000000000000.00000000'],
    [1.25e22, '12500000000000000000000.00000000'],
    [0.1 + 0.2, '0.30000000000000004'],
  ])('writes %p as %p', (value, text) => {
    expect(decimalText(value)).toBe(text)
  })

  test('reads back as the same double, with at least eight decimals and no exponent', () => {
    const positive = fc.double({ min: 0, max: 1e24, noNaN: true })
    fc.assert(
      fc.property(positive, (value) => {
        const text = decimalText(value)
        expect(text).toMatch(/^\d+\.\d{8,}$/)
        expect(Number(text)).toBe(value)
      }),
    )
  })

  test('is exact for every price and volume of the sample', async () => {
    const market = await sampleMarket()
    for (const symbol of market.symbols) {
      const columns = await market.candles(symbol, '1h')
      const wrong = CANDLE_COLUMNS.flatMap((name) =>
        [...columns[name]].filter((value) => Number(decimalText(value)) !== value),
      )
      expect(columns.openTime.length).toBe(13_920)
      expect(wrong).toEqual([])
    }
  })
})

test('finds the fewest decimals that write all values', () => {
  expect(decimalsOf(Float64Array.of(1, 2.5), Float64Array.of(0.125))).toBe(3)
  expect(decimalsOf(Float64Array.of(1, 2))).toBe(0)
  expect(decimalsOf(Float64Array.of(0.00000001))).toBe(8)
})

test('writes a step', () => {
  expect([stepText(0), stepText(2), stepText(8)]).toEqual([
    '1.00000000',
    '0.01000000',
    '0.00000001',
  ])
})
