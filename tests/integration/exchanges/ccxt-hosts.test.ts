import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import ccxt, { type Exchange as Client } from 'ccxt'
import { createClient, hostsOf, requestsPerMinuteOf } from '../../../src/exchanges/ccxt/client.ts'
import definition from '../../../src/exchanges/ccxt/index.ts'
import { attach, NO_NETWORK } from '../../../src/exchanges/ccxt/network.ts'
import type { ExchangeMode } from '../../../src/exchanges/exchange.ts'
import { createTransport } from '../../../src/exchanges/transport/create-transport.ts'
import { startSimulator } from '../../support/simulator.ts'
import { startVenue } from '../../support/venue-server.ts'

setDefaultTimeout(60_000)

const BASE = 'http://127.0.0.1:9001/proxy'
const MODES: readonly ExchangeMode[] = ['market_data', 'trading']

const PAIR = {
  id: 'BTCUSDT',
  lowercaseId: 'btcusdt',
  symbol: 'BTC/USDT',
  base: 'BTC',
  baseId: 'BTC',
  quote: 'USDT',
  quoteId: 'USDT',
  type: 'spot',
  spot: true,
}

interface Given {
  readonly exchange: string
  readonly baseUrl?: string
  readonly testnet?: boolean
}

function settingsOf({ exchange, baseUrl, testnet = false }: Given) {
  const secret = (): never => {
    throw new Error('a key was asked for')
  }
  const credentials = { apiKey: secret, apiSecret: secret, passphrase: secret }
  const options = { exchange }
  return { name: 'venue', testnet, baseUrl, rateLimit: 1, credentials, options }
}

/** Every exchange of ccxt that can be used, and why the others cannot. */
async function clients(given: Omit<Given, 'exchange'> = {}) {
  const usable: Client[] = []
  const refused: [string, unknown][] = []
  for (const exchange of ccxt.exchanges) {
    try {
      usable.push(await createClient(settingsOf({ exchange, ...given }), 'market_data'))
    } catch (error) {
      refused.push([exchange, error])
    }
  }
  return { usable, refused }
}

/** What a client asks for when it loads its markets and reads a page of candles. */
async function addressesAsked(client: Client): Promise<readonly URL[]> {
  const asked: URL[] = []
  const fetch = async (url: string) => {
    asked.push(new URL(url))
    return new Response('{}', { headers: { 'content-type': 'application/json' } })
  }
  attach(client, { ...NO_NETWORK, fetch, pace: () => Promise.resolve() })
  await client.loadMarkets(true).catch(() => {})
  client.setMarkets([client.safeMarketStructure(PAIR)])
  const timeframe = Object.keys(client.timeframes)[0] as string
  await client
    .fetchOHLCV('BTC/USDT', timeframe, Date.UTC(2024, 0, 1), 10, { until: Date.UTC(2024, 0, 2) })
    .catch(() => {})
  return asked
}

describe('every exchange of ccxt', () => {
  test('is usable, or is refused with the reason', async () => {
    const { usable, refused } = await clients()
    expect(usable.length).toBeGreaterThan(60)
    for (const [exchange, error] of refused) {
      expect({ exchange, error }).toMatchObject({
        error: { code: 'UNSUPPORTED_EXCHANGE', exitCode: 2 },
      })
    }
    expect(refused.map(([exchange]) => exchange)).toContain('binanceusdm')
  })

  test('reaches hosts of its own list only', async () => {
    const { usable } = await clients()
    await Promise.all(
      usable.map(async (client) => {
        const hosts = hostsOf(client)
        expect({ id: client.id, hosts: hosts.length }).not.toEqual({ id: client.id, hosts: 0 })
        const strays = (await addressesAsked(client)).filter(({ host }) => !hosts.includes(host))
        expect({ id: client.id, strays }).toEqual({ id: client.id, strays: [] })
      }),
    )
  })

  test('reaches nothing but its base_url where one is set', async () => {
    const { usable } = await clients({ baseUrl: BASE })
    await Promise.all(
      usable.map(async (client) => {
        expect({ id: client.id, hosts: hostsOf(client) }).toEqual({
          id: client.id,
          hosts: ['127.0.0.1:9001'],
        })
        for (const { href } of await addressesAsked(client)) expect(href).toStartWith(`${BASE}/`)
      }),
    )
  })

  test('says how much it takes', async () => {
    const of = async (exchange: string) =>
      requestsPerMinuteOf(await createClient(settingsOf({ exchange }), 'market_data'))
    expect(await of('kraken')).toBe(60)
    expect(await of('binance')).toBe(1_200)
  })
})

