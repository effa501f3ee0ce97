import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { runReference } from '../../../bench/reference/engine.ts'
import { BUILTIN_STRATEGIES } from '../../../src/app/builtins.ts'
import { METRICS } from '../../../src/core/metrics.ts'
import { createLakeStore } from '../../../src/data/index.ts'
import { compileSignals } from '../../../src/kernel/program.ts'
import { FREE } from '../../support/execution.ts'
import {
  type Document,
  documentOf,
  makeProject,
  ROOT,
  type RunResult,
  type SweepDocument,
} from './crypto.ts'
import { cryptoInside, sweepInside } from './crypto-inside.ts'
import { digestOfRows, numbersOf, readParquet, rowWith } from './tables.ts'

setDefaultTimeout(60_000)

const project = makeProject()
afterAll(project.remove)

const out = (name: string) => project.path('results', name)
const sweepOf = async (words: readonly string[]) =>
  documentOf<SweepDocument>(await cryptoInside(['backtest', 'sweep', ...words, '--json']))
const runOf = async (words: readonly string[], cwd?: string) =>
  documentOf<RunResult>(
    await cryptoInside(['backtest', 'run', ...words, '--json'], cwd ? { cwd } : {}),
  )

const sweep = await sweepOf(['btc_sma_grid', '--output', out('base')])
const { result } = sweep
const table = await readParquet(result.rows_file)
const CAPITAL = 10_000

describe('a run with the parameters of a row', () => {
  const [winner] = result.top
  const points = [
    winner!.params,
    { fast_period: 2, slow_period: 10 },
    { fast_period: 120, slow_period: 398 },
  ]

  test.concurrent.each(points.map((params) => [params] as const))(
    '%p has the metrics of the row bit for bit',
    async (params) => {
      const words = Object.entries(params).map(([name, value]) => `${name}=${value}`)
      const run = await runOf(['--sweep', 'btc_sma_grid', '--set', ...words])
      const [row] = run.result.rows
      expect(row).toMatchObject({ params, bars: result.bars, holes: 0, interval: '1h' })
      expect(numbersOf(row!.metrics)).toEqual(rowWith(table, params))
      expect(run.run.data).toBe(sweep.run.data)
      expect(run.run.kernel).toBe(sweep.run.kernel)
    },
  )

  test('the winner agrees with the engine that walks one bar at a time', async () => {
    const store = createLakeStore({
      lake: project.path('none'),
      samples: [join(ROOT, 'data/sample')],
    })
    const { candles, window } = await store.readWarmCandles({
      ...{ exchange: 'binance', symbol: 'BTCUSDT', interval: '1h' },
      ...{ startMs: Date.UTC(2023, 5, 1), endMs: Date.UTC(2024, 11, 31), warmupBars: 398 },
    })
    store.close()
    const execution = {
      ...FREE,
      commission: 0.001,
      slippage: 0.0005,
      initial_capital: CAPITAL,
    } as const
    const { signals } = compileSignals(
      BUILTIN_STRATEGIES.find(({ name }) => name === 'sma_crossover')!,
    )
    const plain = runReference({ candles, window, execution }, signals, winner!.params)
    for (const [i, value] of rowWith(table, winner!.params).entries()) {
      const expected = plain.metrics[METRICS[i]!]
      expect([METRICS[i], Math.abs(value! / expected - 1) < 1e-9]).toEqual([METRICS[i], true])
    }
  })
})

const STRATEGIES = `strategies:
  a: { type: sma_crossover, params: { fast_period: 12, slow_period: 50 }, symbols: [BTCUSDT], interval: 1h }
  b: { type: ema_crossover, params: { fast_period: 12, slow_period: 48 }, symbols: [BTCUSDT], interval: 4h }
  c: { type: rsi_mean_reversion, params: { period: 14, oversold: 30, overbought: 70 }, symbols: [BTCUSDT], interval: 4h }
  d: { type: macd_crossover, params: { fast_period: 12, slow_period: 26, signal_period: 9 }, symbols: [BTCUSDT], interval: 1h }
  e: { type: bollinger_reversion, params: { period: 20, deviations: 2 }, symbols: [BTCUSDT], interval: 1h }
  f: { type: zscore_reversion, params: { period: 48, entry: 2, exit: 0 }, symbols: [BTCUSDT], interval: 1h }
  g: { type: momentum_breakout, params: { entry_period: 55, exit_period: 20 }, symbols: [BTCUSDT], interval: 4h }
  h: { type: roc_momentum, params: { period: 24, entry: 2, exit: 0 }, symbols: [BTCUSDT], interval: 1d }
`

