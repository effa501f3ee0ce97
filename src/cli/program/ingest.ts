import { type Command, Option } from '@commander-js/extra-typings'
import { integerBetween, parseInstant, parseInterval, parseNames } from '../arguments.ts'
import type { Dispatch } from '../program.ts'

/** From 2009 on, before which nothing was traded, this many days back is a time since 1970. */
const DAYS_MAX = 14_000

export function addIngestCommand(command: Command, dispatch: Dispatch): void {
  command
    .addOption(
      new Option('--symbol <symbols...>', 'markets, such as BTCUSDT or BTCUSDT,ETHUSDT')
        .argParser(parseNames)
        .makeOptionMandatory(),
    )
    .addOption(
      new Option('--interval <interval>', 'candle interval of the exchange, such as 1m or 1h')
        .argParser(parseInterval)
        .makeOptionMandatory(),
    )
    .option('--exchange <name>', 'exchange of exchanges.yaml (default: default_exchange)')
    .option(
      '--days <count>',
      'the last days; a candle in progress is left out',
      integerBetween(1, DAYS_MAX),
    )
    .option('--from <date>', 'first candle, instead of --days', parseInstant)
    .option('--to <date>', 'end of the period, exclusive (default: now)', parseInstant)
    .option(
      '--from-archive <dir>',
      "read a copy of Binance's public archive first: a folder or a URL",
    )
    .option('--repair', 'ask again for every known hole and refused candle')
    .option('--follow', 'go on with every candle that closes, until Ctrl-C')
    .option('--dry-run', 'say what would be fetched')
    .action((options) =>
      dispatch(async () => (await import('../commands/ingest.ts')).ingest, options),
    )
}
