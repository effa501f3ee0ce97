import { defineCommand } from '../command.ts'

export default defineCommand({
  name: 'exchanges list',
  summary: 'list the configured exchanges and whether their credentials are set',
  examples: ['exchanges list', 'exchanges list --json'],
  async run(_given, { app, output }) {
    const { exchangesListReport } = await import('../../report/commands/exchanges-list.ts')
    const exchanges = await (await app.config()).exchanges()
    const { configDir } = output.options
    return output.finish(exchangesListReport, { exchanges, configDir })
  },
})
