import type { Command } from '@commander-js/extra-typings'
import { parseFolder } from '../arguments.ts'
import type { Dispatch } from '../program.ts'

export function addConfigCommands(group: Command, dispatch: Dispatch): void {
  group
    .command('validate')
    .description('check every file; all problems at once with place and suggestion')
    .action(() =>
      dispatch(async () => (await import('../commands/config-validate.ts')).configValidate, {}),
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
      dispatch(async () => (await import('../commands/config-schema.ts')).configSchema, options),
    )
  group
    .command('show')
    .description('print the effective configuration, secrets redacted')
    .option('--origin', 'say where each value comes from')
    .action((options) =>
      dispatch(async () => (await import('../commands/config-show.ts')).configShow, options),
    )
}
