import { expect, test } from 'bun:test'
import { loadConfig, resolveBacktest, resolveSweep } from '../../../src/config/index.ts'
import { catalog, load } from './support.ts'

const FILES = {
  settings: `default_exchange: kraken
trading: { default_commission: 0.2%, default_slippage: 0, default_initial_capital: 500 }
backtesting: { fill: close, warmup_days: 7, seed_weight_max: 0.01 }
`,
  exchanges: 'exchanges: { kraken: { adapter: binance }, other: { adapter: binance } }',
  strategies: `strategies:
  a: { type: sma_crossover, params: { fast_period: 3 }, symbols: [BTCUSDT, ETHUSDT], interval: 1h }
  b: { type: rsi_mean_reversion, symbols: [SOLUSDT], interval: 4h }
`,
  backtests: `backtests:
  own: { strategies: [a, b], start: 2024-01-01, end: 2024-02-01 }
  one: { strategies: [a, b], symbol: X, start: 2024-01-01, end: 2024-02-01, interval: 1d, exchange: other, commission: 0, fill: next_open }
  many: { name: Many, strategies: [b], symbols: [X, Y], start: 2024-01-01T06:00, end: 2024-02-01, initial_capital: 9, slippage: 5bps }
`,
  sweeps: `sweeps:
  plain: { strategy: ema_crossover, symbol: Q, interval: 15m, start: 2024-01-01, end: 2024-01-02, params: { fast_period: 4 } }
  named: { strategy: a, symbol: BTCUSDT, start: 2024-01-01, end: 2024-01-02, params: { slow_period: { from: 5, to: 9, step: 1 } } }
  from: { backtest: one, strategy: b, slippage: 0.01, start: 2024-01-20, params: { period: [7, 14] }, top: 3 }
`,
}
const config = load(FILES)

test('a backtest without symbols runs every strategy on its own', () => {
  const { runs, ...rest } = resolveBacktest(config, { backtest: 'own' })
  expect(runs.map((run) => `${run.strategy} ${run.symbol} ${run.interval}`)).toEqual([
    'a BTCUSDT 1h',
    'a ETHUSDT 1h',
    'b SOLUSDT 4h',
  ])
  expect(runs[0]?.params).toEqual({ fast_period: 3, slow_period: 30 })
  expect(rest as object).toEqual({
    name: 'own',
    title: 'own',
    exchange: 'kraken',
    startMs: Date.UTC(2024, 0, 1),
    endMs: Date.UTC(2024, 1, 1),
    warmupDays: 7,
    seedWeightMax: 0.01,
    execution: { fill: 'close', commission: 0.002, slippage: 0, initial_capital: 500 },
  })
})

test('what a backtest says itself wins, also a zero', () => {
  const one = resolveBacktest(config, { backtest: 'one' })
  expect(one.runs.map((run) => `${run.strategy} ${run.symbol} ${run.interval}`)).toEqual([
    'a X 1d',
    'b X 1d',
  ])
  expect(one.exchange).toBe('other')
  expect(one.execution).toMatchObject({ fill: 'next_open', commission: 0 })
  const many = resolveBacktest(config, { backtest: 'many' })
  expect(many.title).toBe('Many')
  expect(many.startMs as number).toBe(Date.UTC(2024, 0, 1, 6))
  expect(many.runs.map((run) => run.symbol)).toEqual(['X', 'Y'])
  expect(many.execution).toMatchObject({ slippage: 0.0005, initial_capital: 9 })
})

test('a sweep of a type has no fixed parameters, one of a configured strategy has its values', () => {
  expect(resolveSweep(config, 'plain')).toMatchObject({
    type: 'ema_crossover',
    params: {},
    axes: { fast_period: 4 },
    objective: 'sharpe',
    top: 10,
    execution: { fill: 'close', commission: 0.002 },
  })
  expect(resolveSweep(config, 'named')).toMatchObject({
    strategy: 'a',
    type: 'sma_crossover',
    interval: '1h',
    params: { fast_period: 3 },
  })
})

test('a sweep takes from its backtest what it does not say itself', () => {
  expect(resolveSweep(config, 'from')).toMatchObject({
    strategy: 'b',
    type: 'rsi_mean_reversion',
    symbol: 'X',
    interval: '1d',
    exchange: 'other',
    startMs: Date.UTC(2024, 0, 20),
    endMs: Date.UTC(2024, 1, 1),
    execution: { fill: 'next_open', commission: 0, slippage: 0.01, initial_capital: 500 },
    top: 3,
  })
})

test('an unknown name gets a suggestion', () => {
  expect(() => resolveSweep(config, 'plane')).toThrow(
    "sweep 'plane' is not in config/sweeps.yaml. Did you mean 'plain'? Known: plain, named, from.",
  )
  expect(() => resolveBacktest(config, { backtest: 'constructor' })).toThrow(
    "backtest 'constructor' is not in",
  )
})

test('every shipped backtest and sweep can be resolved', () => {
  const shipped = loadConfig({ dir: 'config', env: {}, catalog })
  for (const name of Object.keys(shipped.backtests)) {
    expect(resolveBacktest(shipped, { backtest: name }).runs.length).toBeGreaterThan(0)
  }
  for (const name of Object.keys(shipped.sweeps)) {
    expect(Object.keys(resolveSweep(shipped, name).axes).length).toBeGreaterThan(0)
  }
})
