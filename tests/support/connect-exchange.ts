import { systemClock } from '../../src/cli/system-clock.ts'
import type { Exchange, ExchangeDefinition } from '../../src/exchanges/exchange.ts'
import type { RateReply } from '../../src/exchanges/rate-budget.ts'
import { createTransport } from '../../src/exchanges/transport/create-transport.ts'

export interface ConnectOptions {
  readonly baseUrl: string
  readonly options?: Readonly<Record<string, unknown>>
  readonly timeoutMs?: number
  /** In place of the hosts that the definition names. */
  readonly hosts?: readonly string[]
}

/** A connection for market data, with what it asked of its surroundings. */
export interface Connected {
  readonly exchange: Exchange
  /** Weights that were reserved, in order. */
  readonly taken: number[]
  /** What was learned of each request when it had ended. */
  readonly settled: RateReply[]
  /** Weights per minute that the venue said it grants. */
  readonly granted: number[]
  readonly warnings: string[]
}

/** Connects an adapter to a server of a test, with an unlimited budget that keeps a record. */
export async function connectExchange(
  definition: ExchangeDefinition,
  { baseUrl, options = {}, timeoutMs = 5_000, hosts }: ConnectOptions,
): Promise<Connected> {
  const settings = { name: 'venue', testnet: true, baseUrl, rateLimit: 1_000_000, options }
  const allowed = hosts ?? (await definition.hosts(settings, 'market_data'))
  const [taken, settled, warnings]: [number[], RateReply[], string[]] = [[], [], []]
  const granted: number[] = []
  const host = {
    ...createTransport({ exchange: 'venue', hosts: allowed, timeoutMs }),
    budget: {
      async take(weight: number, signal?: AbortSignal) {
        signal?.throwIfAborted()
        taken.push(weight)
        return { settle: (reply: RateReply) => void settled.push(reply) }
      },
      lower: (weightPerMinute: number) => void granted.push(weightPerMinute),
    },
    clock: systemClock(Date.now),
    warn: (message: string) => void warnings.push(message),
  }
  const exchange = await definition.connect(settings, host, 'market_data')
  return { exchange, taken, settled, granted, warnings }
}
