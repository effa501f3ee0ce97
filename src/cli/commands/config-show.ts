import type { App } from '../../app/app.ts'
import { configShowReport } from '../../report/commands/config-show.ts'
import type { Output } from '../output.ts'

export interface ConfigShowOptions {
  readonly origin?: boolean | undefined
}

/** Prints the effective configuration, secrets redacted: as YAML, or value by value with its origin. */
export async function configShow(
  { origin = false }: ConfigShowOptions,
  app: App,
  output: Output,
): Promise<number> {
  const config = await app.config()
  const effective = await config.effective()
  return output.finish(configShowReport, { effective, origin })
}
