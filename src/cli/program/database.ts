import type { Command } from '@commander-js/extra-typings'
import type { Dispatch } from '../program.ts'

export function addDatabaseCommands(group: Command, dispatch: Dispatch): void {
  group
    .command('migrate')
    .description('create or update the tables of the configured database')
    .action(() => dispatch(async () => (await import('../commands/db-migrate.ts')).dbMigrate, {}))
  group
    .command('status')
    .description('show server, features, migrations and sizes; changes nothing')
    .action(() => dispatch(async () => (await import('../commands/db-status.ts')).dbStatus, {}))
}
