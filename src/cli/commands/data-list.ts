import { defineCommand } from '../command.ts'
import { marketOptions } from '../market-options.ts'

const IMPORT_EXAMPLE = [
  'data',
  'import',
  'FILE',
  '--exchange binance',
  '--symbol BTCUSDT',
  '--interval 1h',
]

export default defineCommand({
  name: 'data list',
  summary: 'list the stored series with span, candles and holes',
  examples: ['data list', 'data list --symbol BTCUSDT --interval 1h --json'],
  arguments: (command) => marketOptions(command),
  async run({ options }, { app, output }) {
    const { dataListReport } = await import('../../report/commands/data-list.ts')
    const { exchange, symbol: symbols, interval, from: fromMs, to: toMs } = options
    const intervals = interval === undefined ? undefined : [interval]
    const data = await app.data()
    const list = await data.list({ exchange, symbols, intervals, fromMs, toMs })
    const isEmpty = list.series.length === 0 && list.warnings.length === 0
    return output.finish(dataListReport, list, isEmpty ? { next: IMPORT_EXAMPLE } : {})
  },
})
