import { DataError } from '../core/errors.ts'
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
    `${exchange} ${symbol} ${interval}: no candle between ${from} and ${to}. Stored: ${storedFrom} to ${storedTo} (${storedInterval}). Choose a period inside, or import the missing one: crypto data import FILE --exchange ${exchange} --symbol ${symbol} --interval ${storedInterval}`,
    { context: { exchange, symbol, interval, from, to, storedFrom, storedTo } },
  )
}

/** Neither the series nor a finer one is stored. @param stored what is */
export function seriesMissing(
  { exchange, symbol, interval }: SeriesKey,
  stored: readonly SeriesKey[],
): DataError {
  const names = stored.map((key) => `${key.exchange} ${key.symbol} ${key.interval}`)
  const asked = `${exchange} ${symbol} ${interval}`
  return new DataError(
    'DATA_MISSING',
    `no candles of ${asked} are stored, nor finer ones to build them from.${didYouMean(asked, names)} Stored: ${names.join(', ') || 'nothing'}. Import some: crypto data import FILE --exchange ${exchange} --symbol ${symbol} --interval ${interval}`,
    { context: { exchange, symbol, interval, stored: names } },
  )
}
