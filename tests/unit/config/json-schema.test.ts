// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is the notation of the configuration files
import { afterAll, describe, expect, test } from 'bun:test'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Check } from 'typebox/schema'
import { parse } from 'yaml'
import { FILE_KEYS, type FileKey } from '../../../src/config/files.ts'
import { configSchemas, writeSchemas } from '../../../src/config/index.ts'
import { catalog } from './support.ts'

const root = mkdtempSync(join(tmpdir(), 'schemas-'))
afterAll(() => rmSync(root, { recursive: true }))

const accepts = (key: FileKey, yaml: string) =>
  Check(configSchemas()[`${key}.schema.json`] as object, parse(yaml))

test('writes one file a schema into a folder that need not exist', () => {
  const dir = join(root, 'a', 'b')
  const names = writeSchemas(dir)
  expect(names).toEqual(FILE_KEYS.map((key) => `${key}.schema.json`))
  expect(readdirSync(dir).sort()).toEqual([...names].sort())
})

test.each([...FILE_KEYS])('an editor accepts the shipped %s.yaml', (key) => {
  expect(accepts(key, readFileSync(`config/${key}.yaml`, 'utf8'))).toBeTrue()
})

test('an editor does not ask for what has a default', () => {
  expect(accepts('settings', '{ database: { port: 1 } }')).toBeTrue()
  expect(accepts('exchanges', 'exchanges: { b: { adapter: binance } }')).toBeTrue()
  expect(accepts('strategies', 'strategies:')).toBeTrue()
})

test('an editor underlines what is wrong', () => {
  expect(accepts('settings', '{ databse: {} }')).toBeFalse()
  expect(accepts('settings', '{ database: { port: 0 } }')).toBeFalse()
  expect(accepts('settings', '{ logging: { level: LOUD } }')).toBeFalse()
  expect(accepts('exchanges', 'exchanges: { b: { testnet: 3 } }')).toBeFalse()
  expect(accepts('exchanges', 'exchanges: { b: { adapter: x, api_key: abc } }')).toBeFalse()
  expect(
    accepts('strategies', 'strategies: { "a b": { type: t, symbols: [A], interval: 1h } }'),
  ).toBeFalse()
  expect(accepts('sweeps', 'sweeps: { a: { params: { x: { from: 1, to: 2 } } } }')).toBeFalse()
})

test('an editor accepts an exchange for imported candles', () => {
  expect(accepts('exchanges', 'exchanges: { bitfinex: {}, kraken: }')).toBeTrue()
})

test('an editor accepts references and written fractions', () => {
  expect(accepts('settings', 'database: { port: "${P:5432}" }')).toBeTrue()
  expect(accepts('settings', 'trading: { default_commission: 0.1% }')).toBeTrue()
  expect(accepts('settings', 'trading: { default_commission: often }')).toBeFalse()
  expect(accepts('sweeps', 'sweeps: { a: { params: { x: "${X}", y: [1, "${Y}"] } } }')).toBeTrue()
})

describe('with what is registered and configured', () => {
  const names = {
    exchanges: ['binance', 'binance_prod', 'sim'],
    strategies: ['sma_crossover_btc'],
    backtests: ['multi_asset_momentum'],
    sweeps: [],
  }
  const schemas = configSchemas({ catalog, names })
  const fits = (key: string, yaml: string) =>
    Check(schemas[`${key}.schema.json`] as object, parse(yaml))
  const strategy = (type: string, params: string) =>
    fits(
      'strategies',
      `strategies: { a: { type: ${type}, params: ${params}, symbols: [A], interval: 1h } }`,
    )

  test('an editor knows the types and their parameters', () => {
    expect(strategy('sma_crossover', '{ fast_period: 5 }')).toBeTrue()
    expect(strategy('sma_crossover', '')).toBeTrue()
    expect(strategy('sma_crossover', '{ fast_perod: 5 }')).toBeFalse()
    expect(strategy('sma_crossover', '{ fast_period: 0 }')).toBeFalse()
    expect(strategy('sma_crossovre', '{}')).toBeFalse()
    expect(strategy('"${TYPE}"', '{ any: 1 }')).toBeTrue()
  })

  test('an editor knows the configured names', () => {
    const sweep = (line: string) => fits('sweeps', `sweeps: { a: { ${line}, params: { x: 1 } } }`)
    expect(sweep('backtest: multi_asset_momentum')).toBeTrue()
    expect(sweep('backtest: multi_asset')).toBeFalse()
    expect(sweep('strategy: sma_crossover_btc')).toBeTrue()
    expect(sweep('strategy: sma_crossover')).toBeTrue()
    expect(sweep('strategy: sma_cross')).toBeFalse()
    expect(sweep('exchange: "${EXCHANGE}"')).toBeTrue()
    const backtest = (name: string) =>
      fits(
        'backtests',
        `backtests: { a: { strategies: [${name}], start: 2024-01-01, end: 2024-02-01 } }`,
      )
    expect(backtest('sma_crossover_btc, sma_crossover')).toBeTrue()
    expect(backtest('sma_cross')).toBeFalse()
    expect(fits('settings', 'default_exchange: kraken')).toBeFalse()
    expect(fits('exchanges', 'exchanges: { k: { adapter: kraken } }')).toBeFalse()
  })

  test('dates and formulas are checked by pattern', () => {
    const sweep = (line: string) => fits('sweeps', `sweeps: { a: { ${line}, params: { x: 1 } } }`)
    expect(sweep('start: 2024-01-31T12:00Z')).toBeTrue()
    expect(sweep('start: 31.1.2024')).toBeFalse()
    expect(sweep('where: fast_period < slow_period')).toBeTrue()
    expect(sweep('where: fast_period')).toBeFalse()
    expect(sweep('constraints: [trades >= 30, "sharpe >"]')).toBeFalse()
  })
})
