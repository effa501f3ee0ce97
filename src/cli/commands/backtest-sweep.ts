import type { App } from '../../app/app.ts'
import type { SweepOutcome, SweepTask } from '../../app/backtest/sweeps.ts'
import type { BacktestUseCases } from '../../app/backtest/use-cases.ts'
import type { SweepProgress } from '../../backtesting/results.ts'
import { ConfigError, PlatformError } from '../../core/errors.ts'
import type { MetricName } from '../../core/metrics.ts'
import { sweepJson } from '../../report/json.ts'
import { warningLines } from '../../report/terminal/blocks.ts'
import type { Style } from '../../report/terminal/style.ts'
import {
  estimateLines,
  panelLines,
  plainProgressLine,
  sweepLines,
  winnerCommandLines,
} from '../../report/terminal/sweep.ts'
import type { Warning } from '../../report/views.ts'
import { warningsOfSweep } from '../../report/warnings.ts'
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
  return output.finish({
    schema: 'crypto/backtest.sweep@1',
    json: () => sweepJson(result),
    lines: (style) => resultLines({ result, run }, style, output),
    warnings: warningsOfSweep(result),
    run,
  })
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
  const missing = missingSweeps(names, outcomes)
  return output.finish({
    schema: 'crypto/backtest.sweeps@1',
    json: () => ({ sweeps: outcomes.map(({ result }) => sweepJson(result)) }),
    lines: (style) => [
      ...outcomes.flatMap((outcome, i) => [
        ...(i === 0 ? [] : ['']),
        ...resultLines(outcome, style, output),
      ]),
      ...warningLines(missing, style),
    ],
    warnings: [...missing, ...outcomes.flatMap(namedWarnings)],
  })
}

function isInterruption(error: unknown): boolean {
  return error instanceof PlatformError && error.code === 'INTERRUPTED'
}

/** Says which sweeps an interruption left out altogether. */
function missingSweeps(
  names: readonly string[],
  outcomes: readonly SweepOutcome[],
): readonly Warning[] {
  const missing = names.slice(outcomes.length)
  if (missing.length === 0) return []
  return [{ code: 'INTERRUPTED', message: `interrupted: ${missing.join(', ')} did not run` }]
}

function namedWarnings({ result }: SweepOutcome): readonly Warning[] {
  return warningsOfSweep(result).map(({ code, message }) => ({
    code,
    message: `${result.sweep}: ${message}`,
  }))
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

function resultLines({ result }: SweepOutcome, style: Style, output: Output): string[] {
  const hints = output.options.quiet ? [] : winnerCommandLines(result, style, output.sharedWords())
  return [...sweepLines(result, style), ...hints]
}
