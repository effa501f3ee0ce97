import { Type } from 'typebox'
import { databaseFields, databaseJson, noteLines, placeFacts } from '../database.ts'
import { closed } from '../leaves.ts'
import type { Report } from '../report.ts'
import { factLines } from '../terminal/blocks.ts'
import type { Style } from '../terminal/style.ts'
import type { DatabaseMigrationView } from '../views.ts'

const Document = Type.Object(
  {
    ...databaseFields,
    applied: Type.Array(Type.String(), { description: 'migrations applied by this command' }),
  },
  closed,
)

export const dbMigrateReport: Report<DatabaseMigrationView, typeof Document> = {
  id: 'crypto/db.migrate@1',
  schema: Document,
  json: (view) => ({ ...databaseJson(view), applied: [...view.applied] }),
  lines: migrationLines,
}

/** What was applied, and what the database does without. */
function migrationLines(view: DatabaseMigrationView, style: Style): string[] {
  const done =
    view.applied.length === 0
      ? 'nothing to do: every migration that the database can have is applied'
      : `applied ${view.applied.join(', ')}`
  return [
    ...factLines([...placeFacts(view), ['migrations', done]], style),
    ...noteLines(view, style),
  ]
}
