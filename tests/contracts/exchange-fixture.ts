import type { CandleColumns } from '../../src/core/candles.ts'
import { PlatformError } from '../../src/core/errors.ts'
import type { ExchangeDefinition } from '../../src/exchanges/exchange.ts'
import type { Simulator } from '../../src/simulator/index.ts'
import {
  type Connected,
  type ConnectOptions,
  connectExchange,
} from '../support/connect-exchange.ts'
import { startSimulator, type TestSimulatorOptions } from '../support/simulator.ts'

export const HOUR = 3_600_000
/** The simulated time of the contract suites: half of an hour is over. */
export const NOW = Date.UTC(2024, 2, 1, 0, 30)
export const SERIES = { symbol: 'BTCUSDT', interval: '1h' } as const

/** Returns a function that runs with a connection to a venue of its own, which breaks as told. */
export function withVenueOf(
  definition: ExchangeDefinition,
  options: Readonly<Record<string, unknown>>,
) {
  return async (
    sim: TestSimulatorOptions,
    use: (connected: Connected, simulator: Simulator) => Promise<void>,
    others: Partial<ConnectOptions> = {},
  ): Promise<void> => {
    const simulator = await startSimulator({ now: NOW, ...sim })
    const connected = await connectExchange(definition, {
      baseUrl: simulator.url,
      options,
      ...others,
    })
    try {
      await use(connected, simulator)
    } finally {
      await connected.exchange.close()
      await simulator.stop()
    }
  }
}

export function rowsOf({ openTime, open, high, low, close, volume }: CandleColumns) {
  return Array.from(openTime, (time, i) => [time, open[i], high[i], low[i], close[i], volume[i]])
}

export const id = <T>(value: T): T => value

export async function failureOf(call: Promise<unknown>): Promise<PlatformError> {
  const outcome = await call.catch(id)
  if (outcome instanceof PlatformError) return outcome
  throw new Error(`expected a PlatformError, got ${Bun.inspect(outcome)}`)
}
