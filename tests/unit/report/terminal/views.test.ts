import { describe, expect, test } from 'bun:test'
import type { SweepResult } from '../../../../src/backtesting/results.ts'
import {
  backtestLines,
  comparisonLines,
  titleLines,
} from '../../../../src/report/terminal/backtest-run.ts'
import {
  definitionLines,
  definitionListLines,
  exchangeListLines,
} from '../../../../src/report/terminal/catalog.ts'
import { configReportLines, originLines } from '../../../../src/report/terminal/config.ts'
import {
  exportLines,
  importLines,
  seriesListLines,
  syncLines,
} from '../../../../src/report/terminal/data.ts'
import { checkLines } from '../../../../src/report/terminal/data-check.ts'
import { PLAIN, type Style } from '../../../../src/report/terminal/style.ts'
import {
  estimateLines,
  panelLines,
  plainProgressLine,
  sweepLines,
  winnerCommandLines,
} from '../../../../src/report/terminal/sweep.ts'
import { DAMAGED, EXPORT, seriesCheck } from '../check-fixtures.ts'
import {
  backtestRow,
  EFFECTIVE,
  ESTIMATE,
  EXCHANGES,
  IMPORT,
  INVALID_REPORT,
  METRICS_OF_STRATEGY,
  ROWS,
  rankedPoint,
  SERIES,
  STRATEGIES,
  SYNCED,
  sweepProgress,
  sweepResult,
  VALID_REPORT,
} from '../fixtures.ts'

const MANY_PARAMS = Object.fromEntries(
  Array.from({ length: 9 }, (_, i) => [`long_parameter_${i}`, i + 0.5]),
)

/** Every view of the terminal, as a function of the style. */
const VIEWS: readonly (readonly [name: string, view: (style: Style) => readonly string[]])[] = [
  ['one backtest', (style) => backtestLines([backtestRow()], style)],
  ['three backtests', (style) => backtestLines(ROWS, style)],
  ['estimate', (style) => estimateLines(ESTIMATE, style)],
  ['panel', (style) => panelLines(sweepProgress(22_031), style)],
  ['first panel', (style) => panelLines(sweepProgress(0, { seconds: 0, top: [] }), style)],
  ['progress line', (style) => [plainProgressLine(sweepProgress(21_600), style)]],
  ['sweep', (style) => sweepLines(sweepResult(), style)],
  [
    'sweep with many parameters',
    (style) =>
      sweepLines(sweepResult({ top: [{ ...rankedPoint(1), params: MANY_PARAMS }] }), style),
  ],
  ['winner', (style) => winnerCommandLines(sweepResult(), style)],
  ['strategies', (style) => definitionListLines(STRATEGIES, style)],
  ['a strategy', (style) => STRATEGIES.flatMap((one) => definitionLines(one, style))],
  ['exchanges', (style) => exchangeListLines(EXCHANGES, style)],
  ['series', (style) => seriesListLines(SERIES, style)],
  ['import', (style) => importLines(IMPORT, style)],
  ['sync', (style) => syncLines(SYNCED, style)],
  ['export', (style) => exportLines(EXPORT, style)],
  ['check', (style) => checkLines([seriesCheck(), DAMAGED], ['l.sqlite: damaged.'], style)],
  ['problems', (style) => configReportLines(INVALID_REPORT, style)],
  ['no problems', (style) => configReportLines(VALID_REPORT, style)],
  ['origins', (style) => originLines(EFFECTIVE, style)],
]

describe.each(VIEWS)('%s', (_name, view) => {
  test.each([80, 100, 140])('fits %p columns', (width) => {
    const lines = view({ ...PLAIN, width })
    expect(lines.length).toBeGreaterThan(0)
    for (const line of lines) expect(Bun.stringWidth(line)).toBeLessThanOrEqual(width)
  })

  test('is ASCII where the locale is not UTF-8', () => {
    expect(view({ ...PLAIN, unicode: false }).join('\n')).toMatch(/^[\x20-\x7e\n]*$/)
  })

  test('says the same with and without colour', () => {
    const colored = view({ ...PLAIN, color: true })
    expect(colored.map((line) => Bun.stripANSI(line))).toEqual([...view(PLAIN)])
    expect(view(PLAIN).join('')).not.toContain('\u001b')
  })
})

