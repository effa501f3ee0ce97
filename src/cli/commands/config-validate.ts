import { defineCommand } from '../command.ts'

const INVALID = 2

export default defineCommand({
  name: 'config validate',
  summary: 'check every file; all problems at once with place and suggestion',
  examples: ['config validate', 'config validate --config-dir my-config --json'],
  /** Warnings alone do not fail. */
  async run(_given, { app, output }) {
    const { configValidateReport } = await import('../../report/commands/config-validate.ts')
    const report = await (await app.config()).validate()
    const isInvalid = report.problems.some((problem) => problem.severity === 'error')
    return output.finish(configValidateReport, report, { exitCode: isInvalid ? INVALID : 0 })
  },
})
