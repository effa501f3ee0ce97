import { defineCommand } from '../command.ts'

export default defineCommand({
  name: 'db status',
  summary: 'show server, features, migrations and sizes; changes nothing',
  examples: ['db status', 'db status --json'],
  async run(_given, { app, output }) {
    const { dbStatusReport } = await import('../../report/commands/db-status.ts')
    const status = await (await app.database()).status()
    const isPending = status.migrations.some((migration) => migration.status === 'pending')
    return output.finish(dbStatusReport, status, isPending ? { next: ['db', 'migrate'] } : {})
  },
})