describe('data check', () => {
  test('says what to do about damaged months, by where their candles are to be had', () => {
    const text = checkLines([DAMAGED], [], { ...PLAIN, width: 400 }).join('\n')
    expect(text).toContain(
      'to do       2024-03.parquet: run crypto ingest --exchange binance --symbol BTCUSDT --interval 1h --repair over the month, or move',
    )
    expect(text).toContain(
      '2024-04.parquet, 2024-05.parquet: copied from a database; delete the file, then run crypto data sync',
    )
    expect(text).toContain('2024-02.parquet: part of the sample; restore the file')
  })

  test('says how a damaged manifest is renewed', () => {
    const manifest = { path: 'f/manifest.json', month: null, kind: 'wrong', fields: ['x'] } as const
    const check = { ...DAMAGED, damaged: [], manifest: [manifest] }
    const text = checkLines([check], [], { ...PLAIN, width: 400 }).join('\n')
    expect(text).toContain('manifest.json: run crypto ingest')
    expect(text).not.toContain('delete')
  })
})

describe('backtest run', () => {
  const text = (rows = [backtestRow()]) => backtestLines(rows, PLAIN).join('\n')

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
    expect(comparisonLines(rows, { ...PLAIN, width: 200 })[2]).toContain('no loss')
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
    const lines = backtestLines(ROWS, PLAIN)
    expect(lines[0]).toContain('Strategy')
    expect(lines.slice(2, 5).map((line) => line.trim().split(/ +/)[0])).toEqual(
      ROWS.map((row) => row.strategy),
    )
  })

  test('names the backtest of each row when there are several', () => {
    const rows = [...ROWS, backtestRow({ backtest: 'multi_asset' })]
    expect(comparisonLines(rows, { ...PLAIN, width: 140 })[0]).toContain('Backtest')
  })
})

describe('titles of backtests', () => {
  test('stand above the only one, and beside the names of several', () => {
    const given = ['btc_2024', 'BTC strategies of 2024'] as const
    expect(titleLines([given], PLAIN)).toEqual(['BTC strategies of 2024', ''])
    expect(titleLines([given, ['eth', 'eth']], PLAIN)).toEqual([
      'btc_2024  BTC strategies of 2024',
      '',
    ])
    expect(titleLines([['eth', 'eth']], PLAIN)).toEqual([])
  })
})

