import type { App } from '../../app/app.ts'
import { dataSyncReport } from '../../report/commands/data-sync.ts'
import { plural } from '../../report/terminal/format.ts'
import type { SyncedSeriesView } from '../../report/views.ts'
import type { Output } from '../output.ts'

export interface DataSyncOptions {
  readonly exchange?: string | undefined
  readonly symbol?: readonly string[] | undefined
  readonly interval?: string | undefined
}

const DATA_PROBLEM = 3

/** Makes the lake equal to the database that it caches. */
export async function dataSync(
  { exchange, symbol, interval }: DataSyncOptions,
  app: App,
  output: Output,
): Promise<number> {
  const data = await app.data()
  const onSeries = (one: SyncedSeriesView) => {
    if (one.exported.length === 0) return
    void output.note(
      `${one.symbol} ${one.interval}  ${plural(one.exported.length, 'month')}, ${plural(one.rows, 'candle')}`,
    )
  }
  const intervals = interval === undefined ? undefined : [interval]
  const series = await data.sync({ exchange, symbols: symbol, intervals, onSeries })
  const isEqual = series.every(({ conflicts }) => conflicts.length === 0)
  return await output.finish(
    dataSyncReport,
    series,
    isEqual ? { next: ['data', 'list'] } : { exitCode: DATA_PROBLEM },
  )
}
