import { parseColumns, parseInterval, parseName } from '../arguments.ts'
import { defineCommand } from '../command.ts'

export default defineCommand({
  name: 'data import',
  summary: 'read candles into the local lake',
  examples: [
    'data import eth-2023.feather eth-2024.csv.gz --exchange binance --symbol ETHUSDT',
    'data import btc.csv --exchange binance --symbol BTCUSDT --interval 1h --columns time=Date,volume=Vol',
  ],
  arguments: (command) =>
    command
      .argument(
        '<file...>',
        'CSV, JSON, Parquet or Arrow files with candles, also packed by gzip, zstd or zip',
      )
      .requiredOption('--exchange <name>', 'exchange the candles come from')
      .requiredOption('--symbol <symbol>', 'such as BTCUSDT', parseName)
      .option(
        '--interval <interval>',
        'such as 1m, 1h or 1d (default: as the rows show)',
        parseInterval,
      )
      .option(
        '--columns <map>',
        'which column is which, such as time=Date,volume="Volume BTC"',
        parseColumns,
      )
      .option('--sort', 'accept rows in any order')
      .option('--dedupe', 'drop exact repeats of a row'),
  async run({ args: [file], options }, { app, output }) {
    const { dataImportReport } = await import('../../report/commands/data-import.ts')
    const { sort = false, dedupe = false } = options
    const outcome = await (await app.data()).import({ ...options, file, sort, dedupe })
    return output.finish(dataImportReport, outcome, { next: ['data', 'list'] })
  },
})
