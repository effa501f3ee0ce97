import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { runReference } from '../../../bench/reference/engine.ts'
import { BUILTIN_STRATEGIES } from '../../../src/app/builtins.ts'
import type { Execution } from '../../../src/core/execution.ts'
import { METRICS } from '../../../src/core/metrics.ts'
import { createLakeStore } from '../../../src/data/index.ts'
import { compileSignals } from '../../../src/kernel/program.ts'
import { FREE } from '../../support/execution.ts'
import { makeProject, type SweepDocument } from './crypto.ts'
import { sweepInside } from './crypto-inside.ts'
import { type ParquetTable, readParquet, recordOf } from './tables.ts'

setDefaultTimeout(60_000)

/** Every strategy on real candles through the command line, held against the engine that walks one bar at a time. */

const project = makeProject()
afterAll(project.remove)

/** Strategy: symbol, interval, grid. Short and long periods, and thresholds that hardly ever trade. */
const SWEEPS = {
  sma_crossover: ['BTCUSDT', '1h', 'fast_period: [2, 30], slow_period: [99, 398]'],
  ema_crossover: ['ETHUSDT', '1h', 'fast_period: [2, 50], slow_period: [26, 200]'],
  rsi_mean_reversion: [
    'SOLUSDT',
    '4h',
    'period: [2, 14], oversold: [10, 45], overbought: [55, 90]',
  ],
  macd_crossover: [
    'SOLUSDT',
    '1h',
    'fast_period: 5, slow_period: [26, 100], signal_period: [3, 9]',
  ],
  bollinger_reversion: ['BTCUSDT', '1h', 'period: [5, 200], deviations: [0.5, 2.5]'],
  zscore_reversion: ['ETHUSDT', '1h', 'period: [5, 300], entry: [1, 3], exit: [0, 0.5]'],
  momentum_breakout: ['SOLUSDT', '4h', 'entry_period: [5, 100], exit_period: [3, 20]'],
  roc_momentum: ['BTCUSDT', '1d', 'period: [1, 20], entry: [0, 2], exit: [-2, 0]'],
} as const
type Strategy = keyof typeof SWEEPS

const START_MS = Date.UTC(2023, 8, 1)
const END_MS = Date.UTC(2024, 10, 1)
const TOLERANCE = 1e-11

function configOf(fill: string): readonly string[] {
  const period = `start: "2023-09-01", end: "2024-11-01", fill: ${fill}, commission: 0.001, slippage: 0.0005`
  const sweeps = Object.entries(SWEEPS).map(
    ([name, [symbol, interval, grid]]) =>
      `  ${name}: { strategy: ${name}, symbol: ${symbol}, interval: ${interval}, ${period}, params: { ${grid} } }\n`,
  )
  for (const file of ['backtests', 'exchanges', 'settings', 'strategies'])
    project.write(`${fill}/${file}.yaml`, readFileSync(project.path(`config/${file}.yaml`), 'utf8'))
  project.write(`${fill}/sweeps.yaml`, `sweeps:\n${sweeps.join('')}`)
  return ['--config-dir', fill, '--output', `results-${fill}`]
}

/** Rows of a table whose metrics differ from those of the plain engine, with what differs. */
async function farRows(table: ParquetTable, result: SweepDocument, fill: Execution['fill']) {
  const { symbol, interval, manifest_file } = result
  const { market } = JSON.parse(readFileSync(manifest_file, 'utf8'))
  const store = createLakeStore({
    lake: project.path('none'),
    samples: [project.path('data/sample')],
  })
  const { candles, window } = await store.readWarmCandles({
    ...{ exchange: 'binance', symbol, interval, startMs: START_MS, endMs: END_MS },
    ...{ warmupBars: market.warmup_bars, warmupDays: 90 },
  })
  store.close()
  const execution = { ...FREE, fill, commission: 0.001, slippage: 0.0005 }
  const input = { candles, window, execution }
  const definition = BUILTIN_STRATEGIES.find(({ name }) => name === result.strategy)!
  const { params, signals } = compileSignals(definition)
  return table.rows.flatMap((_, row) => {
    const record = recordOf(table, row)
    const point = Object.fromEntries(params.map((name) => [name, record[name] as number]))
    const { metrics } = runReference(input, signals, point)
    const far = METRICS.filter((name) => !agree(record[name] as number | null, metrics[name]))
    return far.map((name) => ({ point, name, swept: record[name], expected: metrics[name] }))
  })
}

function agree(actual: number | null, expected: number): boolean {
  if (actual === null || Number.isNaN(expected)) return actual === null && Number.isNaN(expected)
  return Math.abs(actual - expected) <= TOLERANCE * Math.max(1, Math.abs(expected))
}

describe.each(['next_open', 'close'] as const)('with fills at %s', (fill) => {
  const all = sweepInside(Object.keys(SWEEPS), configOf(fill), { cwd: project.dir })

  test.each(Object.keys(SWEEPS) as Strategy[])(
    '%s has the metrics of the plain engine',
    async (name) => {
      const result = (await all).find(({ sweep }) => sweep === name)!
      const table = await readParquet(result.rows_file)
      expect(table.rows.length).toBe(result.combinations)
      expect(await farRows(table, result, fill)).toEqual([])
      const trades = table.rows.map((_, row) => recordOf(table, row).trades as number)
      expect(Math.max(...trades)).toBeGreaterThan(10)
    },
  )
})
