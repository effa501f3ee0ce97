import { parseFolder } from '../arguments.ts'
import { defineCommand } from '../command.ts'

export default defineCommand({
  name: 'config schema',
  summary: 'write the JSON Schemas that editors use for completion',
  examples: ['config schema', 'config schema --output .vscode/schemas'],
  arguments: (command) =>
    command.option(
      '--output <dir>',
      'folder to write to (default: where the shipped files look)',
      parseFolder,
    ),
  async run({ options }, { app, output }) {
    const { configSchemaReport } = await import('../../report/commands/config-schema.ts')
    const files = await (await app.config()).writeSchemas(options.output)
    return output.finish(configSchemaReport, files)
  },
})
