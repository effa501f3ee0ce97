import { expect, test } from 'bun:test'
import { loadConfig, type Problem } from '../../../src/config/index.ts'
import { type Files, optionsFor, problemsOf, summarize } from './support.ts'

const GOOD: Files = {
  strategies: `strategies:
  good: { type: sma_crossover, symbols: [BTCUSDT], interval: 1h }
  bad: { type: sma_crossovre, symbols: [BTCUSDT], interval: 1h }
`,
  backtests: `backtests:
  fine: { strategies: [good], symbol: BTCUSDT, start: 2024-01-01, end: 2024-02-01 }
  needs_bad: { strategies: [good, bad], symbol: BTCUSDT, start: 2024-01-01, end: 2024-02-01 }
  late: { strategies: [good], symbol: BTCUSDT, start: 2024-03-01, end: 2024-02-01 }
`,
  exchanges: `exchanges:
  binance: { adapter: binance }
  other: { adapter: binnance }
`,
  sweeps: `sweeps:
  grid: { backtest: fine, params: { fast_period: [2, 3] } }
  own: { strategy: bad, symbol: BTCUSDT, interval: 1h, start: 2024-01-01, end: 2024-02-01, params: { fast_period: [2] } }
  wrong: { backtest: fine, params: { fast_perod: [2, 3] } }
`,
}

/** Loads for the named entries; the places of the warnings, or of the errors. */
function loadFor(uses: readonly string[], files: Files = GOOD) {
  const unused: Problem[] = []
  try {
    const onUnused = (problem: Problem) => unused.push(problem)
    const config = loadConfig({ ...optionsFor(files), uses, onUnused })
    return { config, warnings: unused.map(summarize) }
  } catch (error) {
    const { context } = error as { readonly context: { readonly problems: readonly Problem[] } }
    return { errors: context.problems.filter((it) => it.severity === 'error').map(summarize) }
  }
}

test('a problem in an entry that a named run does not use is a warning', () => {
  const { config, warnings } = loadFor(['backtests.fine'])
  expect(warnings?.map((text) => text.split(' ', 2).join(' '))).toEqual([
    'backtests:4:72 CONFIG_PERIOD',
    'exchanges:3:21 CONFIG_UNKNOWN_NAME',
    'strategies:3:16 CONFIG_UNKNOWN_NAME',
    'sweeps:4:38 CONFIG_UNKNOWN_NAME',
  ])
  expect(Object.keys(config?.backtests ?? {})).toEqual(['fine', 'needs_bad'])
  expect(Object.keys(config?.strategies ?? {})).toEqual(['good'])
  expect(Object.keys(config?.exchanges ?? {})).toEqual(['binance'])
})

test('all problems are errors when nothing is named', () => {
  expect(problemsOf(GOOD)).toHaveLength(4)
})

test.each([
  ['backtests.late', 'backtests:4:72 CONFIG_PERIOD'],
  ['backtests.needs_bad', 'strategies:3:16 CONFIG_UNKNOWN_NAME'],
  ['sweeps.own', 'strategies:3:16 CONFIG_UNKNOWN_NAME'],
  ['sweeps.wrong', 'sweeps:4:38 CONFIG_UNKNOWN_NAME'],
])('a problem in what %s uses is an error', (name, place) => {
  const { errors = [] } = loadFor([name])
  expect(errors).toHaveLength(1)
  expect(errors[0]).toStartWith(place)
})

test('a sweep uses its backtest, and the exchange that it falls back on', () => {
  expect(loadFor(['sweeps.grid']).errors).toBeUndefined()
  const settings = 'default_exchange: other\n'
  const { errors } = loadFor(['sweeps.grid'], { ...GOOD, settings })
  expect(errors?.[0]).toStartWith('exchanges:3:21 CONFIG_UNKNOWN_NAME')
})

test('settings, and what makes a file unreadable, concern every run', () => {
  const of = (files: Files) => loadFor(['backtests.fine'], { ...GOOD, ...files }).errors?.length
  expect(of({ settings: 'trading: { default_commission: -1 }' })).toBe(1)
  expect(of({ sweeps: 'sweeps:\n  a: [1\n' })).toBe(1)
  expect(of({ sweeps: 'sweps: {}\n' })).toBe(1)
})

test('a wrong name, a name that is there twice and an entry that is none belong to that entry', () => {
  const lines = `  -x: {}\n  fine: {}\n  a: 1\n  a: 2\n  a.b: {}\n`
  const strategies = `${GOOD.strategies}  fine: 1\n  fine: 2\n`
  expect(loadFor(['backtests.fine'], { ...GOOD, strategies }).warnings).toHaveLength(6)
  const backtests = `${GOOD.backtests}${lines}`
  const { errors = [] } = loadFor(['backtests.fine'], { ...GOOD, backtests })
  expect(errors).toEqual([
    "backtests:6:3 CONFIG_DUPLICATE_KEY backtests.fine: key 'fine' appears twice; the first is on line 2. Remove or rename one.",
  ])
})

test('what a used and an unused entry share by an anchor is an error', () => {
  const backtests = `backtests:
  base: &base { strategies: [good], symbol: BTCUSDT, start: 2024-01-32, end: 2024-02-01 }
  fine: *base
`
  const { errors = [] } = loadFor(['backtests.fine'], { ...GOOD, backtests, sweeps: '' })
  expect(errors).toHaveLength(1)
})

test('a name that is nowhere is called so, whatever is wrong elsewhere', () => {
  const { config, warnings } = loadFor(['backtests.fnie'])
  expect(config?.backtests.fine).toBeDefined()
  expect(warnings).toHaveLength(4)
})
