// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is the notation of the configuration files
import { describe, expect, test } from 'bun:test'
import { Type } from 'typebox'
import { renderProblems, validateConfig } from '../../../src/config/index.ts'
import { catalog, optionsFor, problemsOf, summarize, sweepWith, validate } from './support.ts'

const SEEDED = {
  settings: `default_exchange: binanse
databse: { host: x }
database:
  port: 70000
  host: \${DB_HOSTNAME}
logging: { level: INF }
trading:
  default_commission: 0.2
sweep: { workers: 1.5 }
`,
  exchanges: `exchanges:
  binance:
    adapter: binnance
    api_key: sk_live_1234567890
    testnet: "yes"
`,
  strategies: `strategies:
  sma_btc:
    type: sma_crossover
    params: { fast_period: 0, slow_perod: 30 }
    symbols: [BTCUSDT]
    interval: 1x
  rsi:
    type: rsi_mean_revresion
    symbols: BTCUSDT
    interval: 1h
    interval: 4h
`,
  backtests: `backtests:
  a:
    strategies: [sma_btcc, rsi]
    symbol: BTCUSDT
    symbols: [BTCUSDT]
    start: 2024-02-30
    end: 2024-03-01
  b:
    strategies: [rsi]
    start: 2024-03-01
    end: "2024-01-01"
`,
  sweeps: `sweeps:
  g:
    strategy: sma_crossover
    symbol: BTCUSDT
    interval: 1h
    start: 2023-06-01
    end: 2024-01-01
    params:
      fast_period: { from: 20, to: 2, step: 0 }
      slow_period: { from: 0, to: 400, step: 2.5 }
      slwo_period: [1]
    where: fast_period < slow_periodd
    objective: sharp
    constraints: [tradess >= 30, "sharpe >"]
  h:
    backtest: bb
    params: { fast_period: { from: 0, to: 10, count: 5, scale: log } }
`,
}

/** Place and code of each seeded fault, and a part of what is said about it. */
const EXPECTED: readonly (readonly [string, string, string])[] = [
  [
    'backtests:3:18',
    'CONFIG_UNKNOWN_NAME',
    "strategy 'sma_btcc' is not known. Did you mean 'sma_btc'?",
  ],
  ['backtests:4:13', 'CONFIG_CONFLICT', 'symbol and symbols exclude each other'],
  ['backtests:6:12', 'CONFIG_DATE', "was '2024-02-30'. There is no such day"],
  ['backtests:11:10', 'CONFIG_PERIOD', 'end must be after start, was 2024-03-01 .. 2024-01-01'],
  ['exchanges:3:14', 'CONFIG_UNKNOWN_NAME', "Did you mean 'binance'?"],
  ['exchanges:4:14', 'CONFIG_SECRET_LITERAL', 'Write ${BINANCE_API_KEY}'],
  ['exchanges:5:14', 'CONFIG_TYPE', "must be true or false, was 'yes'"],
  ['settings:1:19', 'CONFIG_UNKNOWN_NAME', "Did you mean 'binance'?"],
  ['settings:2:1', 'CONFIG_UNKNOWN_KEY', "unknown key 'databse'. Did you mean 'database'?"],
  ['settings:4:9', 'CONFIG_RANGE', 'must be an integer from 1 to 65535, was 70000'],
  ['settings:5:9', 'CONFIG_VARIABLE', 'environment variable DB_HOSTNAME is not set'],
  ['settings:6:19', 'CONFIG_ENUM', "Did you mean 'INFO'?"],
  ['settings:8:23', 'CONFIG_RATIO_LARGE', '0.2 means 20 %. If 0.2 % was meant, write 0.2%.'],
  ['settings:9:19', 'CONFIG_TYPE', 'must be an integer from 0 to 1024, was 1.5'],
  ['strategies:4:28', 'CONFIG_RANGE', 'must be an integer from 1 to 10000, was 0'],
  ['strategies:4:31', 'CONFIG_UNKNOWN_KEY', "Did you mean 'slow_period'?"],
  ['strategies:6:15', 'CONFIG_INTERVAL', 'must be a candle interval'],
  ['strategies:8:11', 'CONFIG_UNKNOWN_NAME', "Did you mean 'rsi_mean_reversion'?"],
  ['strategies:9:14', 'CONFIG_TYPE', 'must be a list, found a single value. Write [BTCUSDT].'],
  [
    'strategies:11:5',
    'CONFIG_DUPLICATE_KEY',
    "key 'interval' appears twice; the first is on line 10",
  ],
  ['sweeps:9:28', 'CONFIG_AXIS', 'from must not be above to, was 20 > 2'],
  ['sweeps:9:45', 'CONFIG_RANGE', 'must be a number above 0, was 0'],
  ['sweeps:10:28', 'CONFIG_RANGE', 'must be an integer from 1 to 10000, was 0'],
  ['sweeps:10:46', 'CONFIG_TYPE', 'must be an integer, because the parameter is one; was 2.5'],
  ['sweeps:11:7', 'CONFIG_UNKNOWN_NAME', "Did you mean 'slow_period'?"],
  ['sweeps:12:26', 'CONFIG_UNKNOWN_NAME', "Did you mean 'slow_period'?"],
  ['sweeps:13:16', 'CONFIG_ENUM', "Did you mean 'sharpe'?"],
  ['sweeps:14:19', 'CONFIG_UNKNOWN_NAME', "Did you mean 'trades'?"],
  ['sweeps:14:43', 'CONFIG_FORMULA', 'The formula ends too early'],
  ['sweeps:16:15', 'CONFIG_UNKNOWN_NAME', "backtest 'bb' is not known"],
  ['sweeps:17:36', 'CONFIG_AXIS', 'a log scale must start above 0, was 0'],
]

