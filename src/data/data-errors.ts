import { existsSync } from 'node:fs'
import { DataAccessError, DataError } from '../core/errors.ts'
import { didYouMean } from '../core/suggest.ts'
import { formatInstant } from '../core/units.ts'
import type { SeriesKey, TimeRange } from './store.ts'

/** The series is stored, but holds no candle of the range asked for. `storedInterval` is what an import would add to. */
export function outOfRange(
  key: SeriesKey,
  range: TimeRange,
  stored: TimeRange,
  storedInterval: string = key.interval,
): DataError {
  const { exchange, symbol, interval } = key
  const [from, to, storedFrom, storedTo] = [
    range.fromMs,
    range.toMs,
    stored.fromMs,
    stored.toMs,
  ].map(formatInstant)
  return new DataError(
    'DATA_RANGE',
    `${exchange} ${symbol} ${interval}: no candle between ${from} and ${to}. Stored: ${storedFrom} to ${storedTo} (${storedInterval}). Choose a period inside, or get the missing one. ${waysToGet({ exchange, symbol, interval: storedInterval }, from?.slice(0, 10))}`,
    { context: { exchange, symbol, interval, from, to, storedFrom, storedTo } },
  )
}

/**
 * Finer candles of the range are stored, and each candle that is asked for lacks at least one of them.
 * @param found the finer interval, how many candles are incomplete, and how many finer ones these lack in all, if that is known
 */
export function allIncomplete(
  { exchange, symbol, interval }: SeriesKey,
  range: TimeRange,
  found: {
    readonly finer: string
    readonly incomplete: number
    readonly lacking?: number
    readonly perCandle: number
  },
): DataError {
  const [from, to] = [range.fromMs, range.toMs].map(formatInstant)
  const { finer, incomplete, lacking, perCandle } = found
  const group = (count: number) => count.toLocaleString('en-US')
  const missing =
    lacking === undefined
      ? ''
      : `; ${group(lacking)} are missing between the first and the last stored one`
  return new DataError(
    'DATA_INCOMPLETE',
    `${exchange} ${symbol} ${interval}: no complete candle between ${from} and ${to}. Candles of ${finer} are stored for ${group(incomplete)} of ${interval}, and each lacks at least one of its ${group(perCandle)}${missing}. A candle is built only when all its finer ones exist. See what is missing: crypto data check. Fetch it (crypto ingest), or ask for a shorter interval. If a missing candle means at ${exchange} that nothing traded, write sparse: true below exchanges.${exchange} of exchanges.yaml: candles are then built from what exists.`,
    { context: { exchange, symbol, interval, from, to, ...found } },
  )
}

/** Neither the series nor a finer one is stored. @param stored what is @param folders where it was looked for */
export function seriesMissing(
  { exchange, symbol, interval }: SeriesKey,
  stored: readonly SeriesKey[],
  folders: readonly string[] = [],
): DataError {
  const names = stored.map((key) => `${key.exchange} ${key.symbol} ${key.interval}`)
  const asked = `${exchange} ${symbol} ${interval}`
  const read = folders.map((folder) => (existsSync(folder) ? folder : `${folder} (no such folder)`))
  const where =
    read.length === 0
      ? ''
      : ` Searched: ${read.join(', ')}; relative folders of the configuration start at the working folder.`
  return new DataError(
    'DATA_MISSING',
    `no candles of ${asked} are stored, nor finer ones to build them from.${didYouMean(asked, names)} Stored: ${names.join(', ') || 'nothing'}.${where} ${waysToGet({ exchange, symbol, interval })}`,
    { context: { exchange, symbol, interval, stored: names, folders } },
  )
}

/** The two commands that bring candles into the lake. */
function waysToGet({ exchange, symbol, interval }: SeriesKey, from = 'DATE'): string {
  const series = `--exchange ${exchange} --symbol ${symbol} --interval ${interval}`
  return `From the exchange: crypto ingest ${series} --from ${from}. From a file: crypto data import FILE ${series}`
}

/** What keeps one series from being read, and no other. */
export function isOfSeries(error: unknown): error is DataError | DataAccessError {
  return error instanceof DataError || error instanceof DataAccessError
}
