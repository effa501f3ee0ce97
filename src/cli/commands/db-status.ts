import type { App } from '../../app/app.ts'
import { dbStatusReport } from '../../report/commands/db-status.ts'
import type { Output } from '../output.ts'

/** Shows what the configured database is, has and lacks. */
export async function dbStatus(_options: object, app: App, output: Output): Promise<number> {
  const database = await app.database()
  const status = await database.status()
  const isPending = status.migrations.some((migration) => migration.status === 'pending')
  return output.finish(dbStatusReport, status, isPending ? { next: ['db', 'migrate'] } : {})
}
