import { existsSync } from 'node:fs'
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

/** Finer candles of the range are stored, and each candle that is asked for lacks at least one of them. */
export function allIncomplete(
  key: SeriesKey,
  range: TimeRange,
  { finer, incomplete }: { readonly finer: string; readonly incomplete: number },
): DataError {
  const { exchange, symbol, interval } = key
  const [from, to] = [range.fromMs, range.toMs].map(formatInstant)
  return new DataError(
    'DATA_INCOMPLETE',
    `${exchange} ${symbol} ${interval}: no candle between ${from} and ${to} is complete. Candles of ${finer} are stored in ${incomplete} of ${interval}, and each lacks at least one: a candle is built only from all of its finer ones. crypto data check shows what is missing, crypto ingest fetches it. If a missing candle of this exchange means that nothing traded, write sparse: true below exchanges.${exchange} in exchanges.yaml: then candles are built from what exists.`,
    { context: { exchange, symbol, interval, from, to, finer, incomplete } },
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
  const searched = folders.map((folder) => (existsSync(folder) ? folder : `${folder} (not there)`))
  const where =
    folders.length === 0
      ? ''
      : ` Searched: ${searched.join(', ')}. Folders are relative to the working folder.`
  return new DataError(
    'DATA_MISSING',
    `no candles of ${asked} are stored, nor finer ones to build them from.${didYouMean(asked, names)} Stored: ${names.join(', ') || 'nothing'}.${where} Import some: crypto data import FILE --exchange ${exchange} --symbol ${symbol} --interval ${interval}`,
    { context: { exchange, symbol, interval, stored: names } },
  )
}
