import type {
  ConfiguredBacktest,
  ConfiguredSweep,
} from '../../../src/app/backtest/list-configured.ts'
import type {
  BacktestRow,
  RankedPoint,
  SweepEstimate,
  SweepProgress,
  SweepResult,
} from '../../../src/backtesting/results.ts'
import type { Metrics } from '../../../src/core/metrics.ts'
import type {
  ConfigReport,
  DefinitionView,
  EffectiveConfig,
  ExchangeView,
  ImportView,
  SeriesView,
  SyncedSeriesView,
} from '../../../src/report/views.ts'
import { continuity } from '../../support/continuity.ts'

/** Hand-made results: one of each kind, with the sizes that real ones have. */

export const METRICS_OF_STRATEGY: Metrics = {
  total_return: 0.612043,
  cagr: 0.6734,
  volatility: 0.3121,
  sharpe: 1.1234,
  sortino: 1.6021,
  calmar: 3.659,
  max_drawdown: 0.18412,
  max_drawdown_days: 73.25,
  exposure: 0.4134,
  turnover: 152.31,
  trades: 130,
  win_rate: 0.5151,
  profit_factor: 1.3142,
  expectancy: 0.00417,
  sqn: 1.87,
  fees: 1612.0433,
  final_equity: 16120.43,
}

export const METRICS_OF_HOLDING: Metrics = {
  ...METRICS_OF_STRATEGY,
  total_return: 1.480312,
  cagr: 1.7023,
  sharpe: 1.2104,
  max_drawdown: 0.2611,
  exposure: 1,
  turnover: 1.09,
  trades: 1,
  win_rate: null,
  profit_factor: null,
  sqn: null,
  fees: 10,
  final_equity: 24803.12,
}

export function backtestRow(changes: Partial<BacktestRow> = {}): BacktestRow {
  return {
    backtest: 'btc_strategies_2024',
    strategy: 'sma_crossover_btc',
    type: 'sma_crossover',
    symbol: 'BTCUSDT',
    interval: '1h',
    params: { fast_period: 10, slow_period: 30 },
    bars: 8040,
    holes: 0,
    continuity: continuity(8040),
    firstMs: Date.UTC(2024, 0, 1),
    endMs: Date.UTC(2024, 11, 1),
    metrics: METRICS_OF_STRATEGY,
    benchmark: METRICS_OF_HOLDING,
    curve: Array.from({ length: 64 }, (_, i) => 10_000 + 95 * i + 900 * Math.sin(i / 4)),
    openPosition: false,
    ...changes,
  }
}

export const ROWS: readonly BacktestRow[] = [
  backtestRow(),
  backtestRow({
    strategy: 'rsi_mean_reversion',
    type: 'rsi_mean_reversion',
    interval: '4h',
    params: { period: 14, oversold: 30, overbought: 70 },
    bars: 2010,
    holes: 3,
    continuity: continuity(2010, {
      expected: 2013,
      missing: 3,
      gaps: 2,
      longestGap: { fromMs: Date.UTC(2024, 1, 3, 4), toMs: Date.UTC(2024, 1, 3, 12), candles: 2 },
      causes: [
        { cause: 'venue', candles: 2 },
        { cause: null, candles: 1 },
      ],
      resampledFrom: '1h',
      incomplete: 1,
    }),
    openPosition: true,
    metrics: {
      ...METRICS_OF_STRATEGY,
      total_return: -0.1234,
      cagr: -0.1334,
      sharpe: -0.41,
      trades: 12,
      profit_factor: 0.71,
      sqn: null,
      final_equity: 8766,
    },
  }),
  backtestRow({ strategy: 'momentum_breakout', type: 'momentum_breakout', symbol: 'ETHUSDT' }),
]

export function rankedPoint(rank: number): RankedPoint {
  return {
    rank,
    params: { fast_period: 35 + rank, slow_period: 150 + 4 * rank },
    metrics: { ...METRICS_OF_STRATEGY, sharpe: 1.8 - rank / 50 },
  }
}

const TOP = Array.from({ length: 10 }, (_, i) => rankedPoint(i + 1))

