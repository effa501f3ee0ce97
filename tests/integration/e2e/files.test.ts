import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { join } from 'node:path'
import { createLakeStore } from '../../../src/data/index.ts'
import { documentOf, makeProject, ROOT, type RunResult } from './crypto.ts'
import { cryptoInside } from './crypto-inside.ts'
import { readCsv, readParquet } from './tables.ts'

setDefaultTimeout(60_000)

/** The files of `backtest run --trades --equity`, held against the metrics of the run and the candles themselves. */

const project = makeProject()
afterAll(project.remove)

const TRADE_COLUMNS = [
  ...['symbol', 'side', 'entry_time', 'entry_price', 'exit_time', 'exit_price'],
  ...['size', 'pnl', 'return', 'fees', 'exit_reason'],
]
const EQUITY_COLUMNS = ['time', 'equity', 'drawdown', 'exposure']
const CAPITAL = 10_000
const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000

project.write(
  'config/sweeps.yaml',
  ['next_open', 'close']
    .map(
      (fill, i) => `${i === 0 ? 'sweeps:\n' : ''}  at_${fill}:
    strategy: sma_crossover
    symbol: BTCUSDT
    interval: 1h
    start: "2023-06-01"
    end: "2024-12-31"
    initial_capital: ${CAPITAL}
    commission: 0.001
    slippage: 0.0005
    fill: ${fill}
    params: { fast_period: [2, 20, 58], slow_period: [98, 300, 398] }
`,
    )
    .join(''),
)

interface Trade {
  readonly symbol: string
  readonly side: string
  readonly entry_time: number
  readonly entry_price: number
  readonly exit_time: number | null
  readonly exit_price: number | null
  readonly size: number
  readonly pnl: number
  readonly return: number
  readonly fees: number
  readonly exit_reason: string
}

type EquityRow = Readonly<Record<'time' | 'equity' | 'drawdown' | 'exposure', number>>

async function tableOf(path: string) {
  return path.endsWith('.csv') ? readCsv(path) : readParquet(path)
}

async function recordsOf<T>(path: string, names: readonly string[]): Promise<readonly T[]> {
  const table = await tableOf(path)
  expect(table.names).toEqual(names)
  return table.rows.map((row) => Object.fromEntries(names.map((name, i) => [name, row[i]])) as T)
}

/** Runs one point and returns its metrics as numbers beside both files. */
async function runWithFiles(sweep: string, point: readonly string[], extension: string) {
  const trades = project.path(`${sweep}-${point.join('-')}.trades${extension}`)
  const equity = project.path(`${sweep}-${point.join('-')}.equity${extension}`)
  const words = ['--sweep', sweep, '--set', ...point, '--trades', trades, '--equity', equity]
  const finished = await cryptoInside(['backtest', 'run', ...words, '--json'], { cwd: project.dir })
  const { result } = documentOf<RunResult & RunFiles>(finished)
  expect(result).toMatchObject({ trades_file: trades, equity_file: equity })
  const row = result.rows[0]!
  const metrics = Object.fromEntries(
    Object.entries(row.metrics).map(([name, value]) => [
      name,
      value === null ? Number.NaN : Number(value),
    ]),
  ) as Readonly<Record<string, number>>
  return {
    row,
    metrics,
    trades: await recordsOf<Trade>(trades, TRADE_COLUMNS),
    equity: await recordsOf<EquityRow>(equity, EQUITY_COLUMNS),
  }
}

const store = createLakeStore({ lake: project.path('none'), samples: [join(ROOT, 'data/sample')] })
const candles = await store.readCandles({
  ...{ exchange: 'binance', symbol: 'BTCUSDT', interval: '1h' },
  ...{ fromMs: 0, toMs: Date.UTC(2025, 0, 1) },
})
store.close()
const barAt = new Map(Array.from(candles.openTime, (time, bar) => [time, bar]))

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
const near = (actual: number, expected: number, scale = Math.abs(expected)) => {
  const far = Math.abs(actual - expected) > 1e-9 * Math.max(1e-3, scale)
  expect(far ? { actual, expected } : 'near').toBe('near')
}

