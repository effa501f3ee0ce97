import { Type } from 'typebox'
import { defineExchange } from '../exchange.ts'

/** Far below what any venue grants; `rate_limit` raises it where more is known. */
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
  async connect(settings, host, mode) {
    const { createClient } = await import('./client.ts')
    const { CcxtExchange } = await import('./ccxt-exchange.ts')
    return new CcxtExchange(settings.name, await createClient(settings, mode), host)
  },
})