export function sweepResult(changes: Partial<SweepResult> = {}): SweepResult {
  return {
    sweep: 'btc_sma_grid',
    strategy: 'sma_crossover',
    symbol: 'BTCUSDT',
    interval: '1h',
    firstMs: Date.UTC(2023, 5, 17, 16),
    endMs: Date.UTC(2024, 11, 31),
    axes: [
      { name: 'fast_period', count: 119, min: 2, max: 120 },
      { name: 'slow_period', count: 98, min: 10, max: 398 },
    ],
    combinations: 10_214,
    completed: 10_214,
    bars: 13_480,
    holes: 0,
    continuity: continuity(13_480),
    workers: 2,
    seconds: 0.113,
    barCombinationsPerSecond: 1_204_321_000,
    peakRssBytes: 142_300_160,
    digest: `sha256:${'0123456789abcdef'.repeat(4)}`,
    rowsFile: 'results/btc_sma_grid/rows.parquet',
    manifestFile: 'results/btc_sma_grid/manifest.json',
    objective: 'sharpe',
    constraints: ['trades >= 30'],
    eligible: 9_120,
    withoutObjective: 0,
    undecided: [],
    top: TOP,
    interrupted: false,
    ...changes,
  }
}

export const ESTIMATE: SweepEstimate = {
  sweep: 'btc_sma_grid',
  gridPoints: 11_662,
  combinations: 10_214,
  bars: 13_480,
  holes: 12,
  warmupBars: 400,
  workers: 2,
  memoryBytes: 61_400_000,
  rowsBytes: 1_560_000,
}

export function sweepProgress(done: number, changes: Partial<SweepProgress> = {}): SweepProgress {
  return {
    sweep: 'btc_sma_grid',
    done,
    total: 43_200,
    bars: 17_544,
    workers: 2,
    seconds: 1.75,
    objective: 'sharpe',
    top: TOP.slice(0, 3),
    ...changes,
  }
}

export const STRATEGIES: readonly DefinitionView[] = [
  {
    name: 'bollinger_reversion',
    description: 'Buys below the lower band and sells at the middle one.',
    category: 'statistical',
    source: 'built-in',
    params: [
      { name: 'period', type: 'integer', default: 20, minimum: 2, description: 'bars' },
      {
        name: 'deviations',
        type: 'number',
        default: 2,
        minimum: 0.1,
        maximum: 10,
        description: 'distance of the bands in standard deviations',
      },
    ],
    warmupBars: 19,
    facts: [],
  },
  {
    name: 'sma_crossover',
    description: 'Long while the fast average is above the slow one.',
    category: 'technical',
    source: 'built-in',
    params: [
      { name: 'fast_period', type: 'integer', default: 10, minimum: 1, description: 'bars' },
      { name: 'slow_period', type: 'integer', default: 30, minimum: 2, description: 'bars' },
    ],
    warmupBars: 29,
    facts: [
      ['enter long', 'crosses_above(sma(close, fast_period), sma(close, slow_period))'],
      ['exit long', 'crosses_below(sma(close, fast_period), sma(close, slow_period))'],
    ],
  },
  {
    name: 'volume_spike',
    description: 'Follows bars whose volume is far above its average.',
    category: 'plugin',
    source: 'plugins/strategies/volume-spike.ts',
    params: [],
    warmupBars: null,
    facts: [],
  },
]

export const EXCHANGES: readonly ExchangeView[] = [
  {
    name: 'binance',
    adapter: 'binance',
    testnet: true,
    rateLimit: 1200,
    credentials: 'missing',
    description: 'Binance spot: candles, orders and balances over REST.',
  },
  {
    name: 'binance_prod',
    adapter: 'binance',
    testnet: false,
    rateLimit: null,
    credentials: 'set',
    description: 'Binance spot: candles, orders and balances over REST.',
  },
]

export const SERIES: readonly SeriesView[] = [
  {
    exchange: 'binance',
    symbol: 'BTCUSDT',
    interval: '1h',
    rows: 13_896,
    fromMs: Date.UTC(2023, 5, 1),
    toMs: Date.UTC(2025, 0, 1),
    holes: 0,
    bytes: 512_345,
    source: 'sample',
  },
  {
    exchange: 'binance',
    symbol: 'ETHUSDT',
    interval: '1m',
    rows: 835_200,
    fromMs: Date.UTC(2023, 5, 1, 13, 30),
    toMs: Date.UTC(2025, 0, 1, 7, 15),
    holes: 48,
    bytes: 28_512_345,
    source: 'lake',
  },
]

