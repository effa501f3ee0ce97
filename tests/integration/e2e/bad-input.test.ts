import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { documentOf, makeProject, type SweepDocument } from './crypto.ts'
import { cryptoInside } from './crypto-inside.ts'
import { configWith, createFails, csvOf, IMPORT, row, SWEEP } from './failing.ts'

setDefaultTimeout(60_000)

const project = makeProject()
afterAll(project.remove)
const fails = createFails(project)

describe('candles that are not there', () => {
  fails('a series that is not stored', {
    words: [...SWEEP, ...configWith(project, { symbol: 'DOGEUSDT' })],
    ...{ exitCode: 3, code: 'DATA_MISSING' },
    says: [
      'no candles of binance DOGEUSDT 1h are stored',
      'Stored: binance BTCUSDT 1h',
      'crypto ingest --exchange binance --symbol DOGEUSDT --interval 1h --from DATE',
      'crypto data import FILE --exchange binance --symbol DOGEUSDT --interval 1h',
    ],
  })
  fails('an interval finer than what is stored', {
    words: [...SWEEP, ...configWith(project, { interval: '15m' })],
    ...{ exitCode: 3, code: 'DATA_MISSING' },
    says: ['no candles of binance BTCUSDT 15m are stored, nor finer ones'],
  })
  fails('a period before the first candle', {
    words: [...SWEEP, ...configWith(project, { start: '2021-01-01', end: '2022-01-01' })],
    ...{ exitCode: 3, code: 'DATA_RANGE' },
    says: [
      'no candle between 2021-01-01T00:00:00Z and 2022-01-01T00:00:00Z',
      'Stored: 2023-06-01T00:00:00Z to 2025-01-01T00:00:00Z',
      'Choose a period inside',
    ],
  })
  fails('a period after the last candle', {
    words: [...SWEEP, ...configWith(project, { start: '2025-01-01', end: '2025-02-01' })],
    ...{ exitCode: 3, code: 'DATA_RANGE' },
    says: ['no candle between 2025-01-01T00:00:00Z and 2025-02-01T00:00:00Z'],
  })
  fails('a period too short for the warm-up', {
    words: [...SWEEP, ...configWith(project, { end: '2023-06-03', slow: '[200, 300]' })],
    ...{ exitCode: 3, code: 'DATA_TOO_SHORT' },
    says: ['300 bars of warm-up are needed', 'only 0 bars lie before the period and 48 in it'],
  })

  const partly = cryptoInside(
    [...SWEEP, '--json', ...configWith(project, { start: '2024-12-01', end: '2025-03-01' })],
    { cwd: project.dir },
  )
  test('a period that is stored in part is run over that part, with a warning', async () => {
    const { result, warnings } = documentOf<SweepDocument>(await partly)
    expect(result.bars).toBe(31 * 24)
    const { message } = warnings.find(({ code }) => code === 'PERIOD')!
    expect(message).toBe(
      'BTCUSDT 1h: candles of the period end at 2025-01-01T00:00:00Z, earlier than asked (2025-03-01T00:00:00Z).',
    )
  })

  const late = ['15', '16', '17'].map((day) => `open ${day}`)
  test('missing candles are counted and never invented', async () => {
    const hours = Array.from({ length: 24 * 20 }, (_, i) => i).filter(
      (i) => i < 100 || i >= 100 + late.length,
    )
    const file = project.write('gap.csv', csvOf(hours.map((hour) => row(hour))))
    const imported = documentOf<{ holes: number }>(
      await cryptoInside(['data', 'import', file, ...IMPORT, '--json'], { cwd: project.dir }),
    )
    expect(imported.result.holes).toBe(3)
    expect(imported.warnings).toMatchObject([{ code: 'HOLES' }])
    const config = configWith(project, {
      symbol: 'XYZUSDT',
      start: '2024-01-01',
      end: '2024-01-21',
    })
    const { result, warnings } = documentOf<SweepDocument>(
      await cryptoInside([...SWEEP, ...config, '--json'], { cwd: project.dir }),
    )
    expect(result).toMatchObject({ holes: 3, bars: 24 * 20 - 3 - 30 })
    expect(warnings.find(({ code }) => code === 'HOLES')?.message).toStartWith('3 candles missing')
  })
})

