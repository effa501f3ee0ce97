import type { MarketInput, TradeColumns } from '../../kernel/types.ts'
import type { TableCells, TableColumn } from '../tables.ts'
import { fillTimeMs } from '../times.ts'

/** The columns of a trades file. Times are the instants of the fills; money in quote, size in base. */
export const TRADE_COLUMNS: readonly TableColumn[] = [
  { name: 'symbol', type: 'VARCHAR' },
  { name: 'side', type: 'VARCHAR' },
  { name: 'entry_time', type: 'TIMESTAMP' },
  { name: 'entry_price', type: 'DOUBLE' },
  { name: 'exit_time', type: 'TIMESTAMP' },
  { name: 'exit_price', type: 'DOUBLE' },
  { name: 'size', type: 'DOUBLE' },
  { name: 'pnl', type: 'DOUBLE' },
  { name: 'return', type: 'DOUBLE' },
  { name: 'fees', type: 'DOUBLE' },
  { name: 'exit_reason', type: 'VARCHAR' },
]

const CHUNK_ROWS = 8_192

/** Yields the trades of one run; a position open at the end has an empty exit and reason `end`. */
export function* tradeChunks(
  market: MarketInput,
  trades: TradeColumns,
): Generator<readonly TableCells[]> {
  for (let first = 0; first < trades.count; first += CHUNK_ROWS) {
    const end = Math.min(first + CHUNK_ROWS, trades.count)
    yield tradeCells(market, trades, first, end)
  }
}

function tradeCells(
  market: MarketInput,
  trades: TradeColumns,
  first: number,
  end: number,
): readonly TableCells[] {
  const count = end - first
  const timesOf = (bars: Int32Array) =>
    Float64Array.from(bars.subarray(first, end), (bar) => fillTimeMs(market, bar))
  const exitBars = trades.exitBar.subarray(first, end)
  return [
    new Array<string>(count).fill(market.candles.symbol),
    new Array<string>(count).fill('long'),
    timesOf(trades.entryBar),
    trades.entryPrice.subarray(first, end),
    timesOf(trades.exitBar),
    trades.exitPrice.subarray(first, end),
    trades.size.subarray(first, end),
    trades.pnl.subarray(first, end),
    trades.return.subarray(first, end),
    trades.fees.subarray(first, end),
    Array.from(exitBars, (bar) => (bar < 0 ? 'end' : 'signal')),
  ]
}
