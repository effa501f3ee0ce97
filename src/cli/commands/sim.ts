import { integerBetween, numberBetween, parseFile, parseSimulatedTime } from '../arguments.ts'
import { defineCommand } from '../command.ts'
import { marketOptions } from '../market-options.ts'

/** Port of the entry `sim` in the shipped exchanges.yaml. */
export const SIM_PORT = 9001

const PORT_MAX = 65_535
const SPEED_MAX = 1_000_000
const SEED_MAX = 4_294_967_295
const WEIGHT_MAX = 1_000_000_000

/**
 * Serves until it is interrupted. That is how it ends, so it ends with 0: only an interruption before it was ready is
 * one.
 */
export default defineCommand({
  name: 'sim',
  summary: 'serve an exchange made of stored candles, with a clock and faults of your choice',
  examples: [
    'sim --now 2024-06-01 --speed 60 --symbol BTCUSDT,ETHUSDT',
    'sim --now 2024-06-01 --speed 3600 --port 0 --faults faults.yaml --seed 1',
  ],
  arguments: (command) =>
    marketOptions(command)
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
      ),
  async run({ options }, { app, output }) {
    const { simReport } = await import('../../report/commands/sim.ts')
    const simulator = await app.simulator()
    const running = await simulator.start({
      nowMs: options.now,
      speed: options.speed ?? 1,
      symbols: options.symbol,
      exchange: options.exchange ?? 'binance',
      interval: options.interval,
      fromMs: options.from,
      toMs: options.to,
      host: options.host ?? '127.0.0.1',
      port: options.port ?? SIM_PORT,
      faultsFile: options.faults,
      seed: options.seed ?? 0,
      weightLimit: options.weightLimit,
    })
    try {
      const exitCode = await output.finish(simReport, running.view)
      await running.interrupted
      return exitCode
    } finally {
      await running.stop()
    }
  },
})
