import { Type } from 'typebox'
import { closed, Nullable } from '../leaves.ts'
import type { Report } from '../report.ts'
import { count } from '../terminal/format.ts'
import type { Style } from '../terminal/style.ts'
import { renderTable } from '../terminal/table.ts'
import type { ExchangeView } from '../views.ts'

const Document = Type.Object(
  {
    exchanges: Type.Array(
      Type.Object(
        {
          name: Type.String({ description: 'key in exchanges.yaml' }),
          adapter: Nullable(
            Type.String({ description: 'null: the entry has none, for imported candles only' }),
          ),
          testnet: Type.Boolean(),
          rate_limit: Nullable(Type.Number({ description: 'requests per minute' })),
          credentials: Type.Enum(['set', 'missing', 'not needed']),
          description: Type.String(),
        },
        closed,
      ),
    ),
  },
  closed,
)

interface ConfiguredExchanges {
  readonly exchanges: readonly ExchangeView[]
  readonly configDir: string
}

export const exchangesListReport: Report<ConfiguredExchanges, typeof Document> = {
  id: 'crypto/exchanges.list@1',
  schema: Document,
  json: ({ exchanges }) => ({ exchanges: exchanges.map(exchangeJson) }),
  lines: ({ exchanges, configDir }, style) =>
    exchanges.length === 0
      ? [`no exchange is configured in ${configDir}/exchanges.yaml`]
      : exchangeTable(exchanges, style),
}

function exchangeJson(exchange: ExchangeView) {
  return {
    name: exchange.name,
    adapter: exchange.adapter,
    testnet: exchange.testnet,
    rate_limit: exchange.rateLimit,
    credentials: exchange.credentials,
    description: exchange.description,
  }
}

function exchangeTable(exchanges: readonly ExchangeView[], style: Style): string[] {
  const columns = [
    { title: 'Name' },
    { title: 'Adapter' },
    { title: 'Network' },
    { title: 'Requests/min', align: 'right', priority: 2 },
    { title: 'Credentials' },
    { title: 'Description', priority: 1, shrinkTo: 30 },
  ] as const
  const rows = exchanges.map((exchange) => [
    exchange.name,
    exchange.adapter ?? '-',
    networkOf(exchange),
    exchange.rateLimit === null ? '-' : count(exchange.rateLimit),
    exchange.credentials,
    exchange.description,
  ])
  return renderTable({ columns, rows }, style)
}

function networkOf({ adapter, testnet }: ExchangeView): string {
  if (adapter === null) return '-'
  return testnet ? 'testnet' : 'REAL MONEY'
}
