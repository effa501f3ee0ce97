import { describe, expect, test } from 'bun:test'
import type { SweepResult } from '../../../../src/backtesting/results.ts'
import {
  backtestSweepReport,
  estimateLines,
  otherDataCommand,
  panelLines,
  plainProgressLine,
  winnerCommand,
} from '../../../../src/report/commands/backtest-sweep.ts'
import { PLAIN, type Style } from '../../../../src/report/terminal/style.ts'
import {
  ESTIMATE,
  MANY_PARAMS,
  METRICS_OF_STRATEGY,
  rankedPoint,
  sweepProgress,
  sweepResult,
} from '../fixtures.ts'

const { json: documentOf, lines: linesOf } = backtestSweepReport

/** What stands on stderr before and while a sweep runs. */
const VIEWS: readonly (readonly [name: string, view: (style: Style) => readonly string[]])[] = [
  ['estimate', (style) => estimateLines(ESTIMATE, style)],
  ['panel', (style) => panelLines(sweepProgress(22_031), style)],
  ['first panel', (style) => panelLines(sweepProgress(0, { seconds: 0, top: [] }), style)],
  ['progress line', (style) => [plainProgressLine(sweepProgress(21_600), style)]],
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

describe('the document of a sweep', () => {
  test('names the fields of a sweep', () => {
    const sweep = documentOf(sweepResult())
    for (const field of [
      ...['sweep', 'strategy', 'symbol', 'interval', 'combinations', 'bars', 'workers', 'seconds'],
      ...['bar_combinations_per_second', 'peak_rss_bytes', 'digest', 'rows_file', 'manifest_file'],
      'top',
    ]) {
      expect(sweep).toHaveProperty(field)
    }
    expect(Object.keys(sweep.top[0]!)).toEqual(['rank', 'params', 'metrics', 'reasons'])
  })

  test('says why a metric is null although it is not unknown', () => {
    const metrics = { ...METRICS_OF_STRATEGY, sortino: Number.POSITIVE_INFINITY, sharpe: null }
    const top = [{ ...rankedPoint(1), metrics }]
    expect(documentOf(sweepResult({ top })).top[0]).toMatchObject({
      metrics: { sortino: null, sharpe: null },
      reasons: { sortino: 'no_loss' },
    })
  })
})

describe('sweep', () => {
  test('shows the result with speed, digest and files', () => {
    const text = linesOf(sweepResult(), PLAIN).join('\n')
    expect(text).toContain('ranked by sharpe; 9,120 of 10,214 satisfy trades >= 30')
    expect(text).toContain('1.20G bar·combinations/s')
    expect(text).toContain('90.4k backtests/s')
    expect(text).toContain(`digest ${sweepResult().digest}`)
    expect(text).toContain('results/btc_sma_grid/rows.parquet')
  })

  test('says what was found about the judged bars', () => {
    const text = linesOf(sweepResult({ notes: ['BTCUSDT 1h: judged later.'] }), PLAIN)
    expect(text).toContain('! BTCUSDT 1h: judged later.')
  })

  test('ranks with the objective first and every parameter in view', () => {
    const lines = linesOf(sweepResult({ objective: 'calmar' }), PLAIN)
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
      const table = linesOf(sweepResult({ objective, top }), style)
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
      linesOf(sweepResult(changes), { ...PLAIN, width: 300 }).join('\n')
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
    const text = linesOf(sweepResult({ top }), PLAIN).join('\n')
    for (const [name, value] of Object.entries(MANY_PARAMS))
      expect(text).toContain(`${name}=${value}`)
  })

  test('offers the command that re-runs the winner', () => {
    const command = 'backtest run --sweep btc_sma_grid --set fast_period=36 slow_period=154'
    expect(winnerCommand(sweepResult()).join(' ')).toBe(command)
    expect(winnerCommand(sweepResult({ top: [] }))).toEqual([])
    const after = otherDataCommand(sweepResult(), { fromMs: Date.UTC(2025, 0, 1) })
    expect(after.join(' ')).toBe(`${command} --from 2025-01-01T00:00:00Z`)
    const other = otherDataCommand(sweepResult(), { symbols: ['ETHUSDT'] })
    expect(other.join(' ')).toBe(`${command} --symbol ETHUSDT`)
    expect(otherDataCommand(sweepResult(), undefined)).toEqual([])
  })

  test('says when nothing is eligible, and when it was interrupted', () => {
    const empty = linesOf(sweepResult({ top: [], eligible: 0 }), PLAIN).join('\n')
    expect(empty).toContain('no combination satisfies trades >= 30')
    const partial = linesOf(sweepResult({ interrupted: true, completed: 5000 }), PLAIN).join(' ')
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
