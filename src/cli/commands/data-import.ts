import type { App } from '../../app/app.ts'
import { importJson } from '../../report/json.ts'
import { warningLines } from '../../report/terminal/blocks.ts'
import { importLines } from '../../report/terminal/data.ts'
import { plural } from '../../report/terminal/format.ts'
import type { Output } from '../output.ts'

export interface DataImportOptions {
  readonly file: string
  readonly exchange: string
  readonly symbol: string
  readonly interval: string
  readonly sort?: boolean | undefined
  readonly dedupe?: boolean | undefined
}

/** Reads candles of a CSV, JSON or Parquet file into the lake. */
export async function dataImport(
  options: DataImportOptions,
  app: App,
  output: Output,
): Promise<number> {
  const data = await app.data()
  const { sort = false, dedupe = false } = options
  const { imported: result, warnings } = await data.import({ ...options, sort, dedupe })
  const missing = `${plural(result.holes, 'candle')} missing in the file; none was invented`
  return output.finish({
    schema: 'crypto/data.import@1',
    json: () => importJson(result),
    lines: (style) => [...importLines(result, style), ...warningLines(warnings, style)],
    warnings: [...warnings, ...(result.holes === 0 ? [] : [{ code: 'HOLES', message: missing }])],
    next: ['data', 'list'],
  })
}
