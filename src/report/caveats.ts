import type { BacktestRow } from '../backtesting/results.ts'
import { DAY_MS } from '../core/units.ts'
import { percent, plural } from './terminal/format.ts'
import type { Warning } from './views.ts'

/** What a reader of backtests and sweeps has to know of the sample before believing the figures. */

/** Fewer round trips than this say little about a strategy. */
const FEW_TRADES = 30
/** Annualised figures of fewer days than this are mostly noise. */
const SHORT_SAMPLE_DAYS = 180

type Judged = Pick<BacktestRow, 'bars' | 'holes' | 'firstMs' | 'endMs'>

export function fewTrades(trades: number | null, lead = ''): Warning[] {
  if (trades === null || trades >= FEW_TRADES) return []
  return [
    {
      code: 'FEW_TRADES',
      message: `${lead}${plural(trades, 'trade')}: fewer than ${FEW_TRADES} say little about a strategy`,
    },
  ]
}

export function shortSample(row: Judged): Warning[] {
  const days = Math.floor((row.endMs - row.firstMs) / DAY_MS)
  if (days >= SHORT_SAMPLE_DAYS) return []
  return [
    {
      code: 'SHORT_SAMPLE',
      message: `short sample of ${plural(days, 'day')}: annualised figures are mostly noise`,
    },
  ]
}

export function holes(row: Judged): Warning[] {
  if (row.holes === 0) return []
  const share = percent(row.holes / (row.bars + row.holes), 2)
  return [
    {
      code: 'HOLES',
      message: `${plural(row.holes, 'candle')} missing in the period (${share}); none was invented`,
    },
  ]
}
