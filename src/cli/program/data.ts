import { type Command, Option } from '@commander-js/extra-typings'
import { parseInterval, parseNames } from '../arguments.ts'
import type { Dispatch } from '../program.ts'

export function addDataCommands(group: Command, dispatch: Dispatch): void {
  group
    .command('import')
    .argument('<file>', 'CSV or Parquet file with candles')
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
}
