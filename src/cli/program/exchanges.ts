import type { Command } from '@commander-js/extra-typings'
import type { Dispatch } from '../program.ts'

export function addExchangeCommands(group: Command, dispatch: Dispatch): void {
  group
    .command('list')
    .description('list the configured exchanges and whether their credentials are set')
    .action(() =>
      dispatch(async () => (await import('../commands/exchanges-list.ts')).exchangesList, {}),
    )
}
