import { Option } from '@commander-js/extra-typings'
import { parseInterval, parseName } from '../arguments.ts'
import { defineCommand } from '../command.ts'

export default defineCommand({
  name: 'data import',
  summary: 'read candles into the local lake',
  examples: [
    'data import btc.csv --exchange binance --symbol BTCUSDT --interval 1h',
    'data import eth.parquet --exchange binance --symbol ETHUSDT --interval 1m',
  ],
  arguments: (command) =>
    command
      .argument(
        '<file>',
        'CSV, JSON or Parquet file with candles, also packed by gzip, zstd or zip',
      )
      .requiredOption('--exchange <name>', 'exchange the candles come from')
      .requiredOption('--symbol <symbol>', 'such as BTCUSDT', parseName)
      .addOption(
        new Option('--interval <interval>', 'such as 1m, 1h or 1d')
          .argParser(parseInterval)
          .makeOptionMandatory(),
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
