import type { CandleColumns } from '../core/candles.ts'

/** Where the simulator's market comes from: candles that are taken as what really happened. */
export interface MarketSource {
  /** In the venue's spelling, such as `BTCUSDT`. */
  readonly symbols: readonly string[]
  /** Intervals of a symbol that were recorded rather than built from finer ones, finest first. */
  storedIntervals(symbol: string): readonly string[]
  /**
   * Returns every candle of a symbol, sorted by strictly rising open time. Only asked for intervals that are stored or
   * made of whole candles of a stored one.
   * @throws DataError when they cannot be read
   */
  candles(symbol: string, interval: string): Promise<CandleColumns>
}
