import { type DataAccessError, DataError } from '../../core/errors.ts'
import type { SeriesKey } from '../../data/index.ts'
import type { SeriesView, Warning } from '../../report/views.ts'
import type { CandleAccess } from './candle-access.ts'
import { checkPeriod } from './period.ts'
import { isSelected, type SeriesSelection } from './selection.ts'

export interface CandleList {
  readonly series: readonly SeriesView[]
  /** One for each series or folder that cannot be read. */
  readonly warnings: readonly Warning[]
}

export interface ListRequest extends SeriesSelection {
  /** Only series with candles in [fromMs, toMs), epoch ms. */
  readonly fromMs?: number | undefined
  readonly toMs?: number | undefined
}

/** Lists the stored series. @throws DataError `DATA_MISSING` when candles are stored, but none of what is asked for */
export async function listCandles(
  { store }: CandleAccess,
  request: ListRequest = {},
): Promise<CandleList> {
  const { fromMs = -Infinity, toMs = Infinity } = request
  checkPeriod(fromMs, toMs)
  const warnings: Warning[] = []
  const stored = await store.listSeries(
    (key, error) => warnings.push(damaged(key, error)),
    (error) => warnings.push(inaccessible(error)),
  )
  const series = stored.filter(
    (one) => isSelected(one, request) && one.fromMs < toMs && one.toMs > fromMs,
  )
  if (series.length === 0 && stored.length > 0) throw nothingSelected(stored)
  return { series, warnings }
}

function nothingSelected(stored: readonly SeriesView[]): DataError {
  const names = stored.map((key) => `${key.exchange} ${key.symbol} ${key.interval}`)
  return new DataError(
    'DATA_MISSING',
    `no stored series is of this exchange, symbol, interval and period. Stored: ${names.join(', ')}.`,
    { context: { stored: names } },
  )
}

function damaged(
  { exchange, symbol, interval }: SeriesKey,
  error: DataError | DataAccessError,
): Warning {
  const what = error instanceof DataError ? 'is damaged and not listed' : 'is not listed'
  return {
    code: error.code,
    message: `${exchange} ${symbol} ${interval} ${what}: ${error.message}`,
  }
}

/** Tells of a folder that may hold series but cannot be looked into. */
export function inaccessible({ code, message }: DataAccessError): Warning {
  return { code, message: message.replace(/\.$/, '') }
}
