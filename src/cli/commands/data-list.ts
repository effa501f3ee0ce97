import type { App } from '../../app/app.ts'
import { dataListReport } from '../../report/commands/data-list.ts'
import type { Output } from '../output.ts'

/** Lists the stored candle series with their span, size and missing candles. */
export async function dataList(_options: object, app: App, output: Output): Promise<number> {
  const data = await app.data()
  const stored = await data.list()
  const isEmpty = stored.series.length === 0 && stored.warnings.length === 0
  return output.finish(dataListReport, stored, isEmpty ? { next: IMPORT_EXAMPLE } : {})
}

const IMPORT_EXAMPLE = [
  'data',
  'import',
  'FILE',
  '--exchange binance',
  '--symbol BTCUSDT',
  '--interval 1h',
]
