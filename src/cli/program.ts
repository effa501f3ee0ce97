import { Command, type OutputConfiguration } from '@commander-js/extra-typings'
import type { App } from '../app/app.ts'
import { addExamples, GROUP_SUMMARIES } from './examples.ts'
import { DEFAULT_CONFIG_DIR, type GlobalOptions, type Output } from './output.ts'
import { addBacktestCommands } from './program/backtest.ts'
import { addConfigCommands } from './program/config.ts'
import { addDataCommands } from './program/data.ts'
import { addDatabaseCommands } from './program/database.ts'
import { addDefinitionCommands } from './program/definitions.ts'
import { addExchangeCommands } from './program/exchanges.ts'
import { addIngestCommand } from './program/ingest.ts'
import { addSimCommand } from './program/sim.ts'

/** A command once its module is loaded. Returns the exit code, throws `PlatformError`s. */
export type CommandBody<Options> = (options: Options, app: App, output: Output) => Promise<number>

/** Loads a command's module, runs it and keeps its exit code. */
export type Dispatch = <Options>(
  load: () => Promise<CommandBody<Options>>,
  options: Options,
) => Promise<void>

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
  addIngestCommand(program.command('ingest'), dispatch)
  addDataCommands(program.command('data'), dispatch)
  addBacktestCommands(program.command('backtest'), dispatch)
  addDatabaseCommands(program.command('db'), dispatch)
  for (const group of program.commands) group.description(GROUP_SUMMARIES[group.name()] ?? '')
  addSimCommand(program.command('sim'), dispatch)
  addExamples(program)
  return program
}

/** The options of every command as typed on the command line. */
export function globalOptionsOf(program: ReturnType<typeof createProgram>): GlobalOptions {
  return program.opts()
}
