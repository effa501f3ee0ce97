import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import fc from 'fast-check'
import { evaluateSignals, runSignals } from '../../bench/reference/engine.ts'
import {
  above,
  and,
  CANDLE_SYMBOLS,
  crossesAbove,
  crossesBelow,
  not,
  operation,
  param,
  type Signals,
} from '../../src/kernel/expression.ts'
import { compileSignals } from '../../src/kernel/program.ts'
import { FREE } from '../support/execution.ts'
import { executions, marketOf } from './candles.ts'
import { expectAgreement, kernelOperands, pack } from './judged.ts'
import { kernel } from './kernel.ts'
import { signals, strategyOf } from './strategies.ts'

setDefaultTimeout(60_000)

/** Bars that the kernel computes at a time: everything that is carried from one stretch to the next meets its end here. */
const STRETCH = 4096
const BAR_COUNTS = [-1, 0, 1].flatMap((off) => [1, 2, 3].map((n) => n * STRETCH + off))

const markets = fc
  .record({ seed: fc.integer(), bars: fc.constantFrom(...BAR_COUNTS), execution: executions })
  .chain(({ seed, bars, execution }) => {
    const walk = { seed, bars, intervalMs: 900_000, flat: 0.02, gap: 0.02, volatility: 0.01 }
    const firsts = [0, 63, STRETCH - 1, STRETCH, STRETCH + 1].filter((first) => first < bars)
    const ends = [bars, bars - 1, bars - 64].filter((end) => end > STRETCH + 1 || end === bars)
    return fc.record({
      walk: fc.constant(walk),
      window: fc.record({ first: fc.constantFrom(...firsts), end: fc.constantFrom(...ends) }),
      execution: fc.constant(execution),
    })
  })

const points = fc.record({
  fast: fc.integer({ min: 1, max: 40 }),
  slow: fc.integer({ min: 20, max: 300 }),
  length: fc.integer({ min: 1, max: 64 }),
  level: fc.constantFrom(-0.5, 0, 0.25),
})

const { close } = CANDLE_SYMBOLS
const average = (name: string) => operation('sma', [close], [param(name)])

/** Signals on the close itself and on averages: crossings of both kinds of column at every end of a stretch. */
const CROSSINGS: Signals = {
  enterLong: crossesAbove(close, average('fast')),
  exitLong: crossesBelow(average('fast'), average('slow')),
}

describe('stretches of bars', () => {
  const agrees = (generated: Signals, made: Parameters<typeof marketOf>[0], point: never) => {
    const market = marketOf(made)
    const bits = evaluateSignals(generated, kernelOperands(market, point))
    expectAgreement(market, generated, point, runSignals(market, bits))
  }

  test('prop_any_graph over several stretches equals one bar at a time', () => {
    const run = fc.property(markets, signals, points, (made, generated, point) =>
      agrees(generated, made, point as never),
    )
    fc.assert(run, { numRuns: 25 })
  })

  test('prop_crossings of candles and averages equal one bar at a time', () => {
    const run = fc.property(markets, points, (made, point) =>
      agrees(CROSSINGS, made, point as never),
    )
    fc.assert(run, { numRuns: 25 })
  })

  test('a signal on each bar around the end of a stretch acts', () => {
    const bars = 2 * STRETCH
    const open = new Float64Array(bars).fill(100)
    const openTime = Float64Array.from(open, (_, bar) => Date.UTC(2024, 0, 1) + bar * 60_000)
    for (let bar = STRETCH - 2; bar <= STRETCH + 2; bar++) {
      const volume = new Float64Array(bars)
      volume[bar] = 1
      const names = { exchange: 'made', symbol: 'FLAT', interval: '1m', hash: '' }
      const prices = { open, high: open, low: open, close: open, volume }
      const candles = { ...names, intervalMs: 60_000 as never, openTime, ...prices }
      const execution = { ...FREE, fill: 'close', initial_capital: 1 } as const
      kernel.setMarket({ candles, window: { first: 0, end: bars }, execution })
      const one = above(CANDLE_SYMBOLS.volume, 0.5)
      const program = compileSignals(strategyOf({ enterLong: one, exitLong: and(one, not(one)) }))
      const { trades } = kernel.trace(
        program,
        pack(program, { fast: 1, slow: 1, length: 1, level: 0 }),
      )
      expect([...trades.entryBar]).toEqual([bar])
    }
  })

  test('periods longer than a stretch read their past', () => {
    const made = {
      seed: 7,
      bars: 3 * STRETCH,
      intervalMs: 60_000,
      flat: 0,
      gap: 0,
      volatility: 0.01,
    }
    const execution = { ...FREE, fill: 'close', commission: 0.001, initial_capital: 100 } as const
    const { candles } = marketOf({ walk: made, window: { first: 0, end: 1 }, execution })
    for (const period of [STRETCH - 1, STRETCH + 1, 2 * STRETCH + 5]) {
      const [sma, lag] = kernel.evaluate(candles, [
        operation('sma', [close], [period]),
        operation('lag', [operation('scale', [close], [1])], [period]),
      ]) as [Float64Array, Float64Array]
      for (const bar of [period, 2 * STRETCH + 6, 3 * STRETCH - 1].filter((at) => at >= period)) {
        const window = candles.close.subarray(bar - period + 1, bar + 1)
        const mean = window.reduce((sum, value) => sum + value, 0) / period
        expect(Math.abs((sma[bar] as number) / mean - 1)).toBeLessThan(1e-12)
        expect(lag[bar]).toBe(candles.close[bar - period] as number)
      }
    }
  })
})
