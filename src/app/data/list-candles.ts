import { type DataAccessError, DataError } from '../../core/errors.ts'
import type { SeriesKey } from '../../data/index.ts'
import type { SeriesView, Warning } from '../../report/views.ts'
import type { CandleAccess } from './candle-access.ts'

export interface CandleList {
  readonly series: readonly SeriesView[]
  /** One for each series or folder that cannot be read. */
  readonly warnings: readonly Warning[]
}

/** Lists the stored series. */
export async function listCandles({ store }: CandleAccess): Promise<CandleList> {
  const warnings: Warning[] = []
  const series = await store.listSeries(
    (key, error) => warnings.push(damaged(key, error)),
    (error) => warnings.push(inaccessible(error)),
  )
  return { series, warnings }
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
