import type { App } from '../../app/app.ts'
import { configSchemaReport } from '../../report/commands/config-schema.ts'
import type { Output } from '../output.ts'

export interface ConfigSchemaOptions {
  readonly output?: string | undefined
}

/** Writes the JSON Schemas that editors use for completion and checks. */
export async function configSchema(
  options: ConfigSchemaOptions,
  app: App,
  output: Output,
): Promise<number> {
  const config = await app.config()
  const files = await config.writeSchemas(options.output)
  return output.finish(configSchemaReport, files)
}
