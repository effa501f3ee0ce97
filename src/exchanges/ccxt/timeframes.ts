import type { Exchange as Client } from 'ccxt'
import { findCanonicalInterval, findIntervalMs } from '../../core/units.ts'

/**
 * Returns ccxt's spelling of every interval that both sides can name, shortest first: ccxt has seconds, months and years too.
 */
export function timeframesOf(client: Pick<Client, 'timeframes'>): ReadonlyMap<string, string> {
  const pairs = Object.keys(client.timeframes ?? {}).flatMap((timeframe) => {
    const ms = findIntervalMs(timeframe)
    const interval = findCanonicalInterval(timeframe)
    return ms === undefined || interval === undefined ? [] : [{ ms, interval, timeframe }]
  })
  pairs.sort((a, b) => a.ms - b.ms)
  return new Map(pairs.map(({ interval, timeframe }) => [interval, timeframe]))
}
