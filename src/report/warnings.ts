import type { BacktestRow, SweepResult } from '../backtesting/results.ts'
import { DAY_MS } from '../core/units.ts'
import { count, percent, plural } from './terminal/format.ts'
import type { Warning } from './views.ts'

/** Fewer round trips than this say little about a strategy. */
export const FEW_TRADES = 30
/** Annualised figures of fewer days than this are mostly noise. */
export const SHORT_SAMPLE_DAYS = 180

type Judged = Pick<BacktestRow, 'bars' | 'holes' | 'firstMs' | 'endMs'>

/** Returns what a reader of one backtest has to know before believing its figures. */
export function warningsOfRow(row: BacktestRow): Warning[] {
  return [
    ...fewTrades(row.metrics.trades),
    ...shortSample(row),
    ...openAtEnd(row),
    ...holes(row),
    ...notComputable(row),
  ]
}

/** Returns the warnings of several rows, each naming its row when there is more than one. */
export function warningsOfRows(rows: readonly BacktestRow[]): Warning[] {
  if (rows.length === 1) return warningsOfRow(rows[0] as BacktestRow)
  return rows.flatMap((row) =>
    warningsOfRow(row).map(({ code, message }) => ({
      code,
      message: `${row.strategy} ${row.symbol} ${row.interval}: ${message}`,
    })),
  )
}

export function warningsOfSweep(result: SweepResult): Warning[] {
  return [
    ...interruption(result),
    ...texts('TILE_RETRIED', result.warnings),
    ...texts('PARAM_UNUSED', result.unused),
    ...texts('PERIOD', result.notes),
    ...nothingEligible(result),
    ...withoutObjective(result),
    ...undecided(result),
    ...fewTrades(result.top[0]?.metrics.trades ?? null, 'the winner made '),
    ...shortSample(result),
    ...holes(result),
    ...bestOfMany(result),
  ]
}

function texts(code: string, messages: readonly string[] = []): Warning[] {
  return messages.map((message) => ({ code, message }))
}

function fewTrades(trades: number | null, lead = ''): Warning[] {
  if (trades === null || trades >= FEW_TRADES) return []
  return [
    {
      code: 'FEW_TRADES',
      message: `${lead}${plural(trades, 'trade')}: fewer than ${FEW_TRADES} say little about a strategy`,
    },
  ]
}

function shortSample(row: Judged): Warning[] {
  const days = Math.floor((row.endMs - row.firstMs) / DAY_MS)
  if (days >= SHORT_SAMPLE_DAYS) return []
  return [
    {
      code: 'SHORT_SAMPLE',
      message: `short sample of ${plural(days, 'day')}: annualised figures are mostly noise`,
    },
  ]
}

function openAtEnd(row: BacktestRow): Warning[] {
  if (!row.openPosition) return []
  const message = 'a position is open at the end, valued at the last close without an exit fee'
  return [{ code: 'OPEN_AT_END', message }]
}

function holes(row: Judged): Warning[] {
  if (row.holes === 0) return []
  const share = percent(row.holes / (row.bars + row.holes), 2)
  return [
    {
      code: 'HOLES',
      message: `${plural(row.holes, 'candle')} missing in the period (${share}); none was invented`,
    },
  ]
}

function notComputable(row: BacktestRow): Warning[] {
  const names = Object.entries(row.metrics).flatMap(([name, value]) =>
    value === null ? [name] : [],
  )
  if (names.length === 0) return []
  const message = `the sample does not carry ${names.join(', ')}`
  return [{ code: 'NOT_COMPUTABLE', message }]
}

function interruption(result: SweepResult): Warning[] {
  if (!result.interrupted) return []
  const message = `interrupted: ${count(result.completed)} of ${count(result.combinations)} combinations done; the ranking covers those only`
  return [{ code: 'INTERRUPTED', message }]
}

function nothingEligible(result: SweepResult): Warning[] {
  if (result.eligible > 0) return []
  const rule =
    result.constraints.length === 0
      ? 'has a value'
      : `satisfies ${result.constraints.join(' and ')}`
  return [
    {
      code: 'NOTHING_ELIGIBLE',
      message: `no combination ${rule}: there is nothing to rank. The rows file holds all rows; relax the constraints to rank them`,
    },
  ]
}

function withoutObjective({ objective, withoutObjective: rows }: SweepResult): Warning[] {
  if (rows === 0) return []
  const message = `${plural(rows, 'combination')} ${rows === 1 ? 'has' : 'have'} no ${objective} (not computable) and ${rows === 1 ? 'ranks' : 'rank'} last`
  return [{ code: 'NO_OBJECTIVE', message }]
}

function undecided(result: SweepResult): Warning[] {
  return result.undecided.map(({ constraint, rows }) => ({
    code: 'CONSTRAINT_UNDECIDED',
    message: `${plural(rows, 'combination')} cannot be judged by '${constraint}': a metric in it is not computable, and a comparison without a value is false`,
  }))
}

function bestOfMany(result: SweepResult): Warning[] {
  if (result.eligible < 2) return []
  const message = `the best of ${count(result.completed)} tries on the same bars flatters itself: check it on other data`
  return [{ code: 'BEST_OF_MANY', message }]
}
