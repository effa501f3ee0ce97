import type { App } from '../../app/app.ts'
import { dbMigrateReport } from '../../report/commands/db-migrate.ts'
import type { Output } from '../output.ts'

/** Creates or updates the tables of the configured database. */
export async function dbMigrate(_options: object, app: App, output: Output): Promise<number> {
  const database = await app.database()
  const migrated = await database.migrate((name) => void output.detail(`applied ${name}`))
  return output.finish(dbMigrateReport, migrated, { next: ['db', 'status'] })
}
