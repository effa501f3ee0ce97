import type { App } from '../../app/app.ts'
import { configValidateReport } from '../../report/commands/config-validate.ts'
import type { Output } from '../output.ts'

const INVALID = 2

/** Checks every configuration file and shows all problems at once. Warnings alone do not fail. */
export async function configValidate(_options: object, app: App, output: Output): Promise<number> {
  const config = await app.config()
  const report = await config.validate()
  const isInvalid = report.problems.some((problem) => problem.severity === 'error')
  return output.finish(configValidateReport, report, { exitCode: isInvalid ? INVALID : 0 })
}
