import type { Exchange, ExchangeDefinition } from '../../exchanges/exchange.ts'
import { forwardExchange } from '../../exchanges/forward-exchange.ts'
import { answerOf, inPlugin } from './watch.ts'

/** How long the adapter of a plugin may take to open or to close. */
const OPEN_MS_MAX = 60_000
/** How long it may take for one answer of its venue: it may have to wait for the rate limit and for retries. */
const ANSWER_MS_MAX = 600_000

/** The same definition, whose every answer has a limit: a promise that never settles would hold the command for ever. */
export function boundedExchange(
  definition: ExchangeDefinition,
  path: string,
  msMax?: number,
): ExchangeDefinition {
  const open = <T>(what: string, ask: () => T | Promise<T>) =>
    answerOf(path, what, ask, msMax ?? OPEN_MS_MAX)
  const { requestsPerMinute } = definition
  return {
    // One by one: they may be of a class.
    name: definition.name,
    description: definition.description,
    options: definition.options,
    marketKinds: definition.marketKinds,
    intervals: definition.intervals,
    rateLimitDefault: definition.rateLimitDefault,
    ...(definition.weightPerMinute && { weightPerMinute: definition.weightPerMinute }),
    hosts: (...given) => open('hosts()', () => definition.hosts(...given)),
    ...(requestsPerMinute && {
      requestsPerMinute: (...given) =>
        open('requestsPerMinute()', () => definition.requestsPerMinute?.(...given) as number),
    }),
    connect: async (...given) =>
      boundedConnection(await open('connect()', () => definition.connect(...given)), path, msMax),
  }
}

function boundedConnection(exchange: Exchange, path: string, msMax?: number): Exchange {
  const answer = <T>(what: string, ask: () => Promise<T>) =>
    answerOf(path, what, ask, msMax ?? ANSWER_MS_MAX)
  const { watchCandles } = exchange
  return {
    ...forwardExchange(exchange),
    serverTime: (signal) => answer('serverTime()', () => exchange.serverTime(signal)),
    markets: (signal) => answer('markets()', () => exchange.markets(signal)),
    candles: (query, signal) => answer('candles()', () => exchange.candles(query, signal)),
    ...(watchCandles && {
      watchCandles: (...given) =>
        inPlugin(
          path,
          () => watchCandles.apply(exchange, given) as ReturnType<typeof watchCandles>,
        ),
    }),
    close: () => answerOf(path, 'close()', () => exchange.close(), msMax ?? OPEN_MS_MAX),
  }
}
