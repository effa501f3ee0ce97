import { normalize } from 'node:path'
import type { App } from '../../app/app.ts'
import type { RunRequest } from '../../app/backtest/run-backtests.ts'
import type { ParamValues } from '../../backtesting/results.ts'
import { ConfigError } from '../../core/errors.ts'
import { backtestRunReport } from '../../report/commands/backtest-run.ts'
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
  const outcome = await backtests.run(request)
  return output.finish(backtestRunReport, outcome, {
    run: outcome.run,
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
