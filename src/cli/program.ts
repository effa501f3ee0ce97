import { Command, type OutputConfiguration } from '@commander-js/extra-typings'
import { PROGRAM } from '../report/terminal/blocks.ts'
import type { Dispatch } from './command.ts'
import { COMMANDS } from './command-list.ts'
import { addExamples, GROUPS } from './examples.ts'
import { DEFAULT_CONFIG_DIR, type GlobalOptions } from './output.ts'

interface ProgramOptions {
  readonly version: string
  /** How examples start the program. */
  readonly start?: string
  /** Where help goes and how wide it may be. */
  readonly text?: OutputConfiguration
}

/** Builds the command tree. @param dispatch called by the chosen command */
export function createProgram(
  dispatch: Dispatch,
  { version, start = PROGRAM, text = {} }: ProgramOptions,
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
  for (const { name, summary } of GROUPS) {
    const own = COMMANDS.filter((command) => command.name.split(' ')[0] === name)
    const isCommand = own.some((command) => command.name === name)
    const group = isCommand ? program : program.command(name).description(summary)
    for (const command of own) command.addTo(group as Command, dispatch)
  }
  addExamples(program, start)
  return program
}

/** The options of every command as typed on the command line. */
export function globalOptionsOf(program: ReturnType<typeof createProgram>): GlobalOptions {
  return program.opts()
}
