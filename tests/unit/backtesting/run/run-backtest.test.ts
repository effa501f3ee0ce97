import { describe, expect, test } from 'bun:test'
import { BUY_AND_HOLD } from '../../../../src/backtesting/run/buy-and-hold.ts'
import {
  type BacktestSpec,
  runBacktest,
  type TracingKernel,
  writeEquity,
  writeTrades,
} from '../../../../src/backtesting/run/run-backtest.ts'
import { thin } from '../../../../src/backtesting/run/thin.ts'
import type { WriteTable } from '../../../../src/backtesting/tables.ts'
import { METRICS } from '../../../../src/core/metrics.ts'
import { above, below, CANDLE_SYMBOLS, param } from '../../../../src/kernel/expression.ts'
import type { SignalProgram } from '../../../../src/kernel/program.ts'
import type { MarketInput, RunTrace } from '../../../../src/kernel/types.ts'
import { flatCandles } from '../../../integration/sweep/harness.ts'
import { continuity } from '../../../support/continuity.ts'
import { FREE } from '../../../support/execution.ts'

const START = Date.UTC(2024, 0, 1)
const HOUR = 3_600_000
const market: MarketInput = {
  candles: flatCandles(200),
  window: { first: 20, end: 120 },
  execution: { ...FREE, initial_capital: 1000 },
}

const { close } = CANDLE_SYMBOLS
const strategy: SignalProgram = {
  params: ['fast', 'slow'],
  signals: { enterLong: above(close, param('fast')), exitLong: below(close, param('slow')) },
}

/** One closed and one open trade, whose figures name the program and the point they come from. */
function traceOf(program: SignalProgram, point: Float64Array, bars: number): RunTrace {
  const base = program === strategy ? (point[0] as number) * 100 + (point[1] as number) : 7
  return {
    metrics: Float64Array.from(METRICS, (name, i) => (name === 'calmar' ? Number.NaN : base + i)),
    trades: {
      count: 2,
      entryBar: Int32Array.of(30, 90),
      exitBar: Int32Array.of(40, -1),
      entryPrice: Float64Array.of(100, 101),
      exitPrice: Float64Array.of(110, Number.NaN),
      size: Float64Array.of(1, 2),
      pnl: Float64Array.of(9.8, -1),
      return: Float64Array.of(0.098, -0.005),
      fees: Float64Array.of(0.2, 0.1),
    },
    equity: Float64Array.from({ length: bars }, (_, i) => 1000 + i),
    drawdown: new Float64Array(bars).fill(0.25),
    exposure: new Float64Array(bars).fill(1),
  }
}

function createKernel(): TracingKernel {
  let bars = 0
  return {
    setMarket: ({ window }) => {
      bars = window.end - window.first
    },
    trace: (program, point) => traceOf(program, point, bars),
  }
}

const spec: BacktestSpec = {
  backtest: 'btc_2024',
  strategy: 'sma_btc',
  type: 'sma_crossover',
  symbol: 'BTCUSDT',
  interval: '1h',
  program: strategy,
  params: { slow: 30, fast: 10 },
  market,
  continuity: continuity(100, { expected: 103, missing: 3 }),
}

async function collect(write: (writer: WriteTable) => Promise<unknown>) {
  const rows: Record<string, number | string | null>[] = []
  await write(async ({ columns, chunks }) => {
    for (const cells of chunks) {
      for (let i = 0; i < (cells[0]?.length ?? 0); i++) {
        rows.push(Object.fromEntries(columns.map(({ name }, c) => [name, cells[c]?.[i] ?? null])))
      }
    }
  })
  return rows
}

describe('a single run', () => {
  const { row, trace } = runBacktest(spec, createKernel())

  test('passes parameters in the order of the program and names them in the row', () => {
    expect(row.params).toEqual({ fast: 10, slow: 30 })
    expect(row.metrics.total_return).toBe(1030)
    expect(row.metrics.calmar).toBeNull()
  })

  test('has the benchmark of its own bars beside it', () => {
    expect(row.benchmark.total_return).toBe(7)
  })

  test('tells bars, holes and the instants of its window', () => {
    expect(row).toMatchObject({
      bars: 100,
      holes: 3,
      continuity: { expected: 103, present: 100, missing: 3 },
      firstMs: START + 20 * HOUR,
      endMs: START + 120 * HOUR,
      openPosition: true,
    })
  })

  test('thins the curve to 64 points with both ends', () => {
    expect(row.curve).toHaveLength(64)
    expect(row.curve[0]).toBe(1000)
    expect(row.curve.at(-1)).toBe(1099)
  })

  test('refuses a missing, an unknown and a broken parameter', () => {
    const run = (params: Record<string, number>) => () =>
      runBacktest({ ...spec, params }, createKernel())
    expect(run({ fast: 1 })).toThrow(
      /parameter 'slow' of strategy 'sma_btc' must be a finite number/,
    )
    expect(run({ fast: 1, slow: Number.NaN })).toThrow(/was NaN/)
    expect(run({ fast: 1, slow: 2, slwo: 3 })).toThrow(
      /no parameter 'slwo'\. Did you mean 'slow'\?/,
    )
  })

  test('writes one line per trade, an open one with an empty exit and reason `end`', async () => {
    const rows = await collect((writer) => writeTrades('t.csv', [{ market, trace }], writer))
    expect(rows).toHaveLength(2)
    expect(rows[0]).toEqual({
      symbol: 'BTCUSDT',
      side: 'long',
      entry_time: START + 30 * HOUR,
      entry_price: 100,
      exit_time: START + 40 * HOUR,
      exit_price: 110,
      size: 1,
      pnl: 9.8,
      return: 0.098,
      fees: 0.2,
      exit_reason: 'signal',
    })
    expect(rows[1]).toMatchObject({
      exit_time: Number.NaN,
      exit_price: Number.NaN,
      exit_reason: 'end',
    })
  })

  test('times fills at the close of the bar when they happen there', async () => {
    const atClose: MarketInput = { ...market, execution: { ...market.execution, fill: 'close' } }
    const rows = await collect((writer) =>
      writeTrades('t.csv', [{ market: atClose, trace }], writer),
    )
    expect(rows[0]?.entry_time).toBe(START + 31 * HOUR)
  })

  test('writes equity at the close of every judged bar', async () => {
    const rows = await collect((writer) => writeEquity('e.csv', { market, trace }, writer))
    expect(rows).toHaveLength(100)
    expect(rows[0]).toEqual({ time: START + 21 * HOUR, equity: 1000, drawdown: 0.25, exposure: 1 })
    expect(rows.at(-1)?.time).toBe(row.endMs)
  })
})

describe('buy and hold', () => {
  test('enters whenever the price is positive and exits never', () => {
    const signals = BUY_AND_HOLD.signals(CANDLE_SYMBOLS, {})
    expect(signals).toMatchObject({
      enterLong: { kind: 'compare', relation: 'above', right: 0 },
      exitLong: { kind: 'compare', relation: 'below', right: 0 },
    })
  })
})

describe('thinning', () => {
  test('keeps a short curve as it is', () => {
    expect(thin(Float64Array.of(3, 1, 2), 64)).toEqual([3, 1, 2])
  })

  test('takes evenly spaced points', () => {
    expect(
      thin(
        Float64Array.from({ length: 101 }, (_, i) => i),
        5,
      ),
    ).toEqual([0, 25, 50, 75, 100])
  })
})
