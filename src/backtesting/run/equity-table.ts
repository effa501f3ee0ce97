import type { MarketInput, RunTrace } from '../../kernel/types.ts'
import type { TableCells, TableColumn } from '../tables.ts'

/** The columns of an equity file. `time` is the close of the bar, at which its equity was known. */
export const EQUITY_COLUMNS: readonly TableColumn[] = [
  { name: 'time', type: 'TIMESTAMP' },
  { name: 'equity', type: 'DOUBLE' },
  { name: 'drawdown', type: 'DOUBLE' },
  { name: 'exposure', type: 'DOUBLE' },
]

const CHUNK_ROWS = 65_536

/** Yields one row per judged bar. */
export function* equityChunks(
  market: MarketInput,
  trace: RunTrace,
): Generator<readonly TableCells[]> {
  const { candles, window } = market
  for (let first = 0; first < trace.equity.length; first += CHUNK_ROWS) {
    const end = Math.min(first + CHUNK_ROWS, trace.equity.length)
    const opens = candles.openTime.subarray(window.first + first, window.first + end)
    yield [
      Float64Array.from(opens, (openMs) => openMs + candles.intervalMs),
      trace.equity.subarray(first, end),
      trace.drawdown.subarray(first, end),
      trace.exposure.subarray(first, end),
    ]
  }
}
