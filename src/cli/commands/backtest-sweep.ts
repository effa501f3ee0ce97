import type { SweepProgress } from '../../backtesting/results.ts'
import { integerBetween, parseFolder, parseMetric } from '../arguments.ts'
import { defineCommand } from '../command.ts'
import { marketOptions } from '../market-options.ts'

const WORKERS_MAX = 256
const TOP_MAX = 10_000

/** The first Ctrl-C ends with what is done so far. */
export default defineCommand({
  name: 'backtest sweep',
  summary:
    'run a strategy over a grid of parameters and rank the results; without a name, list the sweeps',
  examples: [
    'backtest sweep btc_sma_grid',
    'backtest sweep btc_sma_grid --objective calmar --top 20 --json',
  ],
  arguments: (command) =>
    marketOptions(command.argument('[name]', 'sweep of sweeps.yaml'))
      .option(
        '--workers <count>',
        'workers, 0: one per core (default: as configured)',
        integerBetween(0, WORKERS_MAX),
      )
      .option('--top <count>', 'rows of the ranking', integerBetween(1, TOP_MAX))
      .option('--objective <metric>', 'metric to rank by', parseMetric)
      .option('--output <dir>', 'folder of the rows file and its manifest', parseFolder),
  async run({ args: [sweep], options }, { app, output }) {
    const { exchange } = options
    const others = exchange === undefined ? [] : [`exchanges.${exchange}`]
    const uses = sweep === undefined ? undefined : [`sweeps.${sweep}`, ...others]
    const backtests = await app.backtests(uses)
    if (sweep === undefined) {
      const { sweepListReport } = await import('../../report/commands/configured.ts')
      const entries = await backtests.listSweeps()
      const [first] = entries
      const file = `${output.options.configDir}/sweeps.yaml`
      return output.finish(
        sweepListReport,
        { entries, file },
        { next: first === undefined ? [] : ['backtest', 'sweep', first.name] },
      )
    }
    const report = await import('../../report/commands/backtest-sweep.ts')
    const { createProgressView } = await import('../progress-view.ts')
    const progress = createProgressView<SweepProgress>(output, {
      panel: ([latest], style) => (latest === undefined ? [] : report.panelLines(latest, style)),
      line: report.plainProgressLine,
    })
    const { symbol: symbols, interval, from: fromMs, to: toMs } = options
    const { workers, top, objective, output: outputDir } = options
    const { result, otherData, run } = await backtests
      .sweep({
        ...{ sweep, workers, top, objective, outputDir },
        market: { exchange, symbols, interval, fromMs, toMs },
        onEstimate: (estimate) =>
          void output.note(...report.estimateLines(estimate, output.messageStyle)),
        onProgress: progress.update,
      })
      .finally(progress.end)
    return output.finish(report.backtestSweepReport, result, {
      run,
      next: report.winnerCommand(result),
      otherData: report.otherDataCommand(result, otherData),
    })
  },
})
