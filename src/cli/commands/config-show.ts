import { defineCommand } from '../command.ts'

export default defineCommand({
  name: 'config show',
  summary: 'print the effective configuration, secrets redacted',
  examples: ['config show', 'config show --origin'],
  arguments: (command) => command.option('--origin', 'say where each value comes from'),
  async run({ options: { origin = false } }, { app, output }) {
    const { configShowReport } = await import('../../report/commands/config-show.ts')
    const effective = await (await app.config()).effective()
    return output.finish(configShowReport, { effective, origin })
  },
})
