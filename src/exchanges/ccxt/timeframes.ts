import type { Exchange as Client } from 'ccxt'
import { DAY_MS, findCanonicalInterval, findIntervalMs } from '../../core/units.ts'

/**
 * Returns ccxt's spelling of every interval that both sides can name, shortest first: ccxt has seconds, months and years too.
 * One whose name contradicts what would be asked for is left out: Kraken's `2w` are 15 days, Bitstamp's `1w` are 3. So is one
 * that may begin on any day: Binance's `3d` do on other days than the platform's.
 */
export function timeframesOf(client: Pick<Client, 'timeframes'>): ReadonlyMap<string, string> {
  const pairs = Object.entries(client.timeframes ?? {}).flatMap(([timeframe, asked]) => {
    const ms = findIntervalMs(timeframe)
    const interval = findCanonicalInterval(timeframe)
    if (ms === undefined || interval === undefined || contradicts(asked, ms)) return []
    if (!hasKnownStart(ms)) return []
    return [{ ms, interval, timeframe }]
  })
  // Of two spellings, such as 7d and 1w, the one that is ours counts, since the other may begin on another day.
  pairs.sort(
    (a, b) =>
      a.ms - b.ms || Number(a.timeframe === a.interval) - Number(b.timeframe === b.interval),
  )
  return new Map(pairs.map(({ interval, timeframe }) => [interval, timeframe]))
}

/** Parts of a day begin with the day; weeks begin on Mondays. */
function hasKnownStart(ms: number): boolean {
  return DAY_MS % ms === 0 || ms === 7 * DAY_MS
}

/** Where a venue is asked in numbers, they are milliseconds, seconds or minutes. */
function contradicts(asked: unknown, ms: number): boolean {
  const count = Number(asked)
  return Number.isFinite(count) && ![ms, ms / 1000, ms / 60_000].includes(count)
}
