import type { Exchange as Client } from 'ccxt'
import { ConfigError } from '../../core/errors.ts'
import { didYouMean } from '../../core/suggest.ts'
import { checkBaseUrl } from '../base-url.ts'
import type { ExchangeMode, ExchangeSettings } from '../exchange.ts'
import { canStream } from './candle-stream.ts'
import { attach, NO_NETWORK } from './network.ts'

export type CcxtSettings = ExchangeSettings<{ exchange: string }>

/** ccxt's own time-out covers headers only; the transport's deadline is the one that counts. */
const NEVER_MS = 86_400_000

/**
 * Creates a client of ccxt that speaks of spot markets only. It never gets a key: nothing that it is used for needs one, and
 * what it does not have it cannot sign with or send. It has no way to the network until it is given one (`attach`).
 *
 * ccxt's own limiter stays on: it knows what each endpoint costs and spreads requests evenly. It knows this process only,
 * which is why the budget counts them as well.
 *
 * @throws ConfigError `UNKNOWN_NAME` with the nearest exchange that ccxt knows, `UNSUPPORTED_EXCHANGE` for one that has no
 * candles of spot markets, `NO_TESTNET`, `BASE_URL`
 */
export async function createClient(settings: CcxtSettings, mode: ExchangeMode): Promise<Client> {
  const client = await newVenue(settings)
  const { name, testnet, baseUrl } = settings
  if (mode === 'trading' && testnet && baseUrl === undefined) useTestnet(client, name)
  keepToSpot(client)
  if (baseUrl !== undefined) {
    const base = checkBaseUrl(name, baseUrl)
    client.urls.api = moved(client, client.urls.api, base) as typeof client.urls.api
  }
  attach(client, NO_NETWORK)
  return client
}

/** Hosts of every address that the client has. */
export function hostsOf(client: Client): readonly string[] {
  const addresses = addressesOf(client, client.urls.api)
  return [...new Set(addresses.map((address) => new URL(address).host))]
}

/** Requests of a cost of one, as ccxt counts it, that the venue takes per minute. */
export function requestsPerMinuteOf(client: Client): number {
  return Math.max(1, Math.floor(60_000 / (client.rateLimit ?? 1000)))
}

type Venues = Readonly<Record<string, new (config: object) => Client>>

async function newVenue({ name, options }: CcxtSettings): Promise<Client> {
  const { default: ccxt } = await import('ccxt')
  const known: readonly string[] = ccxt.exchanges
  const id = options.exchange
  const where = `exchanges.yaml exchanges.${name}.options.exchange`
  const context = { exchange: name, ccxt: id }
  if (!known.includes(id)) {
    const message = `${where}: ccxt knows no exchange '${id}'.${didYouMean(id, known)}`
    throw new ConfigError('UNKNOWN_NAME', message, { context })
  }
  const venues = (canStream(id) ? ccxt.pro : ccxt) as unknown as Venues
  const Venue = venues[id] as Venues[string]
  const client = new Venue({ enableRateLimit: true, timeout: NEVER_MS })
  if (client.has.spot !== true || client.has.fetchOHLCV !== true) {
    const what = client.has.spot === true ? 'no candles' : 'no spot markets'
    const message = `${where}: ${client.name} has ${what}, so it cannot be used.`
    throw new ConfigError('UNSUPPORTED_EXCHANGE', message, { context })
  }
  return client
}

function useTestnet(client: Client, name: string): void {
  if (client.urls.test === undefined) {
    const message = `exchanges.yaml exchanges.${name}.testnet: ${client.name} has no test network that ccxt knows; set testnet: false.`
    throw new ConfigError('NO_TESTNET', message, { context: { exchange: name } })
  }
  client.setSandboxMode(true)
}

/** Loading markets asks for currencies, margin pairs and derivatives too, some of them signed where there is a key. */
function keepToSpot(client: Client): void {
  client.has.fetchCurrencies = false
  const { options } = client
  options.defaultType = 'spot'
  options.fetchMargins = false
  const types: unknown = options.fetchMarkets?.types
  if (Array.isArray(types)) options.fetchMarkets.types = ['spot']
  else if (typeof types === 'object' && types !== null) {
    const none = Object.keys(types).map((type) => [type, type === 'spot'])
    options.fetchMarkets.types = Object.fromEntries(none)
  }
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

/** Puts one origin in place of those of all addresses, websockets included; their paths stay. */
function moved(client: Client, addresses: unknown, base: string): Addresses {
  if (typeof addresses === 'string') {
    const address = client.implodeHostname(addresses)
    if (!URL.canParse(address)) return addresses
    const { protocol, pathname } = new URL(address)
    const origin = protocol.startsWith('ws') ? base.replace(/^http/, 'ws') : base
    return pathname === '/' ? origin : `${origin}${pathname}`
  }
  if (typeof addresses !== 'object' || addresses === null) return undefined
  return Object.fromEntries(
    Object.entries(addresses).map(([name, one]) => [name, moved(client, one, base)]),
  )
}
