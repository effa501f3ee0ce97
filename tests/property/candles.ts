import fc from 'fast-check'
import { CANDLE_COLUMNS, type CandleSeries } from '../../src/core/candles.ts'
import type { Execution } from '../../src/core/execution.ts'
import type { DurationMs } from '../../src/core/units.ts'
import type { BarWindow, MarketInput } from '../../src/kernel/types.ts'

/** Everything a random walk is made from; small and readable in the report of a failing property. */
export interface Walk {
  readonly seed: number
  readonly bars: number
  readonly intervalMs: number
  /** Share of bars that start a stretch of unchanged prices, and of bars after a hole in time. */
  readonly flat: number
  readonly gap: number
  readonly volatility: number
}

const MINUTE_MS = 60_000
const FLAT_BARS_MAX = 30
const GAP_BARS_MAX = 100
const FIRST_OPEN_MS = Date.UTC(2024, 1, 27, 21)

export interface WalkOptions {
  readonly barsMax?: number
  /** Without stretches of equal prices no two different averages tie. */
  readonly flat?: boolean
}

export function walks({ barsMax = 260, flat = true }: WalkOptions = {}): fc.Arbitrary<Walk> {
  return fc.record({
    seed: fc.integer(),
    bars: fc.oneof(
      { weight: 1, arbitrary: fc.integer({ min: 1, max: 4 }) },
      { weight: 6, arbitrary: fc.integer({ min: 5, max: barsMax }) },
    ),
    intervalMs: fc.constantFrom(1, 15, 60, 240, 1440).map((minutes) => minutes * MINUTE_MS),
    flat: flat ? fc.constantFrom(0, 0.02, 0.2, 1) : fc.constant(0),
    gap: fc.constantFrom(0, 0.02, 0.3),
    volatility: fc.constantFrom(0.001, 0.01, 0.05),
  })
}

/** Returns the candles of a walk: the same walk, the same candles. Prices stay far from 0. */
export function candlesOf(walk: Walk): CandleSeries {
  const random = createRandom(walk.seed)
  const columns = emptyColumns(walk.bars)
  let time = FIRST_OPEN_MS
  let price = 100
  let flatLeft = 0
  for (let bar = 0; bar < walk.bars; bar++) {
    if (flatLeft === 0 && random() < walk.flat) flatLeft = 1 + Math.floor(random() * FLAT_BARS_MAX)
    const size = flatLeft > 0 ? 0 : walk.volatility
    const open = price * (1 + size * (random() - 0.5) * 0.2)
    const close = keptInRange(open * (1 + size * (random() - 0.5) * 2), open)
    columns.openTime[bar] = time
    columns.open[bar] = open
    columns.close[bar] = close
    columns.high[bar] = Math.max(open, close) * (1 + size * random())
    columns.low[bar] = Math.min(open, close) * (1 - size * random())
    columns.volume[bar] = flatLeft > 0 ? 0 : 10 * random()
    time += walk.intervalMs * (random() < walk.gap ? 1 + Math.ceil(random() * GAP_BARS_MAX) : 1)
    price = close
    flatLeft = Math.max(0, flatLeft - 1)
  }
  return seriesOf(walk.intervalMs, columns)
}

/** Copies `candles` with every value from bar `from` on (exclusive of times) replaced by those of another walk. */
export function withOtherFuture(candles: CandleSeries, from: number, seed: number): CandleSeries {
  const bars = candles.close.length
  const { intervalMs } = candles
  const other = candlesOf({ seed, bars, intervalMs, flat: 0.02, gap: 0, volatility: 0.05 })
  const columns = emptyColumns(bars)
  columns.openTime.set(candles.openTime)
  for (const name of CANDLE_COLUMNS) {
    columns[name].set(candles[name])
    columns[name].set(other[name].subarray(from), from)
  }
  return seriesOf(intervalMs, columns)
}

/** Returns the first `bars` candles as a series of their own. */
export function truncated(candles: CandleSeries, bars: number): CandleSeries {
  const columns = emptyColumns(bars)
  columns.openTime.set(candles.openTime.subarray(0, bars))
  for (const name of CANDLE_COLUMNS) columns[name].set(candles[name].subarray(0, bars))
  return seriesOf(candles.intervalMs, columns)
}

export const executions: fc.Arbitrary<Execution> = fc.record({
  fill: fc.constantFrom('next_open', 'close'),
  commission: fc.constantFrom(0, 0.001, 0.02),
  slippage: fc.constantFrom(0, 0.0005, 0.01),
  initial_capital: fc.constantFrom(10_000, 123.45),
})

/** A window into `bars` candles: the whole, behind a warm-up, or of one or two bars. */
export function windows(bars: number): fc.Arbitrary<BarWindow> {
  const anywhere = fc.tuple(fc.integer({ min: 0, max: bars - 1 }), fc.nat(bars - 1))
  const short = fc.integer({ min: 0, max: bars - 1 })
  return fc.oneof(
    fc.constant({ first: 0, end: bars }),
    anywhere.map(([a, b]) => ({ first: Math.min(a, b), end: Math.max(a, b) + 1 })),
    short.map((first) => ({ first, end: bars })),
    short.map((first) => ({ first, end: Math.min(bars, first + 2) })),
    short.map((first) => ({ first, end: first + 1 })),
  )
}

/** A market and how it was made, so that a counterexample prints as a few numbers. */
export interface MarketCase {
  readonly walk: Walk
  readonly window: BarWindow
  readonly execution: Execution
}

export function marketCases(options: WalkOptions = {}): fc.Arbitrary<MarketCase> {
  return walks(options).chain((walk) =>
    fc.record({ walk: fc.constant(walk), window: windows(walk.bars), execution: executions }),
  )
}

export function marketOf({ walk, window, execution }: MarketCase): MarketInput {
  return { candles: candlesOf(walk), window, execution }
}

/** Reflects prices that wander off, so that a long walk neither explodes nor dies. */
function keptInRange(price: number, before: number): number {
  if (price > 1000 || price < 10) return before
  return price
}

type Columns = Record<(typeof CANDLE_COLUMNS)[number] | 'openTime', Float64Array>

export function emptyColumns(bars: number): Columns {
  const column = () => new Float64Array(new SharedArrayBuffer(bars * 8))
  return {
    openTime: column(),
    open: column(),
    high: column(),
    low: column(),
    close: column(),
    volume: column(),
  }
}

export function seriesOf(intervalMs: number, columns: Columns): CandleSeries {
  const names = { exchange: 'generated', symbol: 'WALK', interval: `${intervalMs}ms`, hash: '' }
  return { ...names, intervalMs: intervalMs as DurationMs, ...columns }
}

/** Mulberry32: a small seeded generator of doubles in [0, 1). */
export function createRandom(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
