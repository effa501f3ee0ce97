import type { App } from '../../app/app.ts'
import { seriesListJson } from '../../report/json.ts'
import { warningLines } from '../../report/terminal/blocks.ts'
import { seriesListLines } from '../../report/terminal/data.ts'
import type { Output } from '../output.ts'

/** Lists the stored candle series with their span, size and missing candles. */
export async function dataList(_options: object, app: App, output: Output): Promise<number> {
  const data = await app.data()
  const { series, warnings } = await data.list()
  const isEmpty = series.length === 0 && warnings.length === 0
  return output.finish({
    schema: 'crypto/data.list@1',
    json: () => seriesListJson(series),
    lines: (style) => [
      ...(isEmpty ? ['no candles are stored'] : []),
      ...(series.length === 0 ? [] : seriesListLines(series, style)),
      ...warningLines(warnings, style),
    ],
    warnings,
    ...(isEmpty && { next: IMPORT_EXAMPLE }),
  })
}

const IMPORT_EXAMPLE = [
  'data',
  'import',
  'FILE',
  '--exchange binance',
  '--symbol BTCUSDT',
  '--interval 1h',
]
