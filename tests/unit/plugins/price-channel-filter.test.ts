import { describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import plugin from '../../../plugins/strategies/price-channel-filter.ts'
import type { CandleSeries } from '../../../src/core/candles.ts'
import type { DurationMs } from '../../../src/core/units.ts'
import { Kernel } from '../../../src/kernel/kernel.ts'
import { compileSignals } from '../../../src/kernel/program.ts'
import type { StrategyDefinition } from '../../../src/kernel/strategy.ts'
import type { RunTrace } from '../../../src/kernel/types.ts'
import { FREE } from '../../support/execution.ts'

const definition: StrategyDefinition = plugin
const HOUR_MS = 3_600_000
const FALL_END = 300
const BUMP = 240
const RISE_END = 420
const BARS = 520
const WASM = join(import.meta.dir, '../../../core-wasm/pkg/core_wasm_bg.wasm')

/** A long fall with one sharp rebound, a rise, and another fall. */
const closes = Float64Array.from({ length: BARS }, (_, i) => {
  if (i === BUMP) return closeOfFall(i) + 15
  if (i < FALL_END) return closeOfFall(i)
  const top = closeOfFall(FALL_END) + (Math.min(i, RISE_END) - FALL_END)
  return i < RISE_END ? top : top - 2 * (i - RISE_END)
})

function closeOfFall(i: number): number {
  return 300 - 0.2 * i
}

function candles(): CandleSeries {
  const column = () => new Float64Array(new SharedArrayBuffer(BARS * 8))
  const series = { open: column(), high: column(), low: column(), close: column() }
  closes.forEach((close, i) => {
    series.open[i] = closes[i - 1] ?? close
    series.close[i] = close
    series.high[i] = Math.max(series.open[i] as number, close)
    series.low[i] = Math.min(series.open[i] as number, close)
  })
  const openTime = column().map((_, i) => i * HOUR_MS)
  const intervalMs = HOUR_MS as DurationMs
  const identity = { exchange: 'test', symbol: 'TEST', interval: '1h', intervalMs, hash: '' }
  return { ...identity, ...series, volume: column().fill(1), openTime }
}

async function run(
  point: readonly [entry: number, exit: number, trend: number],
): Promise<RunTrace> {
  const kernel = Kernel.load(await WebAssembly.compile(await Bun.file(WASM).arrayBuffer()))
  kernel.setMarket({
    candles: candles(),
    window: { first: 0, end: BARS },
    execution: { ...FREE, initial_capital: 1_000 },
  })
  return kernel.trace(compileSignals(definition), Float64Array.from(point))
}

describe('price_channel_filter', () => {
  test('has its parameters in the order of its schema', () => {
    expect(compileSignals(definition).params).toEqual([
      'entry_period',
      'exit_period',
      'trend_period',
    ])
  })

  test('leaves the rebound of a falling market alone and takes the breakout of a rising one', async () => {
    const { trades } = await run([55, 20, 200])
    expect(trades.count).toBe(1)
    const signal = firstBreakout(55, 200)
    expect(signal).toBeGreaterThan(FALL_END)
    expect(trades.entryBar[0]).toBe(signal + 1)
    expect(trades.entryPrice[0]).toBe(closes[signal] as number)
    expect(trades.exitBar[0]).toBeGreaterThan(RISE_END)
    expect(trades.pnl[0]).toBeGreaterThan(0)
  })

  test('would buy the rebound without the filter', async () => {
    const { trades } = await run([55, 20, 2])
    expect(trades.entryBar[0]).toBe(BUMP + 1)
    expect(trades.pnl[0]).toBeLessThan(0)
  })
})

/** First bar that closes above the highs of the bars before it and above the mean of the last closes. */
function firstBreakout(entryPeriod: number, trendPeriod: number): number {
  const { high } = candles()
  for (let i = trendPeriod; i < BARS; i += 1) {
    const close = closes[i] as number
    const top = Math.max(...high.subarray(i - entryPeriod, i))
    const last = closes.subarray(i - trendPeriod + 1, i + 1)
    const mean = last.reduce((sum, value) => sum + value, 0) / trendPeriod
    if (close > top && close > mean) return i
  }
  return -1
}
