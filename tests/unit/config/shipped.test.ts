import { expect, test } from 'bun:test'
import { readFileSync, writeFileSync } from 'node:fs'
import { FILE_KEYS } from '../../../src/config/files.ts'
import {
  configSchemas,
  loadConfig,
  resolveSweep,
  validateConfig,
} from '../../../src/config/index.ts'
import { formatSchema } from '../../../src/config/json-schema.ts'
import { withKeyTables } from '../../../src/config/key-tables.ts'
import { catalog } from './support.ts'

/** Compares a committed file with what is generated now; `UPDATE_GOLDEN=1` rewrites it. */
function expectCommitted(path: string, generated: string): void {
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(path, generated)
  expect(readFileSync(path, 'utf8')).toBe(generated)
}

const shipped = () => loadConfig({ dir: 'config', env: {}, catalog })

test('the shipped configuration has neither errors nor warnings in an empty environment', () => {
  expect(validateConfig({ dir: 'config', env: {}, catalog }).problems).toEqual([])
})

test('the shipped strategies cover every type', () => {
  const types = Object.values(shipped().strategies).map((strategy) => strategy.type)
  expect(types.sort()).toEqual([...catalog.strategies.names()].sort())
})

test('btc_sma_grid has at least 10,000 combinations after its condition', () => {
  const { axes, where } = resolveSweep(shipped(), 'btc_sma_grid')
  expect(where).toBe('fast_period < slow_period')
  expect(axes).toEqual({
    fast_period: { from: 2, to: 120, step: 1 },
    slow_period: { from: 10, to: 400, step: 4 },
  })
  let combinations = 0
  for (let fast = 2; fast <= 120; fast += 1) {
    for (let slow = 10; slow <= 400; slow += 4) combinations += fast < slow ? 1 : 0
  }
  expect(combinations).toBe(10_066)
})

test('shipped periods lie within the shipped candles', () => {
  const { backtests, sweeps } = shipped()
  for (const { start, end } of [...Object.values(backtests), ...Object.values(sweeps)]) {
    expect((start ?? '2023-06-01') >= '2023-06-01').toBeTrue()
    expect((end ?? '2024-12-31') <= '2024-12-31').toBeTrue()
  }
})

test.each([...FILE_KEYS])('%s.yaml names its schema in the first line', (key) => {
  const [first] = readFileSync(`config/${key}.yaml`, 'utf8').split('\n')
  expect(first).toBe(`# yaml-language-server: $schema=./schemas/${key}.schema.json`)
})

test.each(Object.entries(configSchemas()))(
  'the committed %s is the generated one',
  (name, schema) => {
    expectCommitted(`config/schemas/${name}`, formatSchema(schema))
  },
)

test('the key tables of docs/configuration.md are the generated ones', () => {
  const page = readFileSync('docs/configuration.md', 'utf8')
  expectCommitted('docs/configuration.md', withKeyTables(page))
})
