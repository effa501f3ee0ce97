import { Type } from 'typebox'
import { defineExchange } from '../exchange.ts'

/** For a venue of which nothing is known. */
const RATE_LIMIT_DEFAULT = 300

/** Any exchange that the library ccxt knows. Loading it takes 0.2 s and 80 MB, so only a connection does. */
export default defineExchange({
  name: 'ccxt',
  description: 'Any spot exchange that the library ccxt knows.',
  marketKinds: ['spot'],
  intervals: [],
  rateLimitDefault: RATE_LIMIT_DEFAULT,
  options: Type.Object(
    {
      exchange: Type.String({
        minLength: 1,
        default: 'binance',
        description: "ccxt's name of the exchange, such as kraken or coinbase",
      }),
    },
    { additionalProperties: false },
  ),
  async hosts(settings, mode) {
    const { createClient, hostsOf } = await import('./client.ts')
    return hostsOf(await createClient(settings, mode))
  },
  async requestsPerMinute(settings, mode) {
    const { createClient, requestsPerMinuteOf } = await import('./client.ts')
    return requestsPerMinuteOf(await createClient(settings, mode))
  },
  async connect(settings, host, mode) {
    const { createClient: create } = await import('./client.ts')
    const { CcxtExchange } = await import('./ccxt-exchange.ts')
    const ccxt = await import('ccxt')
    const createClient = () => create(settings, mode)
    const client = await createClient()
    return new CcxtExchange({ name: settings.name, client, createClient, host, ccxt })
  },
})
