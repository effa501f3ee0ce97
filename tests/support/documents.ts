import { envelopeSchema } from '../../src/report/envelope.ts'
import { loadReports } from '../../src/report/load-reports.ts'
import type { SchemaId } from '../../src/report/report.ts'

const SCHEMAS = new Map((await loadReports()).map((report) => [report.id, envelopeSchema(report)]))

/** Returns the published schema of a whole document. @throws Error when no report has the id */
export function documentSchema(id: SchemaId) {
  const schema = SCHEMAS.get(id)
  if (schema === undefined) throw new Error(`No report is called ${id}.`)
  return schema
}
