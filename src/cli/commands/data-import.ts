import { importJson } from '../../report/json.ts'
import { importLines } from '../../report/terminal/data.ts'
import { count } from '../../report/terminal/format.ts'
import type { Output } from '../output.ts'
import type { Services } from '../services.ts'

export interface DataImportOptions {
  readonly file: string
  readonly exchange: string
  readonly symbol: string
  readonly interval: string
}

const PROGRESS_EVERY_MS = 10_000

/** Reads candles of a CSV or Parquet file into the lake. */
export async function dataImport(
  options: DataImportOptions,
  services: Services,
  output: Output,
): Promise<number> {
  const data = await services.data()
  const result = await data.import({ ...options, onProgress: rowReporter(output) })
  const warnings =
    result.holes === 0
      ? []
      : [{ code: 'HOLES', message: `${count(result.holes)} candles missing; none was invented` }]
  return output.finish({
    schema: 'crypto/data.import@1',
    json: () => importJson(result),
    lines: (style) => importLines(result, style),
    warnings,
    next: ['data', 'list'],
  })
}

/** Returns a callback that says every ten seconds how far a long import is. */
function rowReporter(output: Output): (rows: number) => void {
  let saidAt = output.elapsed()
  return (rows) => {
    if (output.elapsed() - saidAt < PROGRESS_EVERY_MS) return
    saidAt = output.elapsed()
    void output.note(`import ${count(rows)} rows`)
  }
}
