import { normalize } from 'node:path'
import type { App } from '../../app/app.ts'
import type { RunRequest } from '../../app/backtest/run-backtests.ts'
import type { ParamValues } from '../../backtesting/results.ts'
import { ConfigError } from '../../core/errors.ts'
import { backtestRunJson } from '../../report/json.ts'
import { backtestLines, titleLines } from '../../report/terminal/backtest-run.ts'
import { factLines, warningLines } from '../../report/terminal/blocks.ts'
import type { Warning } from '../../report/views.ts'
import { warningsOfRows } from '../../report/warnings.ts'
import type { Output } from '../output.ts'

export interface BacktestRunOptions {
  readonly name?: string | undefined
  readonly trades?: string | undefined
  readonly equity?: string | undefined
  readonly sweep?: string | undefined
  readonly set?: ParamValues | undefined
}

/** Runs a configured backtest, all of them, or one point of a sweep. */
export async function backtestRun(
  options: BacktestRunOptions,
  app: App,
  output: Output,
): Promise<number> {
  const request = requestOf(options)
  const backtests = await app.backtests()
  const { titles, rows, files, notes, warnings, run } = await backtests.run(request)
  const special = [...warnings, ...notes.map(periodWarning)]
  return output.finish({
    schema: 'crypto/backtest.run@1',
    json: () => backtestRunJson(rows, files),
    lines: (style) => [
      ...titleLines(titles, style),
      ...backtestLines(rows, style),
      ...warningLines(special, style),
      ...factLines(files, style),
    ],
    warnings: [...special, ...warningsOfRows(rows)],
    run,
    ...(options.sweep === undefined && { next: ['backtest', 'sweep'] }),
  })
}

/** @throws ConfigError when the options contradict each other */
function requestOf(options: BacktestRunOptions): RunRequest {
  const { name, sweep, set, trades, equity } = options
  if (sweep !== undefined && name !== undefined) {
    throw new ConfigError(
      'USAGE_CONFLICT',
      `NAME and --sweep exclude each other: '${name}' is a backtest, '${sweep}' a sweep. Give one of them.`,
    )
  }
  if (set !== undefined && sweep === undefined) {
    throw new ConfigError(
      'USAGE_CONFLICT',
      '--set re-runs one point of a sweep. Add --sweep NAME, or change params in strategies.yaml.',
    )
  }
  if (trades !== undefined && equity !== undefined && normalize(trades) === normalize(equity)) {
    throw new ConfigError(
      'USAGE_CONFLICT',
      `--trades and --equity both name ${trades}: one would replace the other. Give each a file of its own.`,
    )
  }
  return {
    backtest: name,
    point: sweep === undefined ? undefined : { sweep, params: set ?? {} },
    tradesFile: trades,
    equityFile: equity,
  }
}

function periodWarning(message: string): Warning {
  return { code: 'PERIOD', message }
}
