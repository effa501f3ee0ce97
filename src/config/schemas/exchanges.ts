// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is the notation of the configuration files
import { type Static, Type } from 'typebox'
import { NAME_PATTERN, Named, SecretText, Section, Text } from './leaves.ts'

const ExchangeSchema = Section(
  {
    adapter: Type.Optional(
      Text(
        'kind of venue: a registered exchange adapter, such as binance; without it only imported candles can be used',
      ),
    ),
    testnet: Type.Boolean({
      default: true,
      description:
        "true trades on the venue's test network; candles always come from the real market",
    }),
    base_url: Type.Optional(
      Text(
        "address of the venue's REST interface in place of the real one: a simulator or a proxy",
      ),
    ),
    api_key: Type.Optional(
      SecretText('API key; only as ${NAME}, never in the file', { literal: false }),
    ),
    api_secret: Type.Optional(
      SecretText('API secret; only as ${NAME}, never in the file', { literal: false }),
    ),
    api_passphrase: Type.Optional(
      SecretText('third part of the key, at venues that have one; only as ${NAME}', {
        literal: false,
      }),
    ),
    rate_limit: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1_000_000,
        description: 'requests per minute; default: what the adapter says that the venue takes',
      }),
    ),
    sparse: Type.Optional(
      Type.Boolean({
        description:
          'true: a candle that the exchange lacks is one in which nothing traded, so that coarser ones are built from what exists',
      }),
    ),
    options: Type.Record(Type.String({ pattern: NAME_PATTERN }), Type.Unknown(), {
      additionalProperties: false,
      default: {},
      variantBy: 'adapter',
      description: 'options of the adapter itself; `crypto exchanges list` shows them',
    }),
  },
  { default: {} },
)

/** exchanges.yaml */
export const ExchangesSchema = Section(
  { exchanges: Named(ExchangeSchema, 'exchanges by name') },
  { description: 'Exchanges: venue, network and keys' },
)

export type Exchange = Static<typeof ExchangeSchema>
