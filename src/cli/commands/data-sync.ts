import { parseInterval, parseNames } from '../arguments.ts'
import { defineCommand } from '../command.ts'

const DATA_PROBLEM = 3

export default defineCommand({
  name: 'data sync',
  summary: 'bring the lake up to date with the database that it caches',
  examples: ['data sync', 'data sync --symbol BTCUSDT --interval 1m --json'],
  arguments: (command) =>
    command
      .option('--exchange <name>', 'only series of this exchange')
      .option('--symbol <symbols...>', 'only these markets, such as BTCUSDT,ETHUSDT', parseNames)
      .option('--interval <interval>', 'only this interval', parseInterval),
  async run({ options: { exchange, symbol, interval } }, { app, output }) {
    const { dataSyncReport, syncedLine } = await import('../../report/commands/data-sync.ts')
    const series = await (await app.data()).sync({
      exchange,
      symbols: symbol,
      intervals: interval === undefined ? undefined : [interval],
      onSeries(one) {
        if (one.exported.length > 0) void output.note(syncedLine(one))
      },
    })
    const isWhole = series.every(({ conflicts }) => conflicts.length === 0)
    return output.finish(
      dataSyncReport,
      series,
      isWhole ? { next: ['data', 'list'] } : { exitCode: DATA_PROBLEM },
    )
  },
})
