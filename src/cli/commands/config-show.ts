import { stringify } from 'yaml'
import type { App } from '../../app/app.ts'
import { effectiveConfigJson } from '../../report/json.ts'
import { originLines } from '../../report/terminal/config.ts'
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
  return output.finish({
    schema: 'crypto/config.show@1',
    json: () => effectiveConfigJson(effective, origin),
    lines: (style) =>
      origin
        ? originLines(effective, style)
        : stringify(effective.document, { lineWidth: style.width }).trimEnd().split('\n'),
  })
}
