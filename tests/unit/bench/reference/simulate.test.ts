import { describe, expect, test } from 'bun:test'
import { simulate } from '../../../../bench/reference/simulate.ts'
import type { Execution } from '../../../../src/core/execution.ts'
import { FREE } from '../../../support/execution.ts'

const open = [100, 110, 120, 130, 140]
const close = [105, 115, 125, 135, 145]
const window = { first: 0, end: 5 }
const free: Execution = { ...FREE, initial_capital: 1100 }
const bits = (text: string) => [...text].map((bit) => bit === '1')

/** Runs five bars with signals written as one digit per bar. */
function run(enter: string, exit: string, execution: Execution = free, bars = window) {
  const signals = { enterLong: bits(enter), exitLong: bits(exit) }
  return simulate({ open, close, ...signals, window: bars, execution })
}

describe('reference simulation', () => {
  test('a signal fills at the open of the next bar', () => {
    const result = run('10000', '00100')
    expect(result.equity).toEqual([1100, 1150, 1250, 1300, 1300])
    expect(result.exposure).toEqual([0, 1, 1, 0, 0])
    expect(result.trades).toEqual([
      {
        entryBar: 1,
        exitBar: 3,
        entryPrice: 110,
        exitPrice: 130,
        size: 10,
        pnl: 200,
        return: 200 / 1100,
        fees: 0,
      },
    ])
  })

  test('with close fills a signal acts on its own bar', () => {
    const result = run('10000', '00100', { ...free, fill: 'close', initial_capital: 1050 })
    expect(result.equity).toEqual([1050, 1150, 1250, 1250, 1250])
    expect(result.exposure).toEqual([1, 1, 0, 0, 0])
    expect(result.trades[0]).toMatchObject({ entryBar: 0, exitBar: 2, size: 10, pnl: 200 })
  })

  test('costs: 10 % slippage and 25 % commission, fee included in what is affordable', () => {
    const costly = { ...free, slippage: 0.1, commission: 0.25, initial_capital: 1512.5 }
    const { trades, equity } = run('10000', '00100', costly)
    // Buys at 121; 1512.5 = 10 · 121 · 1.25, of which 302.5 is fee. Sells at 117: 1170 less 292.5 fee.
    const [trade] = trades
    expect(trade!.entryPrice).toBeCloseTo(121, 10)
    expect(trade!.size).toBeCloseTo(10, 10)
    expect(trade!.exitPrice).toBeCloseTo(117, 10)
    expect(trade!.fees).toBeCloseTo(595, 10)
    expect(trade!.pnl).toBeCloseTo(1170 - 292.5 - 1512.5, 10)
    expect(trade!.return).toBeCloseTo(-635 / 1210, 10)
    expect(equity[1]).toBeCloseTo(1150, 10)
    expect(equity.at(-1)).toBeCloseTo(877.5, 10)
  })

  test('entry and exit on the same bar cancel each other', () => {
    expect(run('10000', '10000').trades).toEqual([])
    expect(run('10100', '00100').trades).toMatchObject([{ entryBar: 1, exitBar: -1 }])
  })

  test('a repeated entry while long and an exit while flat do nothing', () => {
    expect(run('11100', '00010').trades).toMatchObject([{ entryBar: 1, exitBar: 4 }])
    expect(run('00000', '11111').trades).toEqual([])
  })

  test('a signal on the last bar fills at its close but has no next open', () => {
    expect(run('00001', '00000').trades).toEqual([])
    const result = run('00001', '00000', { ...free, fill: 'close' })
    expect(result.trades).toMatchObject([{ entryBar: 4, exitBar: -1 }])
    expect(result.exposure).toEqual([0, 0, 0, 0, 1])
  })

  test('an open position is valued at the last close without an exit fee', () => {
    const { trades, equity } = run('10000', '00000', { ...free, commission: 0.1 })
    expect(equity.at(-1)).toBeCloseTo(1000 * (145 / 110), 10)
    expect(trades).toHaveLength(1)
    expect(trades[0]!.exitPrice).toBeNaN()
    expect(trades[0]!.fees).toBeCloseTo(100, 10)
    expect(trades[0]!.pnl).toBeCloseTo(1000 * (145 / 110) - 1100, 10)
  })

  test('signals outside the window do not act', () => {
    const inner = { first: 2, end: 4 }
    expect(run('11000', '00000', free, inner).trades).toEqual([])
    expect(run('00010', '00000', free, inner).trades).toEqual([])
    expect(run('00100', '00000', free, inner).equity).toEqual([1100, 1100 * (135 / 130)])
  })
})
