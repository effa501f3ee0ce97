import type { App } from '../../app/app.ts'
import { dataImportReport } from '../../report/commands/data-import.ts'
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
  const result = await data.import({ ...options, sort, dedupe })
  return output.finish(dataImportReport, result, { next: ['data', 'list'] })
}
