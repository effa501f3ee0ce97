import { describe, expect, test } from 'bun:test'
import type { BacktestRow } from '../../../../src/backtesting/results.ts'
import { backtestRunReport } from '../../../../src/report/commands/backtest-run.ts'
import { PLAIN } from '../../../../src/report/terminal/style.ts'
import { backtestRow, backtestRuns, METRICS_OF_STRATEGY, ROWS } from '../fixtures.ts'

const rowsOf = (...rows: readonly BacktestRow[]) => backtestRunReport.json(backtestRuns(rows)).rows
const linesOf = (rows: readonly BacktestRow[], style = PLAIN) =>
  backtestRunReport.lines(backtestRuns(rows), style)

describe('the document of backtest run', () => {
  test('says why a metric is null although it is not unknown', () => {
    const metrics = {
      ...METRICS_OF_STRATEGY,
      profit_factor: Number.POSITIVE_INFINITY,
      sortino: Number.POSITIVE_INFINITY,
      sharpe: null,
    }
    const [row] = rowsOf(backtestRow({ metrics, benchmark: metrics }))
    const reasons = { sortino: 'no_loss', profit_factor: 'no_loss' }
    expect(row).toMatchObject({ reasons, benchmark_reasons: reasons })
    expect(row?.metrics).toMatchObject({ sortino: null, profit_factor: null, sharpe: null })
    expect(rowsOf(backtestRow())[0]?.reasons).toEqual({})
  })

  test('names the fields of a run row', () => {
    const [row] = rowsOf(...ROWS)
    for (const field of [
      ...['backtest', 'strategy', 'type', 'symbol', 'interval', 'params', 'bars', 'holes'],
      ...['metrics', 'benchmark'],
    ]) {
      expect(row).toHaveProperty(field)
    }
    expect(row).toMatchObject({
      start_time: '2024-01-01T00:00:00Z',
      end_time: '2024-12-01T00:00:00Z',
    })
  })

  test('names a file on its own only where there is one of its kind', () => {
    const files = [
      ['trades', 'a.trades.csv'],
      ['trades', 'b.trades.csv'],
      ['equity', 'equity.csv'],
    ] as const
    const document = backtestRunReport.json({ ...backtestRuns(ROWS), files })
    expect(document).toMatchObject({ trades_file: null, equity_file: 'equity.csv' })
    expect(document.files).toHaveLength(3)
  })
})

describe('backtest run', () => {
  const text = (rows = [backtestRow()]) => linesOf(rows).join('\n')

  test('puts the strategy beside buy and hold', () => {
    expect(text()).toMatch(/Total return\s+\+61\.2%\s+\+148\.0%/)
    expect(text()).toMatch(/Max drawdown\s+-18\.4%\s+-26\.1%/)
    expect(text()).toMatch(/Final equity\s+16,120\.43\s+24,803\.12/)
    expect(text()).toContain('less than buy & hold')
  })

  test('shows what is not computable as a dash', () => {
    const metrics = { ...METRICS_OF_STRATEGY, sharpe: null }
    expect(text([backtestRow({ metrics })])).toMatch(/Sharpe\s+-\s+1\.21/)
  })

  test('shows a gain over no loss as such', () => {
    const metrics = {
      ...METRICS_OF_STRATEGY,
      profit_factor: Number.POSITIVE_INFINITY,
      sortino: Number.POSITIVE_INFINITY,
      calmar: Number.POSITIVE_INFINITY,
      sqn: null,
    }
    const rows = [backtestRow({ metrics }), backtestRow()]
    for (const label of ['Sortino', 'Calmar', 'Profit factor']) {
      expect(text(rows)).toMatch(new RegExp(`${label}\\s+no loss`))
    }
    expect(linesOf(rows, { ...PLAIN, width: 200 })[2]).toContain('no loss')
    expect(text(rows)).not.toMatch(/\binf|the sample does not carry [^\n]*(?:sortino|calmar)/i)
    expect(text(rows)).toContain('the sample does not carry sqn')
  })

  test('warns beneath the figures', () => {
    const lines = text([
      backtestRow({
        metrics: { ...METRICS_OF_STRATEGY, trades: 12 },
        openPosition: true,
        holes: 3,
        endMs: Date.UTC(2024, 2, 1),
      }),
    ])
    expect(lines).toContain('! 12 trades: fewer than 30')
    expect(lines).toContain('! short sample of 60 days')
    expect(lines).toContain('! a position is open at the end')
    expect(lines).toContain('! 3 candles missing')
  })

  test('does not warn of a sound sample', () => {
    expect(text()).not.toContain('!')
  })

  test('compares several strategies before the details', () => {
    const lines = linesOf(ROWS)
    expect(lines[0]).toContain('Strategy')
    expect(lines.slice(2, 5).map((line) => line.trim().split(/ +/)[0])).toEqual(
      ROWS.map((row) => row.strategy),
    )
  })

  test('names the backtest of each row when there are several', () => {
    const rows = [...ROWS, backtestRow({ backtest: 'multi_asset' })]
    expect(linesOf(rows, { ...PLAIN, width: 140 })[0]).toContain('Backtest')
  })
})

test('the title of the backtest stands above its rows', () => {
  const linesWith = (title: string | undefined) =>
    backtestRunReport.lines({ ...backtestRuns([backtestRow()]), title }, PLAIN)
  expect(linesWith('BTC strategies of 2024').slice(0, 2)).toEqual(['BTC strategies of 2024', ''])
  expect(linesWith('BTC strategies of 2024').slice(2)).toEqual([...linesWith(undefined)])
})
