import { type Static, Type } from 'typebox'
import { closed } from './leaves.ts'
import { ProblemDocument, problemJson } from './problems.ts'
import type { AnyReport, SchemaId } from './report.ts'
import type { ConfigProblem, RunView, Warning } from './views.ts'

/** The document around every result, and the one in its place when a command failed. */

const Hash = Type.String({ description: 'sha256:<hex>' })

export const RunDocument = Type.Object(
  {
    engine: Type.String({ description: 'version of this program' }),
    ms: Type.Number({ minimum: 0, description: 'wall time of the command' }),
    id: Type.Optional(Type.String()),
    config: Type.Optional(Hash),
    data: Type.Optional(Hash),
    kernel: Type.Optional(Hash),
    seed: Type.Optional(Type.Integer()),
  },
  closed,
)

const WarningDocument = Type.Object({ code: Type.String(), message: Type.String() }, closed)

/** The whole document around the result of a report. */
export function envelopeSchema({ id, schema }: Pick<AnyReport, 'id' | 'schema'>) {
  return Type.Object(
    {
      schema: Type.Literal(id),
      ok: Type.Boolean({ description: 'true exactly when the exit code is 0' }),
      run: RunDocument,
      result: schema,
      warnings: Type.Array(WarningDocument),
    },
    closed,
  )
}

interface Envelope {
  readonly schema: SchemaId
  /** True exactly when the exit code is 0. */
  readonly ok: boolean
  readonly run: RunView
  readonly result: unknown
  readonly warnings: readonly Warning[]
}

/** Returns the one document of a command as text, with a newline at its end. */
export function envelopeText(envelope: Envelope): string {
  const run: Static<typeof RunDocument> = { ...envelope.run }
  const { schema, ok, result } = envelope
  const warnings = envelope.warnings.map(({ code, message }) => ({ code, message }))
  return `${JSON.stringify({ schema, ok, run, result, warnings })}\n`
}

export const ERROR_SCHEMA_ID = 'crypto/error@1'

export const ErrorDocument = Type.Object(
  {
    schema: Type.Literal(ERROR_SCHEMA_ID),
    ok: Type.Literal(false),
    error: Type.Object(
      {
        code: Type.String({ description: 'stable upper-case literal' }),
        message: Type.String(),
        exit_code: Type.Integer(),
        file: Type.Optional(Type.String()),
        line: Type.Optional(Type.Integer()),
        col: Type.Optional(Type.Integer()),
        hint: Type.Optional(Type.String({ description: 'what to write or do instead' })),
        crash_file: Type.Optional(Type.String({ description: 'only for a bug of ours' })),
        problems: Type.Optional(Type.Array(ProblemDocument)),
      },
      closed,
    ),
  },
  closed,
)

export interface ErrorView {
  readonly code: string
  readonly message: string
  readonly exitCode: number
  readonly file?: string | undefined
  readonly line?: number | undefined
  readonly col?: number | undefined
  readonly hint?: string | undefined
  readonly crashFile?: string | undefined
  readonly problems?: readonly ConfigProblem[] | undefined
}

/** Returns the document of a command that failed; fields without a value are left out. */
export function errorText(error: ErrorView): string {
  const optional = {
    file: error.file,
    line: error.line,
    col: error.col,
    hint: error.hint,
    crash_file: error.crashFile,
    problems: error.problems?.map(problemJson),
  }
  const known = Object.fromEntries(Object.entries(optional).filter(([, v]) => v !== undefined))
  const document: Static<typeof ErrorDocument> = {
    schema: ERROR_SCHEMA_ID,
    ok: false,
    error: { code: error.code, message: error.message, exit_code: error.exitCode, ...known },
  }
  return `${JSON.stringify(document)}\n`
}
