import { type Command, Option } from '@commander-js/extra-typings'
import {
  integerBetween,
  parseAssignment,
  parseFolder,
  parseMetric,
  parseTableFile,
} from '../arguments.ts'
import type { Dispatch } from '../program.ts'

const WORKERS_MAX = 256
const TOP_MAX = 10_000

export function addBacktestCommands(group: Command, dispatch: Dispatch): void {
  group
    .command('run')
    .argument('[name]', 'backtest of backtests.yaml; without it, all of them')
    .description('run every strategy of a backtest, beside buy and hold')
    .option(
      '--trades <file>',
      'write the trades: .parquet, .arrow or .csv, one file a run',
      parseTableFile,
    )
    .option(
      '--equity <file>',
      'write the equity curves: .parquet, .arrow or .csv, one file a run',
      parseTableFile,
    )
    .option('--sweep <sweep>', 'run one point of this sweep instead')
    .addOption(
      new Option(
        '--set <assignment...>',
        'parameters of that point, such as fast_period=10',
      ).argParser(parseAssignment),
    )
    .action((name, options) =>
      dispatch(async () => (await import('../commands/backtest-run.ts')).backtestRun, {
        name,
        ...options,
      }),
    )
  group
    .command('sweep')
    .argument('[name]', 'sweep of sweeps.yaml; without it, all of them')
    .description('run a strategy over a grid of parameters and rank the results')
    .option(
      '--workers <count>',
      'workers, 0: one per core (default: as configured)',
      integerBetween(0, WORKERS_MAX),
    )
    .option('--top <count>', 'rows of the ranking', integerBetween(1, TOP_MAX))
    .option('--objective <metric>', 'metric to rank by', parseMetric)
    .option('--output <dir>', 'folder of the rows file and its manifest', parseFolder)
    .action((name, options) =>
      dispatch(async () => (await import('../commands/backtest-sweep.ts')).backtestSweep, {
        name,
        ...options,
      }),
    )
}
