import type { MarketInput, TradeColumns } from '../../kernel/types.ts'
import type { TableChunk, TableColumn } from '../tables.ts'
import { fillTimeMs } from '../times.ts'

/** The columns of a trades file. Times are the instants of the fills; money in quote, size in base. */
export const TRADE_COLUMNS: readonly TableColumn[] = [
  { name: 'symbol', kind: 'text' },
  { name: 'side', kind: 'text' },
  { name: 'entry_time', kind: 'instant' },
  { name: 'entry_price', kind: 'double' },
  { name: 'exit_time', kind: 'instant' },
  { name: 'exit_price', kind: 'double' },
  { name: 'size', kind: 'double' },
  { name: 'pnl', kind: 'double' },
  { name: 'return', kind: 'double' },
  { name: 'fees', kind: 'double' },
  { name: 'exit_reason', kind: 'text' },
]

const CHUNK_ROWS = 8_192

/** Yields the trades of one run; a position open at the end has an empty exit and reason `end`. */
export function* tradeChunks(market: MarketInput, trades: TradeColumns): Generator<TableChunk> {
  for (let first = 0; first < trades.count; first += CHUNK_ROWS) {
    const end = Math.min(first + CHUNK_ROWS, trades.count)
    yield { count: end - first, values: tradeValues(market, trades, first, end) }
  }
}

function tradeValues(
  market: MarketInput,
  trades: TradeColumns,
  first: number,
  end: number,
): TableChunk['values'] {
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
