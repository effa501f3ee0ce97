import type { Command } from '@commander-js/extra-typings'
import type { Dispatch } from '../program.ts'

export function addDefinitionCommands(
  group: Command,
  kind: 'strategies' | 'indicators',
  dispatch: Dispatch,
): void {
  const load = () => import('../commands/definitions.ts')
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