describe('a configuration that cannot be run', () => {
  fails('an end before the start', {
    words: [...SWEEP, ...configWith(project, { start: '2024-06-01', end: '2024-01-01' })],
    ...{ exitCode: 2, code: 'CONFIG_PERIOD' },
    says: ['sweeps.s: end must be after start, was 2024-06-01 .. 2024-01-01'],
  })
  fails('a range from above to', {
    words: [...SWEEP, ...configWith(project, { fast: '{ from: 20, to: 10, step: 1 }' })],
    ...{ exitCode: 2, code: 'CONFIG_AXIS' },
    says: ['sweeps.s.params.fast_period: from must not be above to, was 20 > 10', 'Swap them'],
  })
  fails('a step of 0', {
    words: [...SWEEP, ...configWith(project, { fast: '{ from: 2, to: 10, step: 0 }' })],
    ...{ exitCode: 2, code: 'CONFIG_RANGE' },
    says: ['sweeps.s.params.fast_period.step: must be a number above 0, was 0'],
  })
  fails('a grid of 10^12, at once and with the numbers', {
    words: [
      ...SWEEP,
      ...configWith(project, {
        fast: '{ from: 1, to: 1000000, step: 1 }',
        slow: '{ from: 2, to: 1000000, step: 1 }',
      }),
    ],
    ...{ exitCode: 2, code: 'GRID_TOO_LARGE', msMax: 1000 },
    says: [
      '999,999,000,000 combinations (fast_period 1,000,000 × slow_period 999,999)',
      'the limit is 10,000,000',
      'Use larger steps',
    ],
  })
  fails('a grid that needs more memory than allowed', {
    words: [
      ...SWEEP,
      ...configWith(
        project,
        { fast: '{ from: 2, to: 500, step: 1 }', slow: '{ from: 2, to: 5000, step: 1 }' },
        (text) => text.replace('memory_max_mb: 4096', 'memory_max_mb: 64'),
      ),
    ],
    ...{ exitCode: 2, code: 'GRID_TOO_LARGE' },
    says: [
      'sweeps.s: 2,494,501 combinations',
      'of memory, the limit is 64 MiB',
      'Use fewer workers, a shorter period or a smaller grid',
    ],
  })
  fails('a where that removes everything', {
    words: [...SWEEP, ...configWith(project, { more: '    where: fast_period > slow_period\n' })],
    ...{ exitCode: 2, code: 'SWEEP_EMPTY' },
    says: [
      "sweeps.s.where: 'fast_period > slow_period' removes all 4 combinations",
      'fast_period 5 to 10, slow_period 20 to 30',
      'Relax the condition',
    ],
  })

  const strict = cryptoInside(
    [...SWEEP, '--json', ...configWith(project, { more: '    constraints: [trades > 100000]\n' })],
    { cwd: project.dir },
  )
  test('constraints that nothing satisfies are a warning, and the rows are kept', async () => {
    const { result, warnings } = documentOf<SweepDocument>(await strict)
    expect(result).toMatchObject({ completed: 4, eligible: 0, top: [] })
    expect(warnings.map(({ code }) => code)).toContain('NOTHING_ELIGIBLE')
  })
})

describe('names that do not exist', () => {
  const unknown = (
    title: string,
    words: readonly string[],
    code: string,
    says: readonly string[],
  ) => fails(title, { words, exitCode: 2, code, says })
  unknown('a sweep', ['backtest', 'sweep', 'btc_sma_gird'], 'CONFIG_UNKNOWN_NAME', [
    "sweep 'btc_sma_gird'",
    "Did you mean 'btc_sma_grid'?",
  ])
  unknown('a backtest', ['backtest', 'run', 'btc_strategies_2042'], 'CONFIG_UNKNOWN_NAME', [
    "backtest 'btc_strategies_2042'",
    "Did you mean 'btc_strategies_2024'?",
  ])
  unknown('a strategy', ['strategies', 'show', 'sma_crosover'], 'UNKNOWN_NAME', [
    "strategy 'sma_crosover' not found. Did you mean 'sma_crossover'?",
  ])
  unknown('an indicator', ['indicators', 'show', 'donchain'], 'UNKNOWN_NAME', [
    "indicator 'donchain' not found. Did you mean 'donchian'?",
  ])
  unknown(
    'a metric',
    ['backtest', 'sweep', 'btc_sma_grid', '--objective', 'sharp'],
    'USAGE_INVALID_ARGUMENT',
    ["'sharp'", "Did you mean 'sharpe'?"],
  )
  unknown(
    'a parameter',
    ['backtest', 'run', '--sweep', 'btc_sma_grid', '--set', 'fast_perod=3'],
    'PARAM_UNKNOWN',
    ['--set fast_perod', "Did you mean 'fast_period'?"],
  )
  unknown(
    'a parameter out of its range',
    ['backtest', 'run', '--sweep', 'btc_sma_grid', '--set', 'fast_period=0'],
    'PARAM_RANGE',
    ['--set fast_period=0: must be a whole number from 1'],
  )
  unknown(
    'an option',
    ['backtest', 'sweep', 'btc_sma_grid', '--worker', '2'],
    'USAGE_UNKNOWN_OPTION',
    ["unknown option '--worker'. Did you mean --workers?"],
  )
  unknown('a command', ['backtest', 'swep'], 'USAGE_UNKNOWN_COMMAND', [
    "unknown command 'swep'. Did you mean sweep?",
  ])
  unknown(
    'an objective in the configuration',
    [...SWEEP, ...configWith(project, { more: '    objective: sharp\n' })],
    'CONFIG_ENUM',
    ['sweeps.s.objective', "Did you mean 'sharpe'?"],
  )
})
