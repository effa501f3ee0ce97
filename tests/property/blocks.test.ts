import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import fc from 'fast-check'
import { METRICS } from '../../src/core/metrics.ts'
import { compileSignals, type SignalProgram } from '../../src/kernel/program.ts'
import { marketCases, marketOf } from './candles.ts'
import { kernel } from './kernel.ts'
import { type GeneratedPoint, points, signals, strategyOf } from './strategies.ts'

setDefaultTimeout(60_000)

/** Points as one row-major table in the program's order. */
function pack(program: SignalProgram, table: readonly GeneratedPoint[]): Float64Array {
  return Float64Array.from(
    table.flatMap((point) => program.params.map((name) => point[name as keyof GeneratedPoint])),
  )
}

/** Result rows as bit patterns, so that NaN equals NaN and -0 does not equal 0. */
function rowsOf(program: SignalProgram, table: readonly GeneratedPoint[]): bigint[][] {
  const bits = new BigUint64Array(kernel.runPoints(program, pack(program, table)).slice().buffer)
  expect(bits.length).toBe(table.length * METRICS.length)
  return table.map((_, row) => [...bits.subarray(row * METRICS.length, (row + 1) * METRICS.length)])
}

/** Cuts `table` into consecutive blocks whose sizes repeat `sizes`. */
function blocksOf<T>(table: readonly T[], sizes: readonly number[]): T[][] {
  const blocks: T[][] = []
  for (let at = 0, i = 0; at < table.length; i++) {
    const size = sizes[i % sizes.length]!
    blocks.push(table.slice(at, at + size))
    at += size
  }
  return blocks
}

const tables = fc.array(points, { minLength: 1, maxLength: 40 })
const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 })

describe('a row does not depend on the rows beside it', () => {
  test('prop_blocks: one big call equals many small ones, bit for bit', () => {
    fc.assert(
      fc.property(marketCases(), signals, tables, sizes, (made, generated, table, cuts) => {
        const program = compileSignals(strategyOf(generated))
        kernel.setMarket(marketOf(made))
        const whole = rowsOf(program, table)
        const parts = blocksOf(table, cuts).flatMap((block) => rowsOf(program, block))
        expect(parts).toEqual(whole)
      }),
      { numRuns: 60 },
    )
  })

  test('prop_order: reversed points give reversed rows, bit for bit', () => {
    fc.assert(
      fc.property(marketCases(), signals, tables, (made, generated, table) => {
        const program = compileSignals(strategyOf(generated))
        kernel.setMarket(marketOf(made))
        const forward = rowsOf(program, table)
        expect(rowsOf(program, table.toReversed()).reverse()).toEqual(forward)
      }),
      { numRuns: 40 },
    )
  })

  test('prop_plain: comparing bar by bar gives the bits of comparing with vectors', () => {
    fc.assert(
      fc.property(marketCases(), signals, tables, (made, generated, table) => {
        const program = compileSignals(strategyOf(generated))
        kernel.setMarket(marketOf(made))
        const vectors = rowsOf(program, table)
        kernel.setPlain(true)
        try {
          expect(rowsOf(program, table)).toEqual(vectors)
        } finally {
          kernel.setPlain(false)
        }
      }),
      { numRuns: 60 },
    )
  })

  test('prop_trace: the metrics of a trace are its row, bit for bit', () => {
    fc.assert(
      fc.property(marketCases(), signals, points, (made, generated, point) => {
        const program = compileSignals(strategyOf(generated))
        kernel.setMarket(marketOf(made))
        const { metrics } = kernel.trace(program, pack(program, [point]))
        expect([...new BigUint64Array(metrics.slice().buffer)]).toEqual(
          rowsOf(program, [point])[0]!,
        )
      }),
      { numRuns: 100 },
    )
  })
})
