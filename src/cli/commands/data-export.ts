import { Option } from '@commander-js/extra-typings'
import { parseInstant, parseInterval, parseName, parseTableFile } from '../arguments.ts'
import { defineCommand } from '../command.ts'

export default defineCommand({
  name: 'data export',
  summary: 'write candles of any interval to a file',
  examples: [
    'data export --exchange binance --symbol BTCUSDT --interval 4h --output btc-4h.csv',
    'data export --exchange binance --symbol ETHUSDT --interval 1d --from 2024-01-01 --output eth.parquet',
  ],
  arguments: (command) =>
    command
      .requiredOption('--exchange <name>', 'exchange the candles come from')
      .requiredOption('--symbol <symbol>', 'such as BTCUSDT', parseName)
      .addOption(
        new Option('--interval <interval>', 'such as 1m, 4h or 1w, stored or not')
          .argParser(parseInterval)
          .makeOptionMandatory(),
      )
      .option('--from <time>', 'first open time (default: the first candle)', parseInstant)
      .option('--to <time>', 'end of the open times, exclusive (default: the last)', parseInstant)
      .requiredOption(
        '--output <file>',
        'file to write: .parquet, .arrow or .csv; replaced when it exists',
        parseTableFile,
      )
      .option(
        '--follow-links',
        'write the file that a link in its place leads to (default: refuse)',
      ),
  async run({ options }, { app, output }) {
    const { dataExportReport } = await import('../../report/commands/data-export.ts')
    const { from, to, output: file, followLinks = false, ...key } = options
    const data = await app.data()
    const written = await data.export({ ...key, fromMs: from, toMs: to, file, followLinks })
    return output.finish(dataExportReport, written)
  },
})
