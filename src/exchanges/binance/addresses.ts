import { ConfigError } from '../../core/errors.ts'
import type { ExchangeMode, ExchangeSettings } from '../exchange.ts'

/** Where requests and streams go: URLs without a slash at the end. */
export interface Addresses {
  readonly rest: string
  readonly stream: string
}

/** Public candles of the real market; needs no key and knows no account. */
const MARKET_DATA: Addresses = {
  rest: 'https://data-api.binance.vision',
  stream: 'wss://data-stream.binance.vision',
}
const PRODUCTION: Addresses = {
  rest: 'https://api.binance.com',
  stream: 'wss://stream.binance.com',
}
const TESTNET: Addresses = {
  rest: 'https://testnet.binance.vision',
  stream: 'wss://stream.testnet.binance.vision',
}

/**
 * Returns the addresses of a mode. `base_url` replaces all of them: its streams are on the same host.
 * @throws ConfigError `BASE_URL` when it is no plain http or https address
 */
export function addressesFor(
  { name, testnet, baseUrl }: Pick<ExchangeSettings, 'name' | 'testnet' | 'baseUrl'>,
  mode: ExchangeMode,
): Addresses {
  if (baseUrl !== undefined) return addressesAt(name, baseUrl)
  if (mode === 'market_data') return MARKET_DATA
  return testnet ? TESTNET : PRODUCTION
}

function addressesAt(name: string, baseUrl: string): Addresses {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined
  const isPlain =
    url?.username === '' && url.password === '' && url.search === '' && url.hash === ''
  if (url === undefined || !/^https?:$/.test(url.protocol) || !isPlain) {
    throw new ConfigError(
      'BASE_URL',
      `exchanges.yaml exchanges.${name}.base_url: must be an address such as http://127.0.0.1:9001, without user name, password or query.`,
      { context: { exchange: name } },
    )
  }
  const rest = `${url.origin}${url.pathname.replace(/\/+$/, '')}`
  return { rest, stream: rest.replace(/^http/, 'ws') }
}
