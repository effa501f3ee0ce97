import { stringify } from 'yaml'
import { effectiveConfigJson } from '../../report/json.ts'
import { originLines } from '../../report/terminal/config.ts'
import type { Output } from '../output.ts'
import type { Services } from '../services.ts'

export interface ConfigShowOptions {
  readonly origin?: boolean | undefined
}

/** Prints the effective configuration, secrets redacted: as YAML, or value by value with its origin. */
export async function configShow(
  { origin = false }: ConfigShowOptions,
  services: Services,
  output: Output,
): Promise<number> {
  const config = await services.config()
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