describe('an address of the configuration', () => {
  test('stands for the websockets too', async () => {
    const client = await createClient(settingsOf({ exchange: 'binance', baseUrl: BASE }), 'trading')
    const addresses = JSON.stringify(client.urls.api)
    expect(addresses).toContain('"ws://127.0.0.1:9001/proxy/ws"')
    expect(addresses).not.toContain('binance.com')
  })

  test('wins over the test network', async () => {
    const settings = settingsOf({ exchange: 'binance', baseUrl: BASE, testnet: true })
    for (const mode of MODES)
      expect(await definition.hosts(settings, mode)).toEqual(['127.0.0.1:9001'])
  })

  test.each(['ftp://x', 'not an address', 'http://user:word@127.0.0.1', 'http://h/?a=1'])(
    '%s is refused',
    async (baseUrl) => {
      const settings = settingsOf({ exchange: 'kraken', baseUrl })
      await expect(createClient(settings, 'market_data')).rejects.toMatchObject({
        code: 'BASE_URL',
      })
    },
  )
})

describe('modes', () => {
  test('candles come from the real market, orders go to the test network', async () => {
    const settings = settingsOf({ exchange: 'binance', testnet: true })
    expect(await definition.hosts(settings, 'market_data')).toContain('api.binance.com')
    const hosts = await definition.hosts(settings, 'trading')
    expect(hosts).toContain('testnet.binance.vision')
    expect(hosts.join()).not.toContain('api.binance.com')
  })

  test('a test network that does not exist is not replaced by the real one', async () => {
    const settings = settingsOf({ exchange: 'kraken', testnet: true })
    await expect(createClient(settings, 'trading')).rejects.toMatchObject({
      code: 'NO_TESTNET',
      exitCode: 2,
    })
  })

  test('an unknown exchange is refused with the nearest name', async () => {
    const settings = settingsOf({ exchange: 'krakn' })
    await expect(createClient(settings, 'market_data')).rejects.toMatchObject({
      code: 'UNKNOWN_NAME',
      message: expect.stringContaining("'kraken'"),
    })
  })

  test.each(MODES)('in %s no key is ever asked for', async (mode) => {
    const settings = settingsOf({ exchange: 'binance', baseUrl: BASE })
    const client = await createClient(settings, mode)
    const { apiKey, secret, password, privateKey, uid } = client
    expect([apiKey, secret, password, privateKey, uid].filter((key) => key)).toEqual([])
    await definition.hosts(settings, mode)
    await definition.requestsPerMinute?.(settings, mode)
  })
})

describe('a stream', () => {
  test('opens no websocket beyond the hosts', async () => {
    const simulator = await startSimulator()
    const settings = settingsOf({ exchange: 'binance', baseUrl: simulator.url })
    const client = await createClient(settings, 'market_data')
    const { openSocket } = createTransport({ exchange: 'venue', hosts: ['stream.example.com'] })
    attach(client, { ...NO_NETWORK, openSocket })
    client.setMarkets([client.safeMarketStructure(PAIR)])
    await expect(client.watchOHLCV('BTC/USDT', '1h')).rejects.toMatchObject({
      code: 'HOST_REFUSED',
      exitCode: 6,
    })
    expect(simulator.stats().sockets.opened).toBe(0)
    // A timer of ccxt's for a connection that is not there would end the process.
    expect(client.clients).toMatchObject({
      [`${simulator.streamUrl}/ws/0`]: { connectionTimer: undefined },
    })
    await simulator.stop()
  })
})

describe('a client whose addresses were replaced in part', () => {
  test('is refused what it asks of the others, with the key that it has, and nothing leaves', async () => {
    const venue = startVenue(() => ({ symbols: [] }))
    const client = await createClient(settingsOf({ exchange: 'binance' }), 'market_data')
    // As observed: with a key, loading markets asks sapi on the production host.
    client.apiKey = 'canary-key'
    client.secret = 'canary-secret'
    client.has.fetchCurrencies = true
    Object.assign(client.urls.api as object, { public: `${venue.url}/api/v3`, private: venue.url })
    const { fetch } = createTransport({ exchange: 'venue', hosts: [new URL(venue.url).host] })
    const wanted: string[] = []
    attach(client, {
      ...NO_NETWORK,
      async fetch(url) {
        wanted.push(new URL(url).host)
        const { body, status } = await fetch(url)
        return new Response(body, { status })
      },
    })
    await expect(client.loadMarkets(true)).rejects.toMatchObject({
      code: 'HOST_REFUSED',
      exitCode: 6,
    })
    expect(wanted).toContain('api.binance.com')
    expect(venue.asked.join()).not.toContain('sapi')
    await venue.stop()
  })
})
