import { defineCommand } from '../command.ts'

/** Strategies and indicators are listed and shown alike: both are catalogs of definitions. */
type Kind = 'strategies' | 'indicators'

const listCommand = (kind: Kind) =>
  defineCommand({
    name: `${kind} list`,
    summary: `list all ${kind}, built-in and plugins`,
    examples: [`${kind} list`, `${kind} list --json`],
    async run(_given, { app, output }) {
      const { indicatorsListReport, strategiesListReport } = await import(
        '../../report/commands/definitions.ts'
      )
      const catalogs = await app.catalogs()
      const definitions = catalogs[kind].list()
      const report = kind === 'strategies' ? strategiesListReport : indicatorsListReport
      const first = definitions[0]?.name
      return output.finish(
        report,
        { definitions, problems: catalogs.problems },
        { next: first === undefined ? [] : [kind, 'show', first] },
      )
    },
  })

const showCommand = (kind: Kind, examples: readonly [string, string]) =>
  defineCommand({
    name: `${kind} show`,
    summary: 'parameters with ranges and defaults, warm-up and meaning',
    examples,
    arguments: (command) => command.argument('<name>', 'registered name'),
    async run({ args: [name] }, { app, output }) {
      const { indicatorsShowReport, strategiesShowReport } = await import(
        '../../report/commands/definitions.ts'
      )
      const catalogs = await app.catalogs()
      const definition = catalogs[kind].get(name)
      const unused = kind === 'strategies' ? (catalogs.unusedOf?.(name) ?? []) : []
      const report = kind === 'strategies' ? strategiesShowReport : indicatorsShowReport
      return output.finish(report, { definition, unused, problems: catalogs.problems })
    },
  })

export default [
  listCommand('strategies'),
  showCommand('strategies', [
    'strategies show sma_crossover',
    'strategies show momentum_breakout --json',
  ]),
  listCommand('indicators'),
  showCommand('indicators', ['indicators show rsi', 'indicators show macd --json']),
]
