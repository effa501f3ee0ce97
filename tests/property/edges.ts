import fc from 'fast-check'
import type { CandleSeries } from '../../src/core/candles.ts'
import type { Execution } from '../../src/core/execution.ts'
import { above, below, CANDLE_SYMBOLS, type Signals } from '../../src/kernel/expression.ts'
import type { MarketInput } from '../../src/kernel/types.ts'
import { createRandom, emptyColumns, seriesOf } from './candles.ts'

/** Markets on which rounding, ties and ruin decide, as random walks never do. */
export interface EdgeCase {
  readonly seed: number
  readonly bars: number
  readonly intervalMs: number
  readonly prices: keyof typeof PRICES
  readonly execution: Execution
  /** Share of bars that ask for a change of position, and of bars after a hole in time. */
  readonly active: number
  readonly gap: number
}

type Prices = (random: () => number, before: number) => number

/**
 * Steps of 0.37 tolerances: no number of them comes near to one tolerance, so that no rounding decides on which side it
 * falls.
 */
const STEP = 0.37e-12
const LEVELS = [100, 110, 90, 121, 99, 80] as const

const pick = <T>(random: () => number, values: readonly T[]): T =>
  values[Math.floor(random() * values.length)]!

const steps = (random: () => number, most: number) => 1 + STEP * Math.floor(random() * most)

const PRICES = {
  /** A few prices that come back again and again: equal closes, equal depths, peaks reached exactly. */
  levels: (random) => pick(random, LEVELS),
  /** The same, each within a few tolerances. */
  nearLevels: (random) => pick(random, LEVELS) * steps(random, 12),
  /** Only moves of less than a few tolerances. */
  tiny: (random) => 100 * steps(random, 12),
  /** Tiny moves that add up, mostly in one direction. */
  creeping: (random, before) => before * (1 + STEP * (Math.floor(random() * 4) - 2)),
  rising: (random, before) => before * (1 + 0.001 * Math.floor(random() * 3)),
  /** Falls and rises by orders of magnitude. */
  collapsing: (random, before) => inRange(before * pick(random, [0.007, 0.1, 0.6, 1, 2, 30])),
  exploding: (random, before) => inRange(before * pick(random, [3e-9, 1, 2e6, 7e8])),
} as const satisfies Record<string, Prices>

function inRange(price: number): number {
  return Math.min(1e15, Math.max(1e-15, price))
}

const DAY_MS = 86_400_000

export const edgeCases: fc.Arbitrary<EdgeCase> = fc.record({
  seed: fc.integer(),
  bars: fc.integer({ min: 1, max: 120 }),
  intervalMs: fc.constantFrom(3_600_000, DAY_MS),
  prices: fc.constantFrom(...(Object.keys(PRICES) as (keyof typeof PRICES)[])),
  execution: fc.record({
    fill: fc.constantFrom('next_open', 'close'),
    commission: fc.constantFrom(0, 0, 0.001, 0.5),
    slippage: fc.constantFrom(0, 0, 0.0005),
    initial_capital: fc.constantFrom(10_000, 10_000, 1e-9, 1e-100, 1e120, 1e300),
  }),
  active: fc.constantFrom(0.05, 0.3, 1),
  gap: fc.constantFrom(0, 0.2),
})

/** Volume is no volume here: 1 asks to buy, −1 to sell. */
export const EDGE_SIGNALS: Signals = {
  enterLong: above(CANDLE_SYMBOLS.volume, 0.5),
  exitLong: below(CANDLE_SYMBOLS.volume, -0.5),
}

export function edgeMarket(made: EdgeCase): MarketInput {
  return {
    candles: edgeCandles(made),
    window: { first: 0, end: made.bars },
    execution: made.execution,
  }
}

function edgeCandles({ seed, bars, intervalMs, prices, active, gap }: EdgeCase): CandleSeries {
  const random = createRandom(seed)
  const columns = emptyColumns(bars)
  let time = Date.UTC(2024, 1, 27, 21)
  let close = 100
  for (let bar = 0; bar < bars; bar++) {
    const open = random() < 0.5 ? close : PRICES[prices](random, close)
    close = random() < 0.3 ? close : PRICES[prices](random, open)
    columns.openTime[bar] = time
    columns.open[bar] = open
    columns.close[bar] = close
    columns.high[bar] = Math.max(open, close)
    columns.low[bar] = Math.min(open, close)
    columns.volume[bar] = random() < active ? pick(random, [1, -1]) : 0
    time += intervalMs * (random() < gap ? 1 + Math.ceil(random() * 60) : 1)
  }
  return seriesOf(intervalMs, columns)
}