/** Around the configured parameters of each strategy, with longer and shorter look-backs. */
const GRIDS: Readonly<Record<string, string>> = {
  a: 'fast_period: [5, 12], slow_period: [50, 300]',
  b: 'fast_period: [12, 20], slow_period: [48, 200]',
  c: 'period: [7, 14, 28], oversold: [25, 30], overbought: 70',
  d: 'fast_period: [8, 12], slow_period: [26, 60], signal_period: [9, 20]',
  e: 'period: [20, 100], deviations: [1.5, 2]',
  f: 'period: [24, 48, 200], entry: [2, 2.5], exit: 0',
  g: 'entry_period: [55, 110], exit_period: [10, 20]',
  h: 'period: [12, 24], entry: [2, 4], exit: 0',
}

describe('a configured backtest of every strategy, with enough history before its period', () => {
  const home = makeProject()
  afterAll(home.remove)
  const period =
    'start: "2024-01-01", end: "2024-12-01", initial_capital: 25000, commission: 0.0007, slippage: 0.0002'
  home.write('config/strategies.yaml', STRATEGIES)
  home.write(
    'config/backtests.yaml',
    `backtests:\n  all: { strategies: [${Object.keys(GRIDS).join(', ')}], symbol: BTCUSDT, ${period} }\n`,
  )
  home.write(
    'config/sweeps.yaml',
    `sweeps:\n${Object.entries(GRIDS)
      .map(
        ([name, grid]) =>
          `  sweep_${name}: { strategy: ${name}, symbol: BTCUSDT, params: { ${grid} }, ${period} }\n`,
      )
      .join('')}`,
  )
  const both = Promise.all([
    cryptoInside(['backtest', 'run', 'all', '--json'], { cwd: home.dir }),
    sweepInside(
      Object.keys(GRIDS).map((name) => `sweep_${name}`),
      [],
      { cwd: home.dir },
    ),
  ])

  test.each(Object.keys(GRIDS))('%s equals the row of its sweep bit for bit', async (name) => {
    const [runs, sweeps] = await both
    const run = documentOf<RunResult>(runs).result.rows.find(({ strategy }) => strategy === name)
    const swept = sweeps.find((item) => item.sweep === `sweep_${name}`)
    expect(run?.bars).toBe(swept?.bars as number)
    expect(run?.bars).toBe({ '1h': 8040, '4h': 2010, '1d': 335 }[run!.interval] as number)
    const rows = await readParquet(home.path('results', `sweep_${name}.parquet`))
    expect(numbersOf(run!.metrics)).toEqual(rowWith(rows, run!.params))
    expect(run?.metrics.trades).toBeGreaterThan(0)
  })
})

