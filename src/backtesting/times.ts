import type { MarketInput } from '../kernel/types.ts'

/** Returns the instant of a fill on a bar: its open for `next_open`, its close for `close`; NaN for bar −1. */
export function fillTimeMs({ candles, execution }: MarketInput, bar: number): number {
  if (bar < 0) return Number.NaN
  const openMs = candles.openTime[bar] as number
  return execution.fill === 'close' ? openMs + candles.intervalMs : openMs
}

/** Returns the open of the first judged bar and the end of the last one, epoch milliseconds. */
export function windowTimes({ candles, window }: MarketInput): {
  readonly firstMs: number
  readonly endMs: number
} {
  return {
    firstMs: candles.openTime[window.first] as number,
    endMs: (candles.openTime[window.end - 1] as number) + candles.intervalMs,
  }
}
