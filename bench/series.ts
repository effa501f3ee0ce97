import type { CandleSeries } from '../src/core/candles.ts'
import type { DurationMs } from '../src/core/units.ts'

/** Every synthetic series starts from this seed: two runs measure the same work. */
export const SEED = 20_240_101

/**
 * `walk`: a random walk, as one-minute prices nearly are. `choppy`: the same walk under strong independent noise, on
 * which averages cross several times as often (10,000 different pairs of periods on a walk average 86 bars a trade at
 * best, since most pairs are slow). Opens carry no noise, or every fill would pay for it.
 */
export type SyntheticKind = 'walk' | 'choppy'

const INTERVAL_MS = 60_000
const STEP = 0.001
const NOISE: Readonly<Record<SyntheticKind, number>> = { walk: 0, choppy: 0.03 }

/** Returns one-minute candles without gaps. */
export function createSyntheticCandles(kind: SyntheticKind, bars: number): CandleSeries {
  const random = createRandom(SEED)
  const bell = () => random() + random() + random() + random() - 2
  const column = () => new Float64Array(new SharedArrayBuffer(bars * 8))
  const candles = {
    openTime: column(),
    open: column(),
    high: column(),
    low: column(),
    close: column(),
    volume: column(),
  }
  let level = 30_000
  for (let bar = 0; bar < bars; bar++) {
    const open = level
    level *= 1 + STEP * bell()
    const close = level * (1 + NOISE[kind] * bell())
    candles.openTime[bar] = Date.UTC(2024, 0, 1) + bar * INTERVAL_MS
    candles.open[bar] = open
    candles.close[bar] = close
    candles.high[bar] = Math.max(open, close) * (1 + STEP * random())
    candles.low[bar] = Math.min(open, close) * (1 - STEP * random())
    candles.volume[bar] = 10 * random()
  }
  const names = { exchange: 'synthetic', symbol: kind.toUpperCase(), interval: '1m', hash: '' }
  return { ...names, intervalMs: INTERVAL_MS as DurationMs, ...candles }
}

/** Mulberry32: a small seeded generator of doubles in [0, 1). */
function createRandom(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
