import { afterAll, expect, test } from 'bun:test'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Value } from 'typebox/value'
import { CONFIG_SCHEMAS, FILE_KEYS } from '../../../src/config/files.ts'
import { loadConfig, redactedConfig, validateConfig } from '../../../src/config/index.ts'
import { ConfigError } from '../../../src/core/errors.ts'
import { catalog, load, optionsFor } from './support.ts'

const root = mkdtempSync(join(tmpdir(), 'config-'))
afterAll(() => rmSync(root, { recursive: true }))

const errorOf = (run: () => unknown): ConfigError => {
  try {
    run()
  } catch (error) {
    if (error instanceof ConfigError) return error
    throw error
  }
  throw new Error('no error')
}

test('a missing directory is a clear error', () => {
  const error = errorOf(() => loadConfig({ dir: join(root, 'nowhere'), env: {} }))
  expect(error.code).toBe('CONFIG_NOT_FOUND')
  expect(error.exitCode).toBe(2)
  expect(error.message).toContain("nowhere' not found. Run the command in the project folder")
})

test('a directory without any of the files is a clear error', () => {
  expect(errorOf(() => loadConfig({ dir: root, env: {} })).message).toContain('holds none of')
})

test('any file may be absent; its defaults are complete', () => {
  const config = load({ settings: 'results: out' })
  expect(config.files).toEqual(['config/settings.yaml'])
  expect(config.settings).toMatchObject({
    default_exchange: 'binance',
    results: 'out',
    database: { host: 'localhost', port: 5432 },
    trading: { default_commission: 0.001, default_slippage: 0.0005 },
    data: { lake: 'data/lake', sample: 'data/sample' },
    backtesting: { fill: 'next_open', warmup_days: 90, seed_weight_max: 0.001 },
    sweep: { workers: 0 },
  })
  expect(config.sweeps).toEqual({})
})

test('what is loaded meets the schemas that its types come from', () => {
  const config = loadConfig({ dir: 'config', env: { BINANCE_API_KEY: 'k' }, catalog })
  const plain = redactedConfig(config)
  for (const key of FILE_KEYS) {
    const value = key === 'settings' ? plain.settings : { [key]: plain[key] }
    expect([key, [...Value.Errors(CONFIG_SCHEMAS[key], value)]]).toEqual([key, []])
  }
})

test('is frozen at every depth', () => {
  const config = loadConfig({ dir: 'config', env: {}, catalog })
  const visit = (value: unknown, path: string): void => {
    if (typeof value !== 'object' || value === null || path.endsWith('.provenance')) return
    expect([path, Object.isFrozen(value)]).toEqual([path, true])
    for (const [key, child] of Object.entries(value)) visit(child, `${path}.${key}`)
  }
  visit(config, 'config')
})

test('defaults are not shared between configurations', () => {
  const constraints = () =>
    load({
      sweeps:
        'sweeps: { a: { strategy: sma_crossover, symbol: B, interval: 1h, start: 2024-01-01, end: 2024-02-01, params: { fast_period: 1 } } }',
    }).sweeps.a?.constraints
  expect(constraints()).toEqual([])
  expect(constraints()).not.toBe(constraints())
})

test('all errors are in one exception, rendered and as data', () => {
  const error = errorOf(() =>
    loadConfig(optionsFor({ settings: 'a: 1\nb: 2\n', exchanges: 'c: 3' })),
  )
  expect(error.code).toBe('CONFIG_INVALID')
  expect(error.message.split('\n').at(-1)).toStartWith('3 errors, 0 warnings')
  expect(error.context.problems).toHaveLength(3)
})

test('a file that cannot be read is one problem, and names in it are not called unknown', () => {
  const dir = join(root, 'unreadable')
  mkdirSync(join(dir, 'strategies.yaml'), { recursive: true })
  writeFileSync(
    join(dir, 'backtests.yaml'),
    'backtests: { a: { strategies: [s], start: 2024-01-01, end: 2024-02-01 } }',
  )
  const { problems, files } = validateConfig({ dir, env: {}, catalog })
  expect(problems.map((problem) => problem.code)).toEqual(['CONFIG_UNREADABLE'])
  expect(files).toEqual([join(dir, 'strategies.yaml'), join(dir, 'backtests.yaml')])
})

test('tells its secrets before it says anything, whether it is valid or not', () => {
  const exchanges = [
    'exchanges:',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: this is the notation of the configuration files
    '  a: { adapter: binance, api_key: "${LOGIN}", base_url: "http://me:p%2Fw0rd@127.0.0.1:1" }',
  ].join('\n')
  for (const settings of ['results: out', 'no_such_key: 1']) {
    const told: string[] = []
    validateConfig({
      ...optionsFor({ exchanges, settings }, { LOGIN: 'a-login-of-9' }),
      onSecrets: (secrets) => told.push(...secrets),
    })
    expect(told.sort()).toEqual(['a-login-of-9', 'p%2Fw0rd', 'p/w0rd'])
  }
})