interface RunFiles {
  readonly trades_file: string | null
  readonly equity_file: string | null
  readonly files: readonly { readonly kind: string; readonly path: string }[]
}

const CASES = [
  ['at_next_open', ['fast_period=58', 'slow_period=98'], '.csv'],
  ['at_next_open', ['fast_period=58', 'slow_period=98'], '.parquet'],
  ['at_next_open', ['fast_period=20', 'slow_period=300'], '.parquet'],
  ['at_close', ['fast_period=2', 'slow_period=398'], '.csv'],
] as const

describe.each(CASES)('%s %p as %s', (sweep, point, extension) => {
  const made = runWithFiles(sweep, point, extension)
  const isClose = sweep === 'at_close'

  test('trades explain final equity, fees and the trade metrics', async () => {
    const { metrics, trades, row } = await made
    const closed = trades.filter(({ exit_reason }) => exit_reason === 'signal')
    expect(trades.length - closed.length).toBe(row.open_position ? 1 : 0)
    expect(closed.length).toBe(metrics.trades!)
    near(sum(trades.map(({ pnl }) => pnl)), metrics.final_equity! - CAPITAL, CAPITAL)
    near(sum(trades.map(({ fees }) => fees)), metrics.fees!)
    const wins = closed.filter(({ pnl }) => pnl > 0)
    const losses = closed.filter(({ pnl }) => pnl < 0)
    near(wins.length / (wins.length + losses.length), metrics.win_rate!)
    near(
      sum(wins.map(({ pnl }) => pnl)) / -sum(losses.map(({ pnl }) => pnl)),
      metrics.profit_factor!,
    )
    near(sum(closed.map((trade) => trade.return)) / closed.length, metrics.expectancy!)
    const mean = sum(closed.map(({ pnl }) => pnl)) / closed.length
    const variance = sum(closed.map(({ pnl }) => (pnl - mean) ** 2)) / (closed.length - 1)
    near((Math.sqrt(closed.length) * mean) / Math.sqrt(variance), metrics.sqn!)
  })

  test('every fill lies at the price of the candle at its time, within the judged bars', async () => {
    const { trades, equity } = await made
    const first = equity[0]!.time - HOUR_MS
    const last = equity.at(-1)!.time
    const priceAt = (time: number) => {
      const bar = barAt.get(isClose ? time - HOUR_MS : time)
      return bar === undefined ? Number.NaN : (isClose ? candles.close : candles.open)[bar]!
    }
    let free = first
    for (const trade of trades) {
      expect(trade).toMatchObject({ symbol: 'BTCUSDT', side: 'long' })
      expect(trade.entry_time).toBeGreaterThanOrEqual(free)
      expect(trade.entry_time).toBeLessThanOrEqual(last)
      near(trade.entry_price, priceAt(trade.entry_time) * 1.0005)
      near(trade.return, trade.pnl / (trade.size * trade.entry_price), 1)
      if (trade.exit_time === null) continue
      expect(trade.exit_time).toBeGreaterThan(trade.entry_time)
      near(trade.exit_price!, priceAt(trade.exit_time) * 0.9995)
      const gross = trade.size * (trade.exit_price! - trade.entry_price)
      near(trade.fees, 0.001 * trade.size * (trade.exit_price! + trade.entry_price))
      near(trade.pnl, gross - trade.fees, trade.size * trade.entry_price)
      free = trade.exit_time
    }
  })

  test('an open position is last, has an empty exit and the reason end', async () => {
    const { trades, row } = await made
    for (const [i, trade] of trades.entries()) {
      const isOpen = row.open_position && i === trades.length - 1
      expect(trade.exit_reason).toBe(isOpen ? 'end' : 'signal')
      expect(trade.exit_time === null).toBe(isOpen)
      expect(trade.exit_price === null).toBe(isOpen)
    }
  })

  test('the equity file has every judged bar and explains drawdown and exposure', async () => {
    const { metrics, equity, row } = await made
    expect(equity).toHaveLength(row.bars)
    expect(equity[0]?.time).toBe(Date.UTC(2023, 5, 17, 15))
    expect(equity.at(-1)?.time).toBe(Date.UTC(2024, 11, 31))
    expect(equity.at(-1)?.equity).toBe(metrics.final_equity!)
    let peak = CAPITAL
    const drawdowns = equity.map(({ equity: value }) => {
      peak = Math.max(peak, value)
      return 1 - value / peak
    })
    for (const [i, { drawdown }] of equity.entries()) near(drawdown, drawdowns[i]!, 1)
    near(Math.max(...drawdowns), metrics.max_drawdown!)
    near(sum(equity.map(({ exposure }) => exposure)) / equity.length, metrics.exposure!)
    expect(new Set(equity.map(({ exposure }) => exposure))).toEqual(new Set([0, 1]))
  })

  test('the daily figures follow from the equity file', async () => {
    const { metrics, equity } = await made
    const byDay = new Map<number, number>()
    for (const { time, equity: value } of equity)
      byDay.set(Math.floor((time - HOUR_MS) / DAY_MS), value)
    const ends = [CAPITAL, ...byDay.values()]
    const returns = ends.slice(1).map((value, i) => value / ends[i]! - 1)
    const mean = sum(returns) / returns.length
    const spread = Math.sqrt(sum(returns.map((r) => (r - mean) ** 2)) / (returns.length - 1))
    const downside = Math.sqrt(sum(returns.map((r) => Math.min(r, 0) ** 2)) / returns.length)
    near(Math.sqrt(365) * spread, metrics.volatility!)
    near((Math.sqrt(365) * mean) / spread, metrics.sharpe!)
    near((Math.sqrt(365) * mean) / downside, metrics.sortino!)
    const years = (equity.at(-1)!.time - equity[0]!.time + HOUR_MS) / (365 * DAY_MS)
    near((metrics.final_equity! / CAPITAL) ** (1 / years) - 1, metrics.cagr!)
    near(metrics.cagr! / metrics.max_drawdown!, metrics.calmar!)
    near(metrics.final_equity! / CAPITAL - 1, metrics.total_return!)
  })
})

