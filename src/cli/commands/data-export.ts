import type { App } from '../../app/app.ts'
import { dataExportReport } from '../../report/commands/data-export.ts'
import type { Output } from '../output.ts'

export interface DataExportOptions {
  readonly exchange: string
  readonly symbol: string
  readonly interval: string
  readonly from?: number | undefined
  readonly to?: number | undefined
  readonly output: string
  readonly followLinks?: true | undefined
}

/** Writes candles of any interval to a file that `data import` reads back. */
export async function dataExport(
  { from, to, output: file, followLinks, ...key }: DataExportOptions,
  app: App,
  output: Output,
): Promise<number> {
  const data = await app.data()
  const written = await data.export({
    ...key,
    ...{ fromMs: from, toMs: to, file, followLinks: followLinks === true },
  })
  return output.finish(dataExportReport, written)
}