describe('what is shipped', () => {
  const backtests = Promise.all(
    ['btc_strategies_2024', 'multi_asset_momentum'].map((name) => runOf([name])),
  )
  const sweeps = sweepInside(
    ['btc_sma_grid', 'eth_rsi_grid', 'sol_donchian'],
    ['--output', out('shipped')],
  )
  const valid = cryptoInside(['config', 'validate'])

  test('every backtest runs, without a key of an exchange and over the periods asked for', async () => {
    const documents = await backtests
    const rows = documents.flatMap(({ result: run }) => run.rows)
    const warnings = documents.flatMap((document) => document.warnings)
    expect(
      rows.map(({ strategy, symbol, interval }) => `${strategy} ${symbol} ${interval}`),
    ).toEqual([
      'sma_crossover_btc BTCUSDT 1h',
      'rsi_mean_reversion BTCUSDT 4h',
      'momentum_breakout BTCUSDT 4h',
      'momentum_breakout ETHUSDT 4h',
      'momentum_breakout SOLUSDT 4h',
    ])
    // 2024-01-01 to 2024-12-01 are 335 days; the momentum test begins where the sample does and warms up first.
    expect(rows.map(({ bars }) => bars).slice(0, 2)).toEqual([335 * 24, 335 * 6])
    for (const row of rows) {
      expect(row.metrics.trades).toBeGreaterThan(0)
      expect(row.benchmark.exposure).toBeGreaterThan(0.99)
    }
    expect(warnings.filter(({ code }) => code === 'PERIOD')).toHaveLength(3)
  })

  test('every sweep runs and ranks', async () => {
    for (const item of await sweeps) {
      expect(item.completed).toBe(item.combinations)
      expect(item.top.length).toBeGreaterThan(0)
      expect(existsSync(item.rows_file)).toBe(true)
      expect(await digestOfRows(item.rows_file)).toBe(item.digest)
    }
    expect((await sweeps)[0]?.digest).toBe(result.digest)
  })

  test('every winner of a sweep runs with the metrics of its row', async () => {
    const all = await sweeps
    const runs = all.map(({ sweep: name, top }) => {
      const params = Object.entries(top[0]!.params).map(([key, value]) => `${key}=${value}`)
      return runOf(['--sweep', name, '--set', ...params])
    })
    for (const [i, { result: run }] of (await Promise.all(runs)).entries())
      expect(run.rows[0]?.metrics).toEqual(all[i]!.top[0]!.metrics)
  })

  test('is valid, and a secret without a value is no error', async () => {
    const { code, err } = await valid
    expect([code, err]).toEqual([0, ''])
  })
})

describe('a 4h strategy over 1h candles', () => {
  test('gives the same as over 4h candles that were made elsewhere and imported', async () => {
    const store = createLakeStore({
      lake: project.path('none'),
      samples: [join(ROOT, 'data/sample')],
    })
    const key = { exchange: 'binance', symbol: 'BTCUSDT', interval: '1h' }
    const hours = await store.readCandles({ ...key, fromMs: 0, toMs: Date.UTC(2025, 0, 1) })
    store.close()
    const lines = ['open_time,open,high,low,close,volume']
    const fourHours = 4 * 3_600_000
    for (let i = 0; i + 4 <= hours.close.length; ) {
      const time = hours.openTime[i]!
      const isWhole = time % fourHours === 0 && hours.openTime[i + 3] === time + 3 * 3_600_000
      if (!isWhole) {
        i++
        continue
      }
      const part = (column: Float64Array) => [...column.subarray(i, i + 4)]
      const volume = part(hours.volume).reduce((sum, value) => sum + value, 0)
      const prices = [
        hours.open[i],
        Math.max(...part(hours.high)),
        Math.min(...part(hours.low)),
        hours.close[i + 3],
      ]
      lines.push([time, ...prices, volume].join(','))
      i += 4
    }
    const file = project.write('four-hours.csv', `${lines.join('\n')}\n`)
    const words = [
      '--exchange',
      'binance',
      '--symbol',
      'BTCUSDT',
      '--interval',
      '4h',
      '--data-dir',
      project.path('stored'),
    ]
    const imported: Document<{ rows: number; holes: number }> = documentOf(
      await cryptoInside(['data', 'import', file, ...words, '--json']),
    )
    expect(imported.result).toMatchObject({ rows: lines.length - 1, holes: 0 })

    const resampled = await runOf(['btc_strategies_2024'])
    const stored = await runOf(['btc_strategies_2024', '--data-dir', project.path('stored')])
    const [, before] = resampled.result.rows
    const [, after] = stored.result.rows
    expect(before).toMatchObject({
      strategy: 'rsi_mean_reversion',
      interval: '4h',
      bars: 2010,
      holes: 0,
    })
    // Each says what it was made of; everything else is the same.
    const { continuity } = before as unknown as { readonly continuity: object }
    expect(continuity).toMatchObject({ resampled_from: '1h' })
    const sameBut = { ...before!, continuity: { ...continuity, resampled_from: null } }
    expect(after).toEqual(sameBut as typeof after & object)
  })
})
