import type { Exchange as Client } from 'ccxt'
import { ConfigError } from '../../core/errors.ts'
import { didYouMean } from '../../core/suggest.ts'
import type { ExchangeMode, ExchangeSettings } from '../exchange.ts'

export type CcxtSettings = ExchangeSettings<{ exchange: string }>

/** ccxt's own time-out covers headers only; the transport's deadline is the one that counts. */
const NEVER_MS = 86_400_000

/**
 * Creates a client of ccxt that speaks of spot markets only. In `market_data` it has no key, so that nothing it asks for can
 * be signed.
 * @throws ConfigError `UNKNOWN_NAME` with the nearest exchange that ccxt knows
 */
export async function createClient(settings: CcxtSettings, mode: ExchangeMode): Promise<Client> {
  const { default: ccxt } = await import('ccxt')
  const { name, options, testnet, baseUrl, credentials } = settings
  const known: readonly string[] = ccxt.exchanges
  if (!known.includes(options.exchange)) {
    throw new ConfigError(
      'UNKNOWN_NAME',
      `exchanges.yaml exchanges.${name}.options.exchange: ccxt knows no exchange '${options.exchange}'.${didYouMean(options.exchange, known)}`,
      { context: { exchange: name, ccxt: options.exchange } },
    )
  }
  const Venue = (ccxt as unknown as Record<string, new (config: object) => Client>)[
    options.exchange
  ] as new (
    config: object,
  ) => Client
  const client = new Venue({ enableRateLimit: false, timeout: NEVER_MS })
  if (mode === 'trading' && credentials !== undefined) {
    client.apiKey = credentials.apiKey()
    client.secret = credentials.apiSecret()
    if (credentials.passphrase !== undefined) client.password = credentials.passphrase()
  }
  if (mode === 'trading' && testnet && baseUrl === undefined) client.setSandboxMode(true)
  keepToSpot(client)
  if (baseUrl !== undefined) {
    client.urls.api = moved(client, client.urls.api, baseUrl) as typeof client.urls.api
  }
  return client
}

/** Hosts of every address that the client has, the one of public requests first. */
export function hostsOf(client: Client): readonly string[] {
  const addresses = addressesOf(client, client.urls.api)
  return [...new Set(addresses.map((address) => new URL(address).host))]
}

/** Loading markets asks for currencies, margin pairs and derivatives too, some of them signed where there is a key. */
function keepToSpot(client: Client): void {
  client.has.fetchCurrencies = false
  const { options } = client
  options.defaultType = 'spot'
  options.fetchMargins = false
  if (Array.isArray(options.fetchMarkets?.types)) options.fetchMarkets.types = ['spot']
}

/** Addresses are texts, or trees of them; some have the name of the host left open. */
type Addresses = string | { readonly [name: string]: Addresses } | undefined

function addressesOf(client: Client, addresses: unknown): readonly string[] {
  if (typeof addresses === 'string') {
    const address = client.implodeHostname(addresses)
    return URL.canParse(address) ? [address] : []
  }
  if (typeof addresses !== 'object' || addresses === null) return []
  return Object.values(addresses).flatMap((one) => addressesOf(client, one))
}

/** Puts one origin in place of those of all addresses; their paths stay. */
function moved(client: Client, addresses: unknown, baseUrl: string): Addresses {
  if (typeof addresses === 'string') {
    const address = client.implodeHostname(addresses)
    if (!URL.canParse(address)) return addresses
    const { protocol, pathname } = new URL(address)
    const origin = baseUrl.replace(/\/+$/, '')
    const base = protocol.startsWith('ws') ? origin.replace(/^http/, 'ws') : origin
    return pathname === '/' ? base : `${base}${pathname}`
  }
  if (typeof addresses !== 'object' || addresses === null) return undefined
  return Object.fromEntries(
    Object.entries(addresses).map(([name, one]) => [name, moved(client, one, baseUrl)]),
  )
}
