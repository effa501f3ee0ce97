import type { App } from '../../app/app.ts'
import { databaseStatusJson } from '../../report/database-json.ts'
import { databaseStatusLines } from '../../report/terminal/database.ts'
import type { Output } from '../output.ts'

/** Shows what the configured database is, has and lacks. */
export async function dbStatus(_options: object, app: App, output: Output): Promise<number> {
  const database = await app.database()
  const status = await database.status()
  const isPending = status.migrations.some((migration) => migration.status === 'pending')
  return output.finish({
    schema: 'crypto/db.status@1',
    json: () => databaseStatusJson(status),
    lines: (style) => databaseStatusLines(status, style),
    ...(isPending && { next: ['db', 'migrate'] }),
  })
}
