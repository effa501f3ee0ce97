import type { App } from '../../app/app.ts'
import type { SweepOutcome, SweepTask } from '../../app/backtest/sweeps.ts'
import type { BacktestUseCases } from '../../app/backtest/use-cases.ts'
import type { SweepProgress } from '../../backtesting/results.ts'
import { ConfigError, PlatformError } from '../../core/errors.ts'
import type { MetricName } from '../../core/metrics.ts'
import {
  backtestSweepReport,
  backtestSweepsReport,
  estimateLines,
  panelLines,
  plainProgressLine,
  winnerCommand,
} from '../../report/commands/backtest-sweep.ts'
import type { Output } from '../output.ts'
import { createProgressView } from '../progress-view.ts'

export interface BacktestSweepOptions {
  readonly name?: string | undefined
  readonly workers?: number | undefined
  readonly top?: number | undefined
  readonly objective?: MetricName | undefined
  readonly output?: string | undefined
}

/** Runs one sweep, or all configured ones in turn. The first Ctrl-C ends with what is done so far. */
export async function backtestSweep(
  options: BacktestSweepOptions,
  app: App,
  output: Output,
): Promise<number> {
  const backtests = await app.backtests()
  if (options.name === undefined) return allSweeps(options, backtests, output)
  const { result, run } = await oneSweep(options.name, options, backtests, output)
  return output.finish(backtestSweepReport, result, { run, next: winnerCommand(result) })
}

async function allSweeps(
  options: BacktestSweepOptions,
  backtests: BacktestUseCases,
  output: Output,
): Promise<number> {
  const names = await backtests.sweepNames()
  if (names.length === 0) {
    throw new ConfigError(
      'NO_SWEEPS',
      `${output.options.configDir}/sweeps.yaml has no sweep. Add one under 'sweeps:'.`,
    )
  }
  await backtests.checkSweeps(names.map((name) => taskOf(name, options)))
  const outcomes: SweepOutcome[] = []
  for (const name of names) {
    const outcome = await oneSweep(name, options, backtests, output).catch((error: unknown) => {
      // Stopped before its first row: what the sweeps before it found is the result.
      if (outcomes.length === 0 || !isInterruption(error)) throw error
    })
    if (outcome !== undefined) outcomes.push(outcome)
    if (outcome?.result.interrupted !== false) break
  }
  return output.finish(backtestSweepsReport, {
    results: outcomes.map(({ result }) => result),
    missing: names.slice(outcomes.length),
    sharedWords: output.options.quiet ? undefined : output.sharedWords(),
  })
}

function isInterruption(error: unknown): boolean {
  return error instanceof PlatformError && error.code === 'INTERRUPTED'
}

function taskOf(
  sweep: string,
  { workers, top, objective, output: outputDir }: BacktestSweepOptions,
): SweepTask {
  return { sweep, workers, top, objective, outputDir }
}

async function oneSweep(
  name: string,
  options: BacktestSweepOptions,
  backtests: BacktestUseCases,
  output: Output,
): Promise<SweepOutcome> {
  const progress = createProgressView<SweepProgress>(output, {
    panel: ([latest], style) => (latest === undefined ? [] : panelLines(latest, style)),
    line: plainProgressLine,
  })
  try {
    return await backtests.sweep({
      ...taskOf(name, options),
      onEstimate: (estimate) => void output.note(...estimateLines(estimate, output.messageStyle)),
      onProgress: progress.update,
    })
  } finally {
    progress.end()
  }
}
