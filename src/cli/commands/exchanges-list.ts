import { exchangesJson } from '../../report/json.ts'
import { exchangeListLines } from '../../report/terminal/catalog.ts'
import type { Output } from '../output.ts'
import type { Services } from '../services.ts'

/** Lists the configured exchanges, and whether their credentials are there. */
export async function exchangesList(
  _options: object,
  services: Services,
  output: Output,
): Promise<number> {
  const config = await services.config()
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
