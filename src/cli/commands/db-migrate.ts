import type { App } from '../../app/app.ts'
import { databaseMigrationJson } from '../../report/database-json.ts'
import { databaseMigrationLines } from '../../report/terminal/database.ts'
import type { Output } from '../output.ts'

/** Creates or updates the tables of the configured database. */
export async function dbMigrate(_options: object, app: App, output: Output): Promise<number> {
  const database = await app.database()
  const migrated = await database.migrate((name) => void output.detail(`applied ${name}`))
  return output.finish({
    schema: 'crypto/db.migrate@1',
    json: () => databaseMigrationJson(migrated),
    lines: (style) => databaseMigrationLines(migrated, style),
    next: ['db', 'status'],
  })
}