test('reports every seeded fault of five files at its place, and nothing else', () => {
  const found = problemsOf(SEEDED)
  const heads = found.map((line) => line.split(' ').slice(0, 2))
  expect(heads).toEqual(EXPECTED.map(([place, code]) => [place, code]))
  EXPECTED.forEach(([, , part], i) => {
    expect(found[i]).toContain(part)
  })
})

test('returns no configuration when there is an error, and one with its warnings otherwise', () => {
  expect(validate(SEEDED).config).toBeUndefined()
  const { config, problems } = validate({ settings: 'trading: { default_slippage: 0.2 }' })
  expect(problems.map((p) => p.severity)).toEqual(['warn'])
  expect(config?.settings.trading.default_slippage).toBe(0.2)
})

test('renders a problem with its line and a mark under the value', () => {
  const { problems } = validate({ settings: 'logging:\n  level: INF\n' })
  expect(renderProblems(problems)).toBe(
    [
      "config/settings.yaml:2:10  error  logging.level: must be one of DEBUG, INFO, WARN, ERROR, was 'INF'. Did you mean 'INFO'?",
      '    2 |   level: INF',
      '      |          ^^^',
      '1 error, 0 warnings in config/settings.yaml',
    ].join('\n'),
  )
})

describe('values', () => {
  test('text is wanted where text is wanted', () => {
    expect(problemsOf({ settings: 'results: 2024' })).toEqual([
      'settings:1:10 CONFIG_TYPE results: must be text, was 2024. Quote it: "2024".',
    ])
  })

  test('advises quotes only where they would help', () => {
    const [found = ''] = problemsOf(sweepWith('params: { fast_period: 1 }\nfill: 5\n'))
    expect(found).toEndWith('must be one of next_open, close, was 5.')
    const sweeps = sweepWith('params: { fast_period: 1 }').sweeps?.replace('1h', '60') ?? ''
    expect(problemsOf({ sweeps })[0]).toEndWith('was 60.')
  })

  test('a quoted number is not a number', () => {
    expect(problemsOf({ settings: 'database: { port: "5432" }' })[0]).toContain(
      'Remove the quotes.',
    )
  })

  test.each([
    ['0.001', 0.001],
    ['0.1%', 0.001],
    ['0.07%', 0.0007],
    ['10bps', 0.001],
    ['"2.5 bps"', 0.00025],
    ['0', 0],
  ])('reads the fraction %s', (text, value) => {
    const { config } = validate({ settings: `trading: { default_commission: ${text} }` })
    expect(config?.settings.trading.default_commission).toBe(value)
  })

  test.each(['-0.001', '100%', '1', '.nan', '.inf', '1‰'])('refuses the fraction %s', (text) => {
    const found = problemsOf({ settings: `trading: { default_commission: ${text} }` })
    expect(found).toHaveLength(1)
  })

  test('dates may be quoted or not, and may carry a time', () => {
    const at = (start: string, end: string) =>
      problemsOf({
        strategies: 'strategies: { s: { type: sma_crossover, symbols: [A], interval: 1h } }',
        backtests: `backtests:\n  a:\n    strategies: [s]\n    start: ${start}\n    end: ${end}\n`,
      })
    expect(at('2024-01-01', '"2024-01-02"')).toEqual([])
    expect(at('2024-01-01T10:00Z', '2024-01-01T12:00+01:00')).toEqual([])
    expect(at('2024-01-01T11:00Z', '2024-01-01T12:00+01:00')).toHaveLength(1)
    expect(at('20240101', '2024-02-01')[0]).toStartWith('backtests:4:12 CONFIG_DATE')
    expect(at('2024-13-01', '2024-02-01')[0]).toContain('There is no such day or time.')
    expect(at('2023-02-29', '2024-02-01')[0]).toContain('There is no such day or time.')
    expect(at('yesterday', '2024-02-01')[0]).toContain('must be an ISO date')
  })
})

