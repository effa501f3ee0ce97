import { type Command, Option } from '@commander-js/extra-typings'
import {
  parseInstant,
  parseInterval,
  parseIntervals,
  parseNames,
  parseTableFile,
} from '../arguments.ts'
import type { Dispatch } from '../program.ts'

export function addDataCommands(group: Command, dispatch: Dispatch): void {
  group
    .command('import')
    .argument('<file>', 'CSV, JSON or Parquet file with candles, also packed by gzip, zstd or zip')
    .description('read candles into the local lake')
    .requiredOption('--exchange <name>', 'exchange the candles come from')
    .requiredOption('--symbol <symbol>', 'such as BTCUSDT')
    .addOption(
      new Option('--interval <interval>', 'such as 1m, 1h or 1d')
        .argParser(parseInterval)
        .makeOptionMandatory(),
    )
    .option('--sort', 'accept rows in any order')
    .option('--dedupe', 'drop exact repeats of a row')
    .action((file, options) =>
      dispatch(async () => (await import('../commands/data-import.ts')).dataImport, {
        file,
        ...options,
      }),
    )
  group
    .command('sync')
    .description('bring the lake up to date with the database that it caches')
    .option('--exchange <name>', 'only series of this exchange')
    .option('--symbol <symbols...>', 'only these markets, such as BTCUSDT,ETHUSDT', parseNames)
    .option('--interval <interval>', 'only this interval', parseInterval)
    .action((options) =>
      dispatch(async () => (await import('../commands/data-sync.ts')).dataSync, options),
    )
  group
    .command('list')
    .description('list the stored series with span, candles and holes')
    .action(() => dispatch(async () => (await import('../commands/data-list.ts')).dataList, {}))
  group
    .command('check')
    .description('look for everything that is wrong with the stored candles')
    .option('--exchange <name>', 'only series of this exchange')
    .option('--symbol <symbols...>', 'only these, such as BTCUSDT or BTCUSDT,ETHUSDT', parseNames)
    .option('--interval <intervals...>', 'only these intervals, such as 1m or 1h', parseIntervals)
    .option('--strict', 'end with 3 for notes as well: gaps, no volume, stale prices, spikes')
    .action((options) =>
      dispatch(async () => (await import('../commands/data-check.ts')).dataCheck, options),
    )
  group
    .command('export')
    .description('write candles of any interval to a file')
    .requiredOption('--exchange <name>', 'exchange the candles come from')
    .requiredOption('--symbol <symbol>', 'such as BTCUSDT')
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
    .option('--follow-links', 'write the file that a link in its place leads to (default: refuse)')
    .action((options) =>
      dispatch(async () => (await import('../commands/data-export.ts')).dataExport, options),
    )
}
