import type { App } from '../../app/app.ts'
import type { CheckProgress } from '../../data/index.ts'
import { checkProgressLine, dataCheckReport } from '../../report/commands/data-check.ts'
import type { Output } from '../output.ts'
import { createProgressView } from '../progress-view.ts'

/** The data are bad: what another command would fail with if it read them. */
const BAD_DATA = 3

export interface DataCheckOptions {
  readonly exchange?: string | undefined
  readonly symbol?: readonly string[] | undefined
  readonly interval?: readonly string[] | undefined
  readonly strict?: boolean | undefined
}

/** Checks stored candles. Ends with 3 when something is wrong that would change results; with `--strict` for notes too. */
export async function dataCheck(
  { exchange, symbol, interval, strict = false }: DataCheckOptions,
  app: App,
  output: Output,
): Promise<number> {
  const data = await app.data()
  const progress = createProgressView<CheckProgress>(output, {
    panel: (latest, style) => latest.map((one) => checkProgressLine(one, style)),
    line: checkProgressLine,
  })
  const checked = await data
    .check({ exchange, symbols: symbol, intervals: interval, onProgress: progress.update })
    .finally(progress.end)
  const { checks, ledger, warnings } = checked
  const isUnseen = warnings.some(({ code }) => code === 'DATA_INACCESSIBLE')
  const isBad =
    isUnseen ||
    ledger.length > 0 ||
    checks.some(({ problems, notes }) => problems > 0 || (strict && notes > 0))
  return output.finish(dataCheckReport, checked, { exitCode: isBad ? BAD_DATA : 0 })
}
