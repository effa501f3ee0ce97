// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is the notation of the configuration files
import { expect, test } from 'bun:test'
import { configWithOrigins } from '../../../src/config/index.ts'
import { load } from './support.ts'

const FILES = {
  settings: 'database:\n  host: ${DB_HOST:localhost}\n  port: ${DB_PORT:5432}\n',
  exchanges: 'exchanges:\n  binance: { adapter: binance, api_key: "${K}" }\n',
  strategies: `strategies:
  s:
    type: sma_crossover
    params: { fast_period: 5 }
    symbols: [BTCUSDT, "\${SYMBOL}"]
    interval: 1h
`,
  backtests: 'backtests:\n  b: { strategies: [s], start: 2024-01-01, end: 2024-02-01 }\n',
  sweeps: 'sweeps:\n  w: { backtest: b, symbol: BTCUSDT, params: { fast_period: [1, 2] } }\n',
}

const rows = configWithOrigins(load(FILES, { DB_HOST: 'db1', SYMBOL: 'ETHUSDT' }))
const find = (path: string) => {
  const row = rows.find((candidate) => candidate.path === path)
  return row === undefined ? undefined : [row.value, row.origin]
}

test.each([
  ['settings.database.host', 'db1', 'environment DB_HOST'],
  ['settings.database.port', 5432, 'config/settings.yaml:3:9'],
  ['settings.database.user', 'postgres', 'default'],
  ['settings.sweep.workers', 0, 'default'],
  ['exchanges.binance.api_key', '(not set)', 'environment K'],
  ['exchanges.binance.testnet', true, 'default'],
  ['strategies.s.params.fast_period', 5, 'config/strategies.yaml:4:28'],
  ['strategies.s.params.slow_period', 30, 'default'],
  ['strategies.s.interval', '1h', 'config/strategies.yaml:6:15'],
  ['sweeps.w.objective', 'sharpe', 'default'],
])('%s is %p from %s', (path, value, origin) => {
  expect(find(path)).toEqual([value, origin])
})

test('a list has one origin, the environment if any item came from there', () => {
  expect(find('strategies.s.symbols')).toEqual([['BTCUSDT', 'ETHUSDT'], 'environment SYMBOL'])
  expect(find('backtests.b.strategies')).toEqual([['s'], 'config/backtests.yaml:2:20'])
  expect(find('sweeps.w.constraints')).toEqual([[], 'default'])
})

test('every value has an origin that is not guessed: only keys without a place are defaults', () => {
  const config = load(FILES, { SYMBOL: 'X' })
  for (const { path } of configWithOrigins(config)) {
    expect([path, config.provenance.find(path)?.kind]).toEqual([path, expect.any(String)])
  }
})
