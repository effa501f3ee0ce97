import { DataError } from '../core/errors.ts'
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
