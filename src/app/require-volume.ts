import type { CandleSeries } from '../core/candles.ts'
import { DataError } from '../core/errors.ts'

/**
 * Stops where candles of a file without volume are to be used for what needs one.
 * @param use who needs it, such as `a strategy reads it`
 * @throws DataError `DATA_NO_VOLUME`
 */
export function requireVolume(candles: CandleSeries, use: string): void {
  const { exchange, symbol, interval, volume } = candles
  const missing = volume.reduce((count, value) => count + (Number.isNaN(value) ? 1 : 0), 0)
  if (missing === 0) return
  throw new DataError(
    'DATA_NO_VOLUME',
    `${exchange} ${symbol} ${interval}: ${missing} of ${volume.length} candles have no volume, and ${use}. Import a file that has it.`,
    { context: { exchange, symbol, interval, missing } },
  )
}
