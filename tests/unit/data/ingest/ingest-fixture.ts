import { ConnectivityError } from '../../../../src/core/errors.ts'
import { type IngestOptions, ingest } from '../../../../src/data/ingest/ingest.ts'
import type { SeriesContext } from '../../../../src/data/ingest/ingest-series.ts'
import type { Exchange } from '../../../../src/exchanges/exchange.ts'
import { memoryRepository } from '../../../support/memory-repository.ts'
import { type Row, type Script, scriptedExchange } from '../../../support/scripted-exchange.ts'

export const MINUTE = 60_000
export const START = Date.UTC(2024, 0, 1)
export const slot = (index: number) => START + index * MINUTE

export const row = (index: number, price = 100 + (index % 7)): Row => [
  slot(index),
  price,
  price + 2,
  price - 2,
  price + 1,
  5,
]
/** With a low above the close. */
export const broken = ([time, open, high, , close, volume]: Row): Row => [
  time,
  open,
  high,
  1e6,
  close,
  volume,
]
export const rows = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => row(from + i))

export function contextOf(exchange: Exchange, changes: Partial<SeriesContext> = {}): SeriesContext {
  return {
    exchange,
    repository: memoryRepository(),
    clock: { now: () => START, sleep: async (_, signal) => signal?.throwIfAborted() },
    random: () => 0,
    elapsed: () => 0,
    policy: { retries: 3, delayMs: 1, delayMsMax: 1 },
    onProgress: () => {},
    warn: () => {},
    ...changes,
  }
}

export const request = (changes: Partial<IngestOptions> = {}): IngestOptions => ({
  symbols: ['BTCUSDT'],
  interval: '1m',
  period: { fromMs: START },
  repair: false,
  recheckCandles: 3,
  symbolsParallel: 2,
  ...changes,
})

/** Runs an ingestion over a script and returns what came of the first series. */
export async function run(
  script: Script,
  changes: {
    readonly request?: Partial<IngestOptions>
    readonly context?: Partial<SeriesContext>
  } = {},
) {
  const exchange = scriptedExchange(script)
  const repository = memoryRepository()
  const context = contextOf(exchange, { repository, ...changes.context })
  const [result] = await ingest(request(changes.request), context)
  if (result === undefined) throw new Error('there is a result for each symbol')
  return { ...result, exchange, context, series: repository.series('BTCUSDT') }
}

export const asked = (exchange: {
  readonly queries: readonly { fromMs: number; toMs: number }[]
}) =>
  exchange.queries.map(({ fromMs, toMs }) => [(fromMs - START) / MINUTE, (toMs - START) / MINUTE])

export const RETRY_AFTER = { context: { retryAfterMs: 7_000 } }
export const unreachable = () => new ConnectivityError('EXCHANGE_UNREACHABLE', 'reset')
