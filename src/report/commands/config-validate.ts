import { Type } from 'typebox'
import { Count, closed } from '../leaves.ts'
import { ProblemDocument, problemJson } from '../problems.ts'
import type { Report } from '../report.ts'
import { warningLines } from '../terminal/blocks.ts'
import { plural } from '../terminal/format.ts'
import { problemLines, problemTotals } from '../terminal/problems.ts'
import { type Style, wrap } from '../terminal/style.ts'
import type { ConfigReport } from '../views.ts'

const Document = Type.Object(
  {
    files: Type.Array(Type.String()),
    errors: Count('problems that make the configuration invalid'),
    warnings: Count('problems that do not'),
    counts: Type.Record(Type.String(), Type.Integer(), { description: 'entries by kind' }),
    problems: Type.Array(ProblemDocument),
  },
  closed,
)

export const configValidateReport: Report<ConfigReport, typeof Document> = {
  id: 'crypto/config.validate@1',
  schema: Document,
  json: ({ files, counts, problems }) => {
    const errors = problems.filter(({ severity }) => severity === 'error').length
    return {
      files: [...files],
      errors,
      warnings: problems.length - errors,
      counts: { ...counts },
      problems: problems.map(problemJson),
    }
  },
  lines: (report, style) => [
    ...verdictLines(report, style),
    ...warningLines(report.warnings ?? [], style),
  ],
  warnings: ({ warnings = [] }) => warnings,
}

/** Problems and totals, or what was found to be right. */
function verdictLines(report: ConfigReport, style: Style): string[] {
  const totals = `${problemTotals(report.problems)} in ${plural(report.files.length, 'file')}`
  if (report.problems.length > 0) return [...problemLines(report.problems, style), totals]
  const counts = Object.entries(report.counts).map(
    ([kind, size]) => `${size} ${size === 1 ? singular(kind) : kind}`,
  )
  const found = `ok  ${plural(report.files.length, 'file')}: ${counts.join(', ') || 'nothing configured'}`
  return [...wrap(found, style.width, '    ')]
}

function singular(kind: string): string {
  return kind.replace(/ies$/, 'y').replace(/s$/, '')
}
