import type { App } from '../../app/app.ts'
import { configReportJson } from '../../report/json.ts'
import { warningLines } from '../../report/terminal/blocks.ts'
import { configReportLines } from '../../report/terminal/config.ts'
import type { Output } from '../output.ts'

const INVALID = 2

/** Checks every configuration file and shows all problems at once. Warnings alone do not fail. */
export async function configValidate(_options: object, app: App, output: Output): Promise<number> {
  const config = await app.config()
  const report = await config.validate()
  const isInvalid = report.problems.some((problem) => problem.severity === 'error')
  return output.finish({
    schema: 'crypto/config.validate@1',
    json: () => configReportJson(report),
    lines: (style) => [
      ...configReportLines(report, style),
      ...warningLines(report.warnings ?? [], style),
    ],
    warnings: report.warnings ?? [],
    exitCode: isInvalid ? INVALID : 0,
  })
}
