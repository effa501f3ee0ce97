import { resolve } from 'node:path'
import { openStoredMarket } from '../../src/app/simulator/stored-market.ts'
import { systemClock } from '../../src/cli/system-clock.ts'
import type { CandleColumns } from '../../src/core/candles.ts'
import type { Clock } from '../../src/core/clock.ts'
import { parseInterval } from '../../src/core/intervals.ts'
import { createLakeStore } from '../../src/data/index.ts'
import {
  type MarketSource,
  parseFaultPlan,
  Simulator,
  type SimulatorOptions,
} from '../../src/simulator/index.ts'

const SAMPLE = resolve(import.meta.dir, '../../data/sample')

/** What a test may set; everything else has a default. */
export interface TestSimulatorOptions
  extends Partial<Omit<SimulatorOptions, 'source' | 'nowMs' | 'clock' | 'faults'>> {
  /** Simulated time at the start: ISO time or epoch milliseconds; default 2024-06-01. */
  readonly now?: string | number
  /** Candles by symbol and interval; default: the sample that the repository ships. */
  readonly candles?: Readonly<Record<string, Readonly<Record<string, CandleColumns>>>>
  readonly clock?: Clock
  /** Entries of a fault plan, as docs/simulator.md describes them. */
  readonly faults?: readonly object[]
}

/**
 * Starts a simulator in this process, on a free port, whose time stands still unless a speed is given.
 *
 * @example
 * const simulator = await startSimulator({ now: '2024-03-01' })
 * afterAll(() => simulator.stop())
 * await fetch(`${simulator.url}/api/v3/time`)
 */
export async function startSimulator(options: TestSimulatorOptions = {}): Promise<Simulator> {
  const { now = '2024-06-01', candles, faults = [], ...rest } = options
  const source = candles === undefined ? await sampleMarket() : marketOf(candles)
  return await Simulator.start({
    clock: systemClock(Date.now),
    speed: 0,
    ...rest,
    faults: parseFaultPlan(JSON.stringify({ faults }), 'faults'),
    source,
    nowMs: typeof now === 'number' ? now : Date.parse(now),
  })
}

/** BTCUSDT, ETHUSDT and SOLUSDT, hourly, June 2023 to December 2024. */
export async function sampleMarket(): Promise<MarketSource> {
  const store = createLakeStore({ lake: '/nonexistent', samples: [SAMPLE] })
  return await openStoredMarket(store, { exchange: 'binance' })
}

/** A market of given candles. Intervals that are not given are not served. */
export function marketOf(
  candles: Readonly<Record<string, Readonly<Record<string, CandleColumns>>>>,
): MarketSource {
  const intervalsOf = (symbol: string) => Object.keys(candles[symbol] ?? {})
  return {
    symbols: Object.keys(candles),
    storedIntervals: (symbol) =>
      intervalsOf(symbol).sort((a, b) => parseInterval(a).ms - parseInterval(b).ms),
    async candles(symbol, interval) {
      const columns = candles[symbol]?.[interval]
      if (columns === undefined) throw new Error(`no ${interval} candles of ${symbol} were given`)
      return columns
    },
  }
}
