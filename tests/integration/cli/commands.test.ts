import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Value } from 'typebox/value'
import type { SchemaId } from '../../../src/report/report.ts'
import { documentSchema } from '../../support/documents.ts'

setDefaultTimeout(60_000)

const ROOT = join(import.meta.dir, '..', '..', '..')

/** Runs a command of the repository itself: its configuration, its plugins, its sample candles. */
async function crypto(words: string) {
  const child = Bun.spawn([process.execPath, 'run', 'crypto', ...words.split(' ')], {
    cwd: ROOT,
    env: { ...process.env, BINANCE_API_KEY: '', BINANCE_API_SECRET: '' },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const [out, err] = await Promise.all([child.stdout.text(), child.stderr.text()])
  return { code: await child.exited, out, err }
}

async function result(words: string, schema: SchemaId) {
  const { code, out, err } = await crypto(`${words} --json`)
  expect(err).toBe('')
  expect(code).toBe(0)
  const document = JSON.parse(out)
  expect(Value.Errors(documentSchema(schema), document)).toEqual([])
  return document.result
}

describe('the shipped configuration and sample', () => {
  test('are valid', async () => {
    const { errors, counts } = await result('config validate', 'crypto/config.validate@1')
    expect(errors).toBe(0)
    expect(counts.sweeps).toBeGreaterThan(0)
  })

  test('show every value with its origin, secrets redacted', async () => {
    const { origins } = await result('config show --origin', 'crypto/config.show@1')
    const password = origins.find(({ path }: { path: string }) => path.endsWith('password'))
    expect(password.value).toBe('***')
  })

  test('list strategies of the kernel and of plugins with their warm-up', async () => {
    const { strategies } = await result('strategies list', 'crypto/strategies.list@1')
    const named = Object.fromEntries(strategies.map((one: { name: string }) => [one.name, one]))
    expect(named.sma_crossover).toMatchObject({ source: 'built-in', warmup_bars: 30 })
    expect(named.price_channel_filter.source).toEndWith('price-channel-filter.ts')
  })

  test('describe every strategy and indicator', async () => {
    const { indicators } = await result('indicators list', 'crypto/indicators.list@1')
    expect(indicators.length).toBeGreaterThan(10)
    const macd = await result('indicators show macd', 'crypto/indicators.show@1')
    expect(macd.params[0]).toMatchObject({ name: 'fast_period', default: 12 })
  })

  test('list exchanges without their keys', async () => {
    const { exchanges } = await result('exchanges list', 'crypto/exchanges.list@1')
    expect(exchanges[0]).toMatchObject({ name: 'binance', credentials: 'missing' })
  })

  test('list the sample candles', async () => {
    const { series } = await result('data list', 'crypto/data.list@1')
    expect(series.map((one: { symbol: string }) => one.symbol)).toEqual(
      expect.arrayContaining(['BTCUSDT', 'ETHUSDT', 'SOLUSDT']),
    )
  })
})

test('an unknown strategy gets a suggestion and ends with 2', async () => {
  const { code, err } = await crypto('strategies show sma_crosover')
  expect(code).toBe(2)
  expect(err).toContain("Did you mean 'sma_crossover'?")
})

test('an invalid configuration says in how many files it looked', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'crypto-invalid-'))
  writeFileSync(join(directory, 'sweeps.yaml'), 'sweps: {}\n')
  const { code, out } = await crypto(`config validate --json --config-dir ${directory}`)
  rmSync(directory, { recursive: true })
  expect(code).toBe(2)
  expect(JSON.parse(out).result).toMatchObject({ errors: 1 })
  expect(JSON.parse(out).result.files).toEqual([join(directory, 'sweeps.yaml')])
})

test('a folder without configuration ends with 2', async () => {
  expect((await crypto('config validate --config-dir /nonexistent')).code).toBe(2)
})
