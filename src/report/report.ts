import type { Static, TSchema } from 'typebox'
import type { Style } from './terminal/style.ts'
import type { Warning } from './views.ts'

/** `crypto/data.import@1`: a new number for a field that changes its name or meaning. */
export type SchemaId = `crypto/${string}@${number}`

/**
 * How the result of a command is told: as one document for programs, as lines for people. Field names of the document are a
 * contract: scripts rely on them, so a field may be added, and a change of meaning needs a new number after the `@`.
 */
export interface Report<Result, Schema extends TSchema = TSchema> {
  readonly id: SchemaId
  /** Of the field `result` of the document. */
  readonly schema: Schema
  readonly json: (result: Result) => Static<Schema>
  readonly lines: (result: Result, style: Style) => readonly string[]
  /** Those of the document; the lines show theirs themselves. */
  readonly warnings?: (result: Result) => readonly Warning[]
}

/** A report whatever its result is. */
export type AnyReport = Report<never>