describe('the default exchange', () => {
  const exchanges = 'exchanges: { kraken: { adapter: binance } }'

  test('is an error where the settings name an unknown one', () => {
    const found = problemsOf({ settings: 'default_exchange: krakn', exchanges })
    expect(found).toEqual([
      "settings:1:19 CONFIG_UNKNOWN_NAME default_exchange: exchange 'krakn' is not known. Did you mean 'kraken'?",
    ])
  })

  test('that nobody wrote is an error only for who relies on it', () => {
    const sweep = 'params: { fast_period: 1 }\n'
    expect(problemsOf({ exchanges })).toEqual([])
    expect(problemsOf({ exchanges, ...sweepWith(`${sweep}exchange: kraken\n`) })).toEqual([])
    expect(problemsOf({ exchanges, ...sweepWith(sweep) })).toEqual([
      "sweeps:2:3 CONFIG_UNKNOWN_NAME sweeps.grid: the default exchange 'binance' is not known. Known: kraken.",
    ])
  })

  test('is only a name in the data lake when no exchange is configured', () => {
    expect(problemsOf(sweepWith('params: { fast_period: 1 }\n'))).toEqual([])
  })
})

test('parameters may be literals and unions of a plugin, checked like any other value', () => {
  const options = optionsFor({
    strategies: `strategies:
  a: { type: plug, params: { mode: 3, width: 0.3 }, symbols: [A], interval: 1h }
  b: { type: plug, symbols: [A], interval: 1h }
`,
  })
  const params = Type.Object({
    mode: Type.Union([Type.Literal(1), Type.Literal(2)]),
    width: Type.Number({ multipleOf: 0.25, default: 0.5 }),
  })
  const strategies = { names: () => ['plug'], paramsSchema: () => params }
  const { problems } = validateConfig({ ...options, catalog: { ...catalog, strategies } })
  expect(problems.map(summarize)).toEqual([
    'strategies:2:36 CONFIG_ENUM strategies.a.params.mode: must be one of 1, 2, was 3.',
    'strategies:2:46 CONFIG_RANGE strategies.a.params.width: must be a number, a multiple of 0.25, was 0.3.',
    "strategies:3:6 CONFIG_MISSING strategies.b.params: key 'mode' is missing. It must be 1, or 2.",
  ])
})

test('a file with the ending .yml is not read, and that is said', () => {
  const readFile = (path: string) =>
    ({ 'config/settings.yaml': '', 'config/sweeps.yml': 'sweeps: {}' })[path]
  const { problems, config } = validateConfig({ dir: 'config', env: {}, readFile, catalog })
  expect(problems.map((p) => `${p.file} ${p.severity} ${p.hint}`)).toEqual([
    'config/sweeps.yml warn Name it sweeps.yaml.',
  ])
  expect(config?.sweeps).toEqual({})
})

test('without a catalog only the files themselves are checked', () => {
  const { catalog: _, ...options } = optionsFor({
    strategies: 'strategies: { s: { type: nope, params: { x: 1 }, symbols: [A], interval: 1h } }',
  })
  expect(validateConfig(options).problems).toEqual([])
})

test('control characters of a file reach the terminal as signs that can be seen', () => {
  const settings =
    'results: a\u202eb\u001b[2J\u0007\u007f\u0085\u2028 #\nlogging:\n  level: "\\e[31m"\n'
  const { problems } = validate({ settings: `${settings}results: \u001b[1m5\n` })
  const shown = renderProblems(problems)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for
  expect(shown).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u202e]/)
  expect(shown).toContain("was '␛[31m'")
})

test('shows a control character within the line of a frame', () => {
  const { problems } = validate({ settings: 'logging: { level: "a\u001b[31mb" }' })
  expect(problems[0]?.frame).toEqual({
    text: 'logging: { level: "a␛[31mb" }',
    col: 19,
    length: 9,
  })
})
