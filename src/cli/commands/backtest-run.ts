import { normalize } from 'node:path'
import { Option } from '@commander-js/extra-typings'
import type { ParamValues } from '../../backtesting/results.ts'
import { ConfigError } from '../../core/errors.ts'
import { parseAssignment, parseNames, parseTableFile } from '../arguments.ts'
import { defineCommand } from '../command.ts'
import { marketOptions } from '../market-options.ts'

export default defineCommand({
  name: 'backtest run',
  summary: 'run every strategy of a backtest, beside buy and hold; without a name, list them',
  examples: [
    'backtest run btc_strategies_2024 --trades trades.csv',
    'backtest run --strategy sma_crossover --symbol BTCUSDT --interval 1h --from 2024-01-01',
  ],
  arguments: (command) =>
    marketOptions(command.argument('[name]', 'backtest of backtests.yaml'))
      .option(
        '--strategy <names...>',
        'configured strategies or types, instead of those of the backtest',
        parseNames,
      )
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
      ),
  async run({ args: [name], options }, { app, output }) {
    checkConflicts(name, options)
    const backtests = await app.backtests(usesOf(name, options))
    const { sweep, strategy: strategies, set: params = {} } = options
    if (name === undefined && sweep === undefined && strategies === undefined) {
      const { backtestListReport } = await import('../../report/commands/configured.ts')
      const entries = await backtests.listBacktests()
      const [first] = entries
      const file = `${output.options.configDir}/backtests.yaml`
      return output.finish(
        backtestListReport,
        { entries, file },
        { next: first === undefined ? [] : ['backtest', 'run', first.name] },
      )
    }
    const { backtestRunReport } = await import('../../report/commands/backtest-run.ts')
    const { exchange, symbol: symbols, interval, from: fromMs, to: toMs } = options
    const outcome = await backtests.run({
      what: sweep === undefined ? { backtest: name, strategies } : { sweep, params },
      market: { exchange, symbols, interval, fromMs, toMs },
      tradesFile: options.trades,
      equityFile: options.equity,
    })
    const next = sweep === undefined ? { next: ['backtest', 'sweep'] } : {}
    return output.finish(backtestRunReport, outcome, { run: outcome.run, ...next })
  },
})

interface Conflicting {
  readonly sweep?: string | undefined
  readonly set?: ParamValues | undefined
  readonly strategy?: readonly string[] | undefined
  readonly trades?: string | undefined
  readonly equity?: string | undefined
}

/** The entries that a run names; undefined for the list of all. */
function usesOf(
  name: string | undefined,
  { sweep, strategy, exchange }: Pick<Conflicting, 'sweep' | 'strategy'> & { exchange?: string },
): readonly string[] | undefined {
  const uses = [
    ...(sweep === undefined ? [] : [`sweeps.${sweep}`]),
    ...(name === undefined ? [] : [`backtests.${name}`]),
    ...(strategy ?? []).map((one) => `strategies.${one}`),
  ]
  if (uses.length === 0) return undefined
  return exchange === undefined ? uses : [...uses, `exchanges.${exchange}`]
}

/** @throws ConfigError `USAGE_CONFLICT` when the options contradict each other */
function checkConflicts(
  name: string | undefined,
  { sweep, set, strategy, trades, equity }: Conflicting,
): void {
  if (sweep !== undefined && name !== undefined) {
    refuse(
      `NAME and --sweep exclude each other: '${name}' is a backtest, '${sweep}' a sweep. Give one of them.`,
    )
  }
  if (sweep !== undefined && strategy !== undefined) {
    refuse(`--strategy and --sweep exclude each other: '${sweep}' has a strategy of its own.`)
  }
  if (set !== undefined && sweep === undefined) {
    refuse(
      '--set re-runs one point of a sweep. Add --sweep NAME, or change params in strategies.yaml.',
    )
  }
  if (trades !== undefined && equity !== undefined && normalize(trades) === normalize(equity)) {
    refuse(
      `--trades and --equity both name ${trades}: one would replace the other. Give each a file of its own.`,
    )
  }
}

function refuse(message: string): never {
  throw new ConfigError('USAGE_CONFLICT', message)
}