export const SYNCED: readonly SyncedSeriesView[] = [
  {
    exchange: 'binance',
    symbol: 'BTCUSDT',
    interval: '1m',
    exported: ['2024-01', '2024-02'],
    unchanged: ['2023-12'],
    removed: [],
    conflicts: ['2023-11'],
    rows: 86_400,
    seconds: 0.21,
  },
]

export const IMPORT: ImportView = {
  exchange: 'binance',
  symbol: 'BTCUSDT',
  interval: '1h',
  files: ['btc.csv'],
  isIntervalInferred: false,
  rows: 8_760,
  duplicates: 2,
  added: 8_700,
  replaced: 8,
  unchanged: 50,
  fromMs: Date.UTC(2024, 0, 1),
  toMs: Date.UTC(2025, 0, 1),
  holes: 24,
  missingVolume: 0,
  notes: [],
  partitions: ['2024-01', '2024-02'],
  folder: 'data/lake/exchange=binance/symbol=BTCUSDT/interval=1h',
}

export const VALID_REPORT: ConfigReport = {
  files: ['config/settings.yaml', 'config/sweeps.yaml'],
  problems: [],
  counts: { strategies: 8, backtests: 2, sweeps: 1 },
}

export const INVALID_REPORT: ConfigReport = {
  files: ['config/settings.yaml', 'config/sweeps.yaml'],
  problems: [
    {
      severity: 'error',
      code: 'CONFIG_UNKNOWN_NAME',
      message: "strategy 'sma_crosover' is not known.",
      hint: "Did you mean 'sma_crossover'?",
      file: 'config/sweeps.yaml',
      line: 3,
      col: 15,
      frame: { text: '    strategy: sma_crosover', col: 15, length: 12 },
    },
    {
      severity: 'warn',
      code: 'CONFIG_LARGE_COMMISSION',
      message: 'commission 0.2 means 20 %; most venues take less than 0.5 %.',
      hint: 'Write 0.002 for 0.2 %.',
      file: 'config/settings.yaml',
      line: 12,
      col: 23,
      frame: { text: '  default_commission: 0.2', col: 23, length: 3 },
    },
  ],
  counts: { strategies: 8, backtests: 2, sweeps: 1 },
}

export const EFFECTIVE: EffectiveConfig = {
  document: { settings: { database: { host: 'localhost', port: 5432, password: '***' } } },
  values: [
    { path: 'settings.database.host', value: 'localhost', origin: 'config/settings.yaml:3:9' },
    { path: 'settings.database.port', value: 5432, origin: 'environment DB_PORT' },
    { path: 'settings.database.password', value: '***', origin: 'environment DB_PASSWORD' },
    {
      path: 'strategies.sma_crossover_btc.params.fast_period',
      value: 10,
      origin: 'config/strategies.yaml:5:27',
    },
  ],
}

/** What the command returns of rows, with nothing to say besides. */
export function backtestRuns(rows: readonly BacktestRow[]) {
  return { title: undefined, rows, files: [], notes: [], warnings: [] }
}

/** More parameters than a table has room for. */
export const MANY_PARAMS = Object.fromEntries(
  Array.from({ length: 9 }, (_, i) => [`long_parameter_${i}`, i + 0.5]),
)

const YEAR = {
  exchange: 'binance',
  symbols: ['BTCUSDT'],
  intervals: ['1h'],
  fromMs: Date.UTC(2024, 0, 1),
  toMs: Date.UTC(2025, 0, 1),
}

export const CONFIGURED_BACKTESTS: readonly ConfiguredBacktest[] = [
  { name: 'btc_2024', title: 'Bitcoin', strategies: ['sma_crossover_btc'], ...YEAR },
]

export const CONFIGURED_SWEEPS: readonly ConfiguredSweep[] = [
  {
    ...{ name: 'btc_sma_grid', strategy: 'sma_crossover', gridPoints: 10_000, objective: 'sharpe' },
    ...YEAR,
  },
]
