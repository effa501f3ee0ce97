import type { Command, OptionValues } from '@commander-js/extra-typings'
import { parseInstant, parseInterval, parseNames } from './arguments.ts'

/**
 * Declares the options of every command that takes a market. Left out, each keeps what the configuration says, or takes
 * all that is stored.
 */
export function marketOptions<Args extends unknown[], Options extends OptionValues>(
  command: Command<Args, Options>,
) {
  return command
    .option('--exchange <name>', 'exchange of the candles')
    .option('--symbol <symbols...>', 'markets, such as BTCUSDT or BTCUSDT,ETHUSDT', parseNames)
    .option('--interval <interval>', 'candle interval, such as 1m, 1h or 1d', parseInterval)
    .option('--from <time>', 'first open time, UTC, such as 2024-06-01', parseInstant)
    .option('--to <time>', 'end of the open times, exclusive', parseInstant)
}
