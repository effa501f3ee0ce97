// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is the notation of the configuration files
import { type Static, Type } from 'typebox'
import { Named, SecretText, Section, Text } from './leaves.ts'

const ExchangeSchema = Section({
  adapter: Text('kind of venue: a registered exchange adapter, such as binance'),
  testnet: Type.Boolean({ default: true, description: "true talks to the venue's test network" }),
  api_key: Type.Optional(
    SecretText('API key; only as ${NAME}, never in the file', { literal: false }),
  ),
  api_secret: Type.Optional(
    SecretText('API secret; only as ${NAME}, never in the file', { literal: false }),
  ),
  rate_limit: Type.Integer({
    minimum: 1,
    maximum: 1_000_000,
    default: 1200,
    description: 'requests per minute',
  }),
})

/** exchanges.yaml */
export const ExchangesSchema = Section(
  { exchanges: Named(ExchangeSchema, 'exchanges by name') },
  { description: 'Exchanges: venue, network and keys' },
)

export type Exchange = Static<typeof ExchangeSchema>