describe('sweep', () => {
  test('shows the result with speed, digest and files', () => {
    const text = sweepLines(sweepResult(), PLAIN).join('\n')
    expect(text).toContain('ranked by sharpe; 9,120 of 10,214 satisfy trades >= 30')
    expect(text).toContain('1.20G bar·combinations/s')
    expect(text).toContain('90.4k backtests/s')
    expect(text).toContain(`digest ${sweepResult().digest}`)
    expect(text).toContain('results/btc_sma_grid/rows.parquet')
  })

  test('says what was found about the judged bars', () => {
    const text = sweepLines(sweepResult({ notes: ['BTCUSDT 1h: judged later.'] }), PLAIN)
    expect(text).toContain('! BTCUSDT 1h: judged later.')
  })

  test('ranks with the objective first and every parameter in view', () => {
    const lines = sweepLines(sweepResult({ objective: 'calmar' }), PLAIN)
    const head = lines.find((line) => line.includes('#')) as string
    expect(head.trim().split(/ +/).slice(0, 4)).toEqual([
      '#',
      'Calmar',
      'fast_period',
      'slow_period',
    ])
  })

  test('shows an objective without a loss as such, in every view', () => {
    const metrics = { ...METRICS_OF_STRATEGY, profit_factor: Number.POSITIVE_INFINITY }
    const top = [{ ...rankedPoint(1), metrics }, rankedPoint(2)]
    const objective = 'profit_factor'
    for (const width of [60, 80, 120]) {
      const style = { ...PLAIN, width }
      const table = sweepLines(sweepResult({ objective, top }), style)
      expect(table.some((line) => /^\s+1 {2}no loss {2}/.test(line))).toBeTrue()
      expect(table.every((line) => line.length <= width || line.startsWith('digest'))).toBeTrue()
      const progress = sweepProgress(5, { objective, top })
      expect(panelLines(progress, style).join('\n')).toContain('no loss')
    }
    const line = plainProgressLine(sweepProgress(5, { objective, top }), { ...PLAIN, width: 200 })
    expect(line).toContain('best no loss fast_period=36')
  })

  test('counts rows without an objective, and constraints that rows could not decide', () => {
    const text = (changes: Partial<SweepResult>) =>
      sweepLines(sweepResult(changes), { ...PLAIN, width: 300 }).join('\n')
    expect(text({ withoutObjective: 1204 })).toContain(
      '! 1,204 combinations have no sharpe (not computable) and rank last',
    )
    expect(text({ withoutObjective: 1 })).toContain('! 1 combination has no sharpe')
    const undecided = [{ constraint: 'sqn > 1', rows: 7 }]
    expect(text({ undecided })).toContain(
      "! 7 combinations cannot be judged by 'sqn > 1': a metric in it is not computable, and a comparison without a value is false",
    )
    expect(text({})).not.toMatch(/rank last|cannot be judged/)
  })

  test('lists parameters beneath when there are more than columns', () => {
    const top = [{ ...rankedPoint(1), params: MANY_PARAMS }]
    const text = sweepLines(sweepResult({ top }), PLAIN).join('\n')
    for (const [name, value] of Object.entries(MANY_PARAMS))
      expect(text).toContain(`${name}=${value}`)
  })

  test('offers the command that re-runs the winner', () => {
    const command = winnerCommandLines(sweepResult(), { ...PLAIN, width: 200 })
    expect(command).toEqual([
      'next: bun run crypto backtest run --sweep btc_sma_grid --set fast_period=36 slow_period=154',
    ])
    expect(winnerCommandLines(sweepResult({ top: [] }), PLAIN)).toEqual([])
  })

  test('says when nothing is eligible, and when it was interrupted', () => {
    const empty = sweepLines(sweepResult({ top: [], eligible: 0 }), PLAIN).join('\n')
    expect(empty).toContain('no combination satisfies trades >= 30')
    const partial = sweepLines(sweepResult({ interrupted: true, completed: 5000 }), PLAIN).join(' ')
    expect(partial).toContain('5,000 of 10,214 combinations done')
  })

  test('estimates before the start', () => {
    const text = estimateLines(ESTIMATE, PLAIN).join('\n')
    expect(text).toContain('10,214 combinations of 11,662 (1,448 excluded by where)')
    expect(text).toContain('13,480 bars after 400 of warm-up, 12 candles missing')
    expect(text).toContain('61.4 MB of memory')
  })

  test('shows bar, throughput, time left and the current top while running', () => {
    const text = panelLines(sweepProgress(22_031), PLAIN).join('\n')
    expect(text).toContain('██████████░░░░░░░░░░  50%  22,031/43,200  eta 1.7 s')
    expect(text).toContain('12.6k backtests/s  221M bar·combinations/s')
    expect(text).toContain('fast_period')
  })

  test('knows no time left before the first block', () => {
    expect(panelLines(sweepProgress(0, { seconds: 0, top: [] }), PLAIN)[1]).toEndWith('eta -')
  })

  test('says the best so far in one line', () => {
    const line = plainProgressLine(sweepProgress(21_600), { ...PLAIN, width: 120 })
    expect(line).toContain('50%  21600/43200  12.3k bt/s')
    expect(line).toEndWith('best 1.78 fast_period=36 slow_period=154')
  })
})

describe('config', () => {
  test('shows place, line and mark of each problem in the order of the files', () => {
    expect(configReportLines(INVALID_REPORT, { ...PLAIN, width: 100 })).toEqual([
      'config/settings.yaml:12:23  warn',
      '  commission 0.2 means 20 %; most venues take less than 0.5 %. Write 0.002 for 0.2 %.',
      '   12 |   default_commission: 0.2',
      '      |                       ^^^',
      "config/sweeps.yaml:3:15  error  strategy 'sma_crosover' is not known. Did you mean 'sma_crossover'?",
      '    3 |     strategy: sma_crosover',
      '      |               ^^^^^^^^^^^^',
      '1 error, 1 warning in 2 files',
    ])
  })

  test('keeps the fault of a long line in view', () => {
    const [problem] = INVALID_REPORT.problems
    const frame = { text: `${'x'.repeat(200)}FAULT${'y'.repeat(100)}`, col: 201, length: 5 }
    const report = { ...VALID_REPORT, problems: [{ ...problem!, frame }] }
    const lines = configReportLines(report, PLAIN)
    const at = lines.findIndex((line) => line.includes('FAULT'))
    expect(lines[at + 1]?.indexOf('^')).toBe(lines[at]?.indexOf('FAULT'))
  })

  test('counts what is right', () => {
    expect(configReportLines(VALID_REPORT, PLAIN)).toEqual([
      'ok  2 files: 8 strategies, 2 backtests, 1 sweep',
    ])
  })

  test('says where each value comes from', () => {
    const lines = originLines(EFFECTIVE, PLAIN)
    expect(lines[1]).toMatch(/^settings\.database\.port: 5432 +# environment DB_PORT$/)
  })
})
