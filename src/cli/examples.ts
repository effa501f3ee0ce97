import type { Command } from '@commander-js/extra-typings'
import { PROGRAM } from '../report/terminal/blocks.ts'
import { wrapCommand } from '../report/terminal/style.ts'

const HELP_WIDTH = 80

/** What `crypto` alone prints: five lines from the first look to the first result. */
export const TOUR: readonly string[] = [
  `${PROGRAM} config validate                  check the configuration`,
  `${PROGRAM} data list                        see which candles are here`,
  `${PROGRAM} backtest run                     run the configured backtests`,
  `${PROGRAM} backtest sweep btc_sma_grid      try ten thousand parameter sets`,
  `${PROGRAM} --help                           everything else`,
]

export const GROUP_SUMMARIES: Readonly<Record<string, string>> = {
  config: 'check, show and describe the configuration',
  strategies: 'what can be traded by rule',
  indicators: 'what strategies are made of',
  exchanges: 'where candles and orders come from and go to',
  ingest: 'fetch candles from an exchange',
  data: 'import, list, check, export and sync candles',
  backtest: 'run backtests and parameter sweeps',
  db: 'set up and look at the database of candles',
}

/** Two examples per command, keyed by the words of the command. */
const EXAMPLES: Readonly<Record<string, readonly [string, string]>> = {
  '': ['backtest sweep btc_sma_grid', 'backtest run btc_strategies_2024 --json'],
  config: ['config validate', 'config show --origin'],
  'config validate': ['config validate', 'config validate --config-dir my-config --json'],
  'config schema': ['config schema', 'config schema --output .vscode/schemas'],
  'config show': ['config show', 'config show --origin'],
  strategies: ['strategies list', 'strategies show sma_crossover'],
  'strategies list': ['strategies list', 'strategies list --json'],
  'strategies show': ['strategies show sma_crossover', 'strategies show momentum_breakout --json'],
  indicators: ['indicators list', 'indicators show rsi'],
  'indicators list': ['indicators list', 'indicators list --json'],
  'indicators show': ['indicators show rsi', 'indicators show macd --json'],
  exchanges: ['exchanges list', 'exchanges list --json'],
  'exchanges list': ['exchanges list', 'exchanges list --json'],
  ingest: [
    'ingest --exchange binance --symbol BTCUSDT --interval 1h --days 365',
    'ingest --symbol BTCUSDT,ETHUSDT --interval 1m --from 2024-01-01 --follow',
  ],
  data: ['data list', 'data import btc.csv --exchange binance --symbol BTCUSDT --interval 1h'],
  'data import': [
    'data import btc.csv --exchange binance --symbol BTCUSDT --interval 1h',
    'data import eth.parquet --exchange binance --symbol ETHUSDT --interval 1m',
  ],
  'data sync': ['data sync', 'data sync --symbol BTCUSDT --interval 1m --json'],
  'data list': ['data list', 'data list --json'],
  'data check': ['data check', 'data check --symbol BTCUSDT ETHUSDT --strict'],
  'data export': [
    'data export --exchange binance --symbol BTCUSDT --interval 4h --output btc-4h.csv',
    'data export --exchange binance --symbol ETHUSDT --interval 1d --from 2024-01-01 --output eth.parquet',
  ],
  backtest: ['backtest run btc_strategies_2024', 'backtest sweep btc_sma_grid'],
  'backtest run': [
    'backtest run btc_strategies_2024 --trades trades.csv',
    'backtest run --sweep btc_sma_grid --set fast_period=20 slow_period=100',
  ],
  sim: [
    'sim --now 2024-06-01 --speed 60 --symbols BTCUSDT,ETHUSDT',
    'sim --now 2024-06-01 --speed 3600 --port 0 --faults faults.yaml --seed 1',
  ],
  'backtest sweep': [
    'backtest sweep btc_sma_grid',
    'backtest sweep btc_sma_grid --objective calmar --top 20 --json',
  ],
  db: ['db migrate', 'db status'],
  'db migrate': ['db migrate', 'db migrate --json'],
  'db status': ['db status', 'db status --json'],
}

/** The words of a command after the program's name: `backtest run`; empty for the program itself. */
export function wordsOf(command: NamedCommand): string {
  if (command.parent === null) return ''
  return `${wordsOf(command.parent)} ${command.name()}`.trim()
}

/** Returns the words of the command that a command line names: `data list`, `data`; empty when it names none. */
export function findCommandWords(argv: readonly string[]): string {
  const start = argv.findIndex((word) => word !== '' && Object.hasOwn(EXAMPLES, word))
  const [group = '', name = ''] = start < 0 ? [] : argv.slice(start)
  const both = `${group} ${name}`
  return Object.hasOwn(EXAMPLES, both) ? both : group
}

interface NamedCommand {
  readonly parent: NamedCommand | null
  name(): string
}

export function examplesOf(command: NamedCommand): readonly string[] {
  return (EXAMPLES[wordsOf(command)] ?? []).map((words) => `${PROGRAM} ${words}`)
}

/** Puts the examples before the help text of a command and of all below it. */
export function addExamples(command: Command): void {
  const examples = examplesOf(command)
  const lines = examples.flatMap((line) => wrapCommand('  ', line.split(/ (?=-)/), HELP_WIDTH))
  command.addHelpText('before', `Examples:\n${lines.map((line) => `${line}\n`).join('')}`)
  for (const child of command.commands) addExamples(child as Command)
}
