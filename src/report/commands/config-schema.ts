import { Type } from 'typebox'
import { closed } from '../leaves.ts'
import type { Report } from '../report.ts'

const Document = Type.Object({ files: Type.Array(Type.String()) }, closed)

/** The files written. */
export const configSchemaReport: Report<readonly string[], typeof Document> = {
  id: 'crypto/config.schema@1',
  schema: Document,
  json: (files) => ({ files: [...files] }),
  lines: (files) => files,
}
