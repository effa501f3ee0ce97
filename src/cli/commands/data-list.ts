import { defineCommand } from '../command.ts'

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
  examples: ['data list', 'data list --json'],
  async run(_given, { app, output }) {
    const { dataListReport } = await import('../../report/commands/data-list.ts')
    const list = await (await app.data()).list()
    const isEmpty = list.series.length === 0 && list.warnings.length === 0
    return output.finish(dataListReport, list, isEmpty ? { next: IMPORT_EXAMPLE } : {})
  },
})