test('CSV and Parquet hold the same values', async () => {
  const [csv, parquet] = await Promise.all([
    runWithFiles('at_next_open', ['fast_period=2', 'slow_period=300'], '.csv'),
    runWithFiles('at_next_open', ['fast_period=2', 'slow_period=300'], '.parquet'),
  ])
  expect(csv.trades).toEqual(parquet.trades)
  expect(csv.equity).toEqual(parquet.equity)
})

test('a backtest of several runs writes a file for each, named after it', async () => {
  const words = ['btc_strategies_2024', '--trades', 'trades.csv', '--equity', 'equity.parquet']
  const finished = await cryptoInside(['backtest', 'run', ...words, '--json'], { cwd: project.dir })
  const { result } = documentOf<RunResult & RunFiles>(finished)
  expect(result).toMatchObject({ trades_file: null, equity_file: null })
  expect(result.files).toHaveLength(4)
  const rsi = 'btc_strategies_2024.rsi_mean_reversion.BTCUSDT'
  const trades = await recordsOf<Trade>(project.path(`trades.${rsi}.csv`), TRADE_COLUMNS)
  expect(trades).toHaveLength(9)
  const equity = await recordsOf<EquityRow>(project.path(`equity.${rsi}.parquet`), EQUITY_COLUMNS)
  expect(equity).toHaveLength(2010)
  expect(result.files).toContainEqual({ kind: 'trades', path: `trades.${rsi}.csv` })
  const sma = 'btc_strategies_2024.sma_crossover_btc.BTCUSDT'
  expect((await recordsOf(project.path(`trades.${sma}.csv`), TRADE_COLUMNS)).length).toBe(168)
  expect((await recordsOf(project.path(`equity.${sma}.parquet`), EQUITY_COLUMNS)).length).toBe(8040)
})
