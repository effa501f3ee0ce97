import { Command, Option, type OutputConfiguration } from '@commander-js/extra-typings'
import {
  integerBetween,
  parseAssignment,
  parseFolder,
  parseInterval,
  parseMetric,
  parseTableFile,
} from './arguments.ts'
import { addExamples, GROUP_SUMMARIES } from './examples.ts'
import { DEFAULT_CONFIG_DIR, type GlobalOptions, type Output } from './output.ts'
import type { Services } from './services.ts'

/** A command once its module is loaded. Returns the exit code, throws `PlatformError`s. */
export type CommandBody<Options> = (
  options: Options,
  services: Services,
  output: Output,
) => Promise<number>

/** Loads a command's module, runs it and keeps its exit code. */
export type Dispatch = <Options>(
  load: () => Promise<CommandBody<Options>>,
  options: Options,
) => Promise<void>

const WORKERS_MAX = 256
const TOP_MAX = 10_000

/**
 * Builds the command tree. No command module is loaded here: help costs no more than commander.
 * @param dispatch called by the chosen command
 * @param text where help goes and how wide it may be
 */
export function createProgram(
  dispatch: Dispatch,
  { version, text = {} }: { readonly version: string; readonly text?: OutputConfiguration },
) {
  const program = new Command('crypto')
    .description('Config-first crypto research: backtests and parameter sweeps on real candles.')
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .showSuggestionAfterError(true)
    .exitOverride()
    .configureOutput(text)
    .version(version)
    .option('--config-dir <dir>', 'folder of the YAML files', DEFAULT_CONFIG_DIR)
    .option(
      '--data-dir <dir>',
      'folder whose lake/ holds imported candles (default: as configured)',
    )
    .option('--json', 'print one JSON document on stdout', false)
    .option('--quiet', 'no progress and no hints', false)
    .option('--verbose', 'details, and the stack of errors', false)
    .option('--no-color', 'no colours (also: NO_COLOR)')
    .option('--log-file <file>', 'append all messages to a file, one JSON object a line')
  addConfigCommands(program.command('config'), dispatch)
  addDefinitionCommands(program.command('strategies'), 'strategies', dispatch)
  addDefinitionCommands(program.command('indicators'), 'indicators', dispatch)
  addExchangeCommands(program.command('exchanges'), dispatch)
  addDataCommands(program.command('data'), dispatch)
  addBacktestCommands(program.command('backtest'), dispatch)
  for (const group of program.commands) group.description(GROUP_SUMMARIES[group.name()] ?? '')
  addExamples(program)
  return program
}

/** The options of every command as typed on the command line. */
export function globalOptionsOf(program: ReturnType<typeof createProgram>): GlobalOptions {
  return program.opts()
}

function addConfigCommands(group: Command, dispatch: Dispatch): void {
  group
    .command('validate')
    .description('check every file; all problems at once with place and suggestion')
    .action(() =>
      dispatch(async () => (await import('./commands/config-validate.ts')).configValidate, {}),
    )
  group
    .command('schema')
    .description('write the JSON Schemas that editors use for completion')
    .option(
      '--output <dir>',
      'folder to write to (default: where the shipped files look)',
      parseFolder,
    )
    .action((options) =>
      dispatch(async () => (await import('./commands/config-schema.ts')).configSchema, options),
    )
  group
    .command('show')
    .description('print the effective configuration, secrets redacted')
    .option('--origin', 'say where each value comes from')
    .action((options) =>
      dispatch(async () => (await import('./commands/config-show.ts')).configShow, options),
    )
}

function addDefinitionCommands(
  group: Command,
  kind: 'strategies' | 'indicators',
  dispatch: Dispatch,
): void {
  const load = () => import('./commands/definitions.ts')
  const isStrategies = kind === 'strategies'
  group
    .command('list')
    .description(`list all ${kind}, built-in and plugins`)
    .action(() =>
      dispatch(async () => {
        const { strategiesList, indicatorsList } = await load()
        return isStrategies ? strategiesList : indicatorsList
      }, {}),
    )
  group
    .command('show')
    .argument('<name>', 'registered name')
    .description('parameters with ranges and defaults, warm-up and meaning')
    .action((name) =>
      dispatch(
        async () => {
          const { strategiesShow, indicatorsShow } = await load()
          return isStrategies ? strategiesShow : indicatorsShow
        },
        { name },
      ),
    )
}

function addExchangeCommands(group: Command, dispatch: Dispatch): void {
  group
    .command('list')
    .description('list the configured exchanges and whether their credentials are set')
    .action(() =>
      dispatch(async () => (await import('./commands/exchanges-list.ts')).exchangesList, {}),
    )
}

function addDataCommands(group: Command, dispatch: Dispatch): void {
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
      dispatch(async () => (await import('./commands/data-import.ts')).dataImport, {
        file,
        ...options,
      }),
    )
  group
    .command('list')
    .description('list the stored series with span, candles and holes')
    .action(() => dispatch(async () => (await import('./commands/data-list.ts')).dataList, {}))
}

function addBacktestCommands(group: Command, dispatch: Dispatch): void {
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
      dispatch(async () => (await import('./commands/backtest-run.ts')).backtestRun, {
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
      dispatch(async () => (await import('./commands/backtest-sweep.ts')).backtestSweep, {
        name,
        ...options,
      }),
    )
}
