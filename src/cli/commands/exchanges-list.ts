import type { App } from '../../app/app.ts'
import { exchangesJson } from '../../report/json.ts'
import { exchangeListLines } from '../../report/terminal/catalog.ts'
import type { Output } from '../output.ts'

/** Lists the configured exchanges, and whether their credentials are there. */
export async function exchangesList(_options: object, app: App, output: Output): Promise<number> {
  const config = await app.config()
  const exchanges = await config.exchanges()
  return output.finish({
    schema: 'crypto/exchanges.list@1',
    json: () => exchangesJson(exchanges),
    lines: (style) =>
      exchanges.length === 0
        ? [`no exchange is configured in ${output.options.configDir}/exchanges.yaml`]
        : exchangeListLines(exchanges, style),
  })
}
