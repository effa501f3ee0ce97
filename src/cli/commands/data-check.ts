import type { CheckProgress } from '../../data/index.ts'
import { parseIntervals, parseNames } from '../arguments.ts'
import { defineCommand } from '../command.ts'

/** The data are bad: what another command would fail with if it read them. */
const BAD_DATA = 3

export default defineCommand({
  name: 'data check',
  summary: 'look for everything that is wrong with the stored candles',
  examples: ['data check', 'data check --symbol BTCUSDT ETHUSDT --strict'],
  arguments: (command) =>
    command
      .option('--exchange <name>', 'only series of this exchange')
      .option('--symbol <symbols...>', 'only these, such as BTCUSDT or BTCUSDT,ETHUSDT', parseNames)
      .option('--interval <intervals...>', 'only these intervals, such as 1m or 1h', parseIntervals)
      .option('--strict', 'end with 3 for notes as well: gaps, no volume, stale prices, spikes'),
  async run({ options: { exchange, symbol, interval, strict = false } }, { app, output }) {
    const { checkProgressLine, dataCheckReport } = await import(
      '../../report/commands/data-check.ts'
    )
    const { createProgressView } = await import('../progress-view.ts')
    const progress = createProgressView<CheckProgress>(output, {
      panel: (latest, style) => latest.map((one) => checkProgressLine(one, style)),
      line: checkProgressLine,
    })
    const data = await app.data()
    const outcome = await data
      .check({ exchange, symbols: symbol, intervals: interval, onProgress: progress.update })
      .finally(progress.end)
    const { checks, ledger, warnings } = outcome
    const isBad =
      warnings.some(({ code }) => code === 'DATA_INACCESSIBLE') ||
      ledger.length > 0 ||
      checks.some(({ problems, notes }) => problems > 0 || (strict && notes > 0))
    return output.finish(dataCheckReport, outcome, { exitCode: isBad ? BAD_DATA : 0 })
  },
})
