import type { App } from '../../app/app.ts'
import { exchangesListReport } from '../../report/commands/exchanges-list.ts'
import type { Output } from '../output.ts'

/** Lists the configured exchanges, and whether their credentials are there. */
export async function exchangesList(_options: object, app: App, output: Output): Promise<number> {
  const config = await app.config()
  const exchanges = await config.exchanges()
  return output.finish(exchangesListReport, {
    exchanges,
    configDir: output.options.configDir,
  })
}
