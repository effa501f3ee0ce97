import { checkBaseUrl } from '../base-url.ts'
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
  const rest = checkBaseUrl(name, baseUrl)
  return { rest, stream: rest.replace(/^http/, 'ws') }
}
