import type { Output } from '../output.ts'
import type { Services } from '../services.ts'

export interface ConfigSchemaOptions {
  readonly output?: string | undefined
}

/** Writes the JSON Schemas that editors use for completion and checks. */
export async function configSchema(
  options: ConfigSchemaOptions,
  services: Services,
  output: Output,
): Promise<number> {
  const config = await services.config()
  const files = await config.writeSchemas(options.output)
  return output.finish({
    schema: 'crypto/config.schema@1',
    json: () => ({ files: [...files] }),
    lines: () => files,
  })
}
