import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Environment } from '../../../../src/app/environment.ts'
import { limitsOf, openExchange } from '../../../../src/app/exchanges/open-exchange.ts'
import { Workspace } from '../../../../src/app/workspace.ts'
import binance from '../../../../src/exchanges/binance/index.ts'
import ccxt from '../../../../src/exchanges/ccxt/index.ts'
import type {
  ExchangeDefinition,
  ExchangeMode,
  ExchangeSettings,
} from '../../../../src/exchanges/exchange.ts'

/** An adapter that shows what it was given, as an object that nobody may change. */
const PLUGIN = `export default {
  name: 'glass', description: 'Hides nothing.', marketKinds: ['spot'], intervals: ['1h'], rateLimitDefault: 60,
  options: { type: 'object', properties: {} },
  hosts: () => ['127.0.0.1:1'],
  async connect(settings, host, mode) {
    globalThis.glass = { settings, mode, host }
    return Object.freeze({
      name: settings.name, candlesPerPage: 1, seeksForward: false, intervals: ['1h'],
      serverTime: async () => 5, markets: async () => [], candles: async () => undefined,
      close: async () => { globalThis.glass.isClosed = true },
    })
  },
}`

interface Glass {
  readonly settings: ExchangeSettings
  readonly mode: ExchangeMode
  readonly host: object
  readonly isClosed?: boolean
}

const seen = () => Reflect.get(globalThis, 'glass') as Glass

const EXCHANGES = `exchanges:
  mine:
    adapter: glass
    testnet: false
    base_url: http://127.0.0.1:1
    rate_limit: 77
    api_key: \${GLASS_KEY}
    api_secret: \${GLASS_SECRET}
  theirs: { adapter: glass }
`

describe('openExchange', () => {
  const cwd = mkdtempSync(join(tmpdir(), 'open-exchange-'))
  let workspace: Workspace
  beforeAll(() => {
    for (const [file, text] of Object.entries({
      'plugins/exchanges/glass.ts': PLUGIN,
      'config/exchanges.yaml': EXCHANGES,
      'config/settings.yaml': 'default_exchange: theirs',
      'config/strategies.yaml': 'strategies: {}',
      'config/backtests.yaml': 'backtests: {}',
      'config/sweeps.yaml': 'sweeps: {}',
    })) {
      mkdirSync(join(cwd, file, '..'), { recursive: true })
      writeFileSync(join(cwd, file), text)
    }
    workspace = new Workspace({
      configDir: join(cwd, 'config'),
      cwd,
      env: { GLASS_KEY: 'canary-key', GLASS_SECRET: 'canary-secret' },
      logger: { info: () => {}, warn: () => {}, setLevel: () => {} },
      hide: () => {},
      now: Date.now,
      random: () => 0.5,
      signal: new AbortController().signal,
    } as Partial<Environment> as Environment)
  })
  afterAll(() => rmSync(cwd, { recursive: true, force: true }))

  test('hands the entry to its adapter, without keys for market data', async () => {
    const exchange = await openExchange(workspace, 'mine', 'market_data')
    expect(seen().mode).toBe('market_data')
    expect(seen().settings).toEqual({
      name: 'mine',
      testnet: false,
      baseUrl: 'http://127.0.0.1:1',
      rateLimit: 77,
      credentials: undefined,
      options: {},
    })
    expect(Bun.inspect(seen(), { depth: 10 })).not.toContain('canary')
    await exchange.close()
  })

  test('hands keys out for trading, as functions that nothing prints', async () => {
    const exchange = await openExchange(workspace, 'mine', 'trading')
    const { credentials } = seen().settings
    expect([credentials?.apiKey(), credentials?.apiSecret()]).toEqual([
      'canary-key',
      'canary-secret',
    ])
    expect(JSON.stringify(seen().settings)).not.toContain('canary')
    expect(Bun.inspect(seen().settings, { depth: 10 })).not.toContain('canary')
    await exchange.close()
  })

  test('opens the default exchange, and closes what the adapter gave', async () => {
    const exchange = await openExchange(workspace, undefined, 'market_data')
    expect(exchange).toMatchObject({ name: 'theirs', candlesPerPage: 1, seeksForward: false })
    expect(exchange.watchCandles).toBeUndefined()
    expect(await exchange.serverTime()).toBe(5 as never)
    await exchange.close()
    expect(seen().isClosed).toBe(true)
  })

  test('names the nearest entry when there is none of that name', async () => {
    for (const name of ['mines', 'toString']) {
      await expect(openExchange(workspace, name, 'market_data')).rejects.toMatchObject({
        name: 'ConfigError',
        code: 'UNKNOWN_NAME',
        message: expect.stringContaining('Known: mine, theirs.'),
      })
    }
    await expect(openExchange(workspace, 'mines', 'market_data')).rejects.toThrow(
      "Did you mean 'mine'?",
    )
  })
})

describe('limitsOf', () => {
  const of = (definition: object, exchange: string, rateLimit?: number) => {
    const settings = { name: 'venue', testnet: false, rateLimit, options: { exchange } }
    return limitsOf(definition as ExchangeDefinition, settings, 'market_data')
  }

  test('the lower of what the entry says and what the venue is known to take', async () => {
    expect(await of(ccxt, 'kraken', 1_200)).toEqual({
      requestsPerMinute: 60,
      weightPerMinute: undefined,
    })
    expect(await of(ccxt, 'kraken', 20)).toMatchObject({ requestsPerMinute: 20 })
  })

  test('what the entry says where nothing else is known', async () => {
    expect(await of(binance, '', 900)).toEqual({ requestsPerMinute: 900, weightPerMinute: 6_000 })
  })

  test('an entry that says nothing gets what the venue takes, or else the default of the adapter', async () => {
    expect(await of(ccxt, 'kraken')).toMatchObject({ requestsPerMinute: 60 })
    expect(await of(binance, '')).toMatchObject({ requestsPerMinute: 1_200 })
    expect(await of({ rateLimitDefault: 45 }, '')).toMatchObject({ requestsPerMinute: 45 })
  })
})
