import type { CandleColumns } from '../../src/core/candles.ts'
import { columnsOf } from '../../src/data/columns.ts'

export interface WalkOptions {
  readonly fromMs: number
  readonly toMs: number
  readonly stepMs: number
  readonly seed: number
  /** Whether a candle is left out, by its number. */
  readonly isMissing?: (index: number) => boolean
}

/**
 * A market without news: prices on a grid of cents walk at random around 30,000, volumes have five decimals. The same seed
 * gives the same candles. Numbers come from 32-bit integers, so they are the same on every machine.
 */
export function walkCandles({ fromMs, toMs, stepMs, seed, isMissing }: WalkOptions): CandleColumns {
  const next = xorshift(seed)
  const below = (limit: number) => next() % limit
  const rows: number[][] = [[], [], [], [], [], []]
  let cents = 3_000_000
  for (let index = 0, time = fromMs; time < toMs; index++, time += stepMs) {
    const open = cents
    const close = Math.max(100_000, open + below(2_001) - 1_000 + (open > 3_000_000 ? -5 : 5))
    const high = Math.max(open, close) + below(500)
    const low = Math.min(open, close) - below(500)
    cents = close
    const volume = 1 + below(5_000_000)
    if (isMissing?.(index)) continue
    const values = [time, open / 100, high / 100, low / 100, close / 100, volume / 100_000]
    values.forEach((value, column) => {
      ;(rows[column] as number[]).push(value)
    })
  }
  return columnsOf(rows.map((row) => Float64Array.from(row)))
}

/** Marsaglia's xorshift on 32 bits: returns whole numbers from 0 to 2^32 - 1. */
export function xorshift(seed: number): () => number {
  let state = (seed | 0) === 0 ? 0x9e3779b9 : seed | 0
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 0
  }
}
