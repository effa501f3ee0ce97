import { defineCommand } from '../command.ts'

export default defineCommand({
  name: 'db migrate',
  summary: 'create or update the tables of the configured database',
  examples: ['db migrate', 'db migrate --json'],
  async run(_given, { app, output }) {
    const { dbMigrateReport } = await import('../../report/commands/db-migrate.ts')
    const database = await app.database()
    const migrated = await database.migrate((name) => void output.detail(`applied ${name}`))
    return output.finish(dbMigrateReport, migrated, { next: ['db', 'status'] })
  },
})
