import type { Command } from '@commander-js/extra-typings'
import { PROGRAM } from '../report/terminal/blocks.ts'
import { wrapCommand } from '../report/terminal/style.ts'
import { COMMANDS } from './command-list.ts'

const HELP_WIDTH = 80

const TOUR = [
  'config validate                       check the configuration',
  'data list                             see which candles are here',
  'backtest run btc_strategies_2024      run a configured backtest',
  'backtest sweep btc_sma_grid           try ten thousand parameter sets',
  '--help                                everything else',
]

/** What `crypto` alone prints: five lines from the first look to the first result. */
export function tourLines(program: string): readonly string[] {
  return TOUR.map((line) => `${program} ${line}`)
}

interface Group {
  /** First word of its commands, or the whole name of a command without a group. */
  readonly name: string
  readonly summary: string
  readonly examples: readonly string[]
}

/** In the order of the help. */
export const GROUPS: readonly Group[] = [
  {
    name: 'config',
    summary: 'check, show and describe the configuration',
    examples: ['config validate', 'config show --origin'],
  },
  {
    name: 'strategies',
    summary: 'what can be traded by rule',
    examples: ['strategies list', 'strategies show sma_crossover'],
  },
  {
    name: 'indicators',
    summary: 'what strategies are made of',
    examples: ['indicators list', 'indicators show rsi'],
  },
  {
    name: 'exchanges',
    summary: 'where candles and orders come from and go to',
    examples: ['exchanges list', 'exchanges list --json'],
  },
  { name: 'ingest', summary: '', examples: [] },
  {
    name: 'data',
    summary: 'import, list, check, export and sync candles',
    examples: [
      'data list',
      'data import btc.csv --exchange binance --symbol BTCUSDT --interval 1h',
    ],
  },
  {
    name: 'backtest',
    summary: 'run backtests and parameter sweeps',
    examples: ['backtest run btc_strategies_2024', 'backtest sweep btc_sma_grid'],
  },
  {
    name: 'db',
    summary: 'set up and look at the database of candles',
    examples: ['db migrate', 'db status'],
  },
  { name: 'sim', summary: '', examples: [] },
]

const PROGRAM_EXAMPLES = ['backtest sweep btc_sma_grid', 'backtest run btc_strategies_2024 --json']

/** Examples by the words of a command or a group; those of the program itself under the empty name. */
const EXAMPLES: ReadonlyMap<string, readonly string[]> = new Map([
  ['', PROGRAM_EXAMPLES],
  ...[...GROUPS, ...COMMANDS].map(({ name, examples }) => [name, examples] as const),
])

/** The words of a command after the program's name: `backtest run`; empty for the program itself. */
export function wordsOf(command: NamedCommand): string {
  if (command.parent === null) return ''
  return `${wordsOf(command.parent)} ${command.name()}`.trim()
}

/** Returns the words of the command that a command line names: `data list`, `data`; empty when it names none. */
export function findCommandWords(argv: readonly string[]): string {
  const start = argv.findIndex((word) => word !== '' && EXAMPLES.has(word))
  const [group = '', name = ''] = start < 0 ? [] : argv.slice(start)
  const both = `${group} ${name}`
  return EXAMPLES.has(both) ? both : group
}

interface NamedCommand {
  readonly parent: NamedCommand | null
  name(): string
}

export function examplesOf(command: NamedCommand, program = PROGRAM): readonly string[] {
  return (EXAMPLES.get(wordsOf(command)) ?? []).map((words) => `${program} ${words}`)
}

/** Puts the examples before the help text of a command and of all below it. */
export function addExamples(command: Command, program: string): void {
  const examples = examplesOf(command, program)
  const lines = examples.flatMap((line) => wrapCommand('  ', line.split(/ (?=-)/), HELP_WIDTH))
  command.addHelpText('before', `Examples:\n${lines.map((line) => `${line}\n`).join('')}`)
  for (const child of command.commands) addExamples(child as Command, program)
}
