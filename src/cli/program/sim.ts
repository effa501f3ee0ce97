import type { Command } from '@commander-js/extra-typings'
import {
  integerBetween,
  numberBetween,
  parseFile,
  parseNames,
  parseSimulatedTime,
} from '../arguments.ts'
import type { Dispatch } from '../program.ts'

const PORT_MAX = 65_535
const SPEED_MAX = 1_000_000
const SEED_MAX = 4_294_967_295
const WEIGHT_MAX = 1_000_000_000

export function addSimCommand(command: Command, dispatch: Dispatch): void {
  command
    .description('serve an exchange made of stored candles, with a clock and faults of your choice')
    .option(
      '--now <time>',
      'simulated time at the start, such as 2024-06-01 (default: 30 days before the stored candles end)',
      parseSimulatedTime,
    )
    .option(
      '--speed <factor>',
      'simulated seconds per real second; 0: stands still (default: 1)',
      numberBetween(0, SPEED_MAX),
    )
    .option('--symbols <list>', 'such as BTCUSDT,ETHUSDT (default: all stored ones)', parseNames)
    .option('--exchange <name>', 'whose stored candles to serve (default: binance)')
    .option('--host <address>', 'loopback address to listen on (default: 127.0.0.1)')
    .option(
      '--port <number>',
      'port to listen on; 0: the system chooses (default: 9001)',
      integerBetween(0, PORT_MAX),
    )
    .option('--faults <file>', 'fault plan, YAML or JSON', parseFile)
    .option('--seed <number>', 'seed of the faults (default: 0)', integerBetween(0, SEED_MAX))
    .option(
      '--weight-limit <number>',
      'request weight granted per minute (default: 6000)',
      integerBetween(1, WEIGHT_MAX),
    )
    .action((options) => dispatch(async () => (await import('../commands/sim.ts')).sim, options))
}
