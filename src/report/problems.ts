import { Type } from 'typebox'
import { closed, Nullable } from './leaves.ts'
import type { ConfigProblem } from './views.ts'

/** Problems of the configuration in documents. */

export const ProblemDocument = Type.Object(
  {
    severity: Type.Enum(['error', 'warning']),
    code: Type.String(),
    message: Type.String(),
    file: Type.String(),
    line: Nullable(Type.Integer({ minimum: 1 })),
    col: Nullable(Type.Integer({ minimum: 1 })),
    hint: Nullable(Type.String({ description: 'what to do about it' })),
  },
  closed,
)

export function problemJson(problem: ConfigProblem) {
  return {
    severity: problem.severity === 'warn' ? ('warning' as const) : problem.severity,
    code: problem.code,
    message: problem.message,
    file: problem.file,
    line: problem.line ?? null,
    col: problem.col ?? null,
    hint: problem.hint ?? null,
  }
}
