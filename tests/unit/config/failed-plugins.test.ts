import { expect, test } from 'bun:test'
import { type Problem, validateConfig } from '../../../src/config/index.ts'
import { catalog, type Files, optionsFor, sweepWith } from './support.ts'

const FAILED = [{ path: 'plugins/strategies/my-idea.ts', reason: 'cannot be imported: no luck' }]

function hintOf(files: Files): string | undefined {
  const strategies = { ...catalog.strategies, failed: FAILED }
  const adapters = {
    ...catalog.adapters,
    failed: [{ ...FAILED[0]!, path: 'plugins/exchanges/kraken.ts' }],
  }
  const { problems } = validateConfig({ ...optionsFor(files), catalog: { strategies, adapters } })
  return (problems[0] as Problem).hint
}

const strategy = (type: string) => ({
  strategies: `strategies: { a: { type: ${type}, symbols: [BTCUSDT], interval: 1h } }`,
})

test('a type that a plugin should have given says why there is none', () => {
  const why =
    'Its plugin plugins/strategies/my-idea.ts could not be loaded: cannot be imported: no luck'
  expect(hintOf(strategy('my_idea'))).toBe(why)
  const { sweeps = '' } = sweepWith('params: { a: 1 }')
  expect(hintOf({ sweeps: sweeps.replace('sma_crossover', 'my_idea') })).toBe(why)
})

test('a backtest that names the type says it too', () => {
  const backtests =
    'backtests: { b: { strategies: [my_idea], symbol: BTCUSDT, start: 2024-01-01, end: 2024-02-01 } }'
  expect(hintOf({ backtests })).toContain('plugins/strategies/my-idea.ts could not be loaded')
})

test('an adapter too', () => {
  expect(hintOf({ exchanges: 'exchanges: { k: { adapter: kraken } }' })).toContain(
    'exchanges/kraken.ts could not',
  )
})

test('a type of another name may be one of a plugin that could not be loaded', () => {
  expect(hintOf(strategy('sma_crossovre'))).toBe(
    "Did you mean 'sma_crossover'? It may be that of a plugin that could not be loaded: plugins/strategies/my-idea.ts.",
  )
})
