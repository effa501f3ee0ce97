import { CANDLE_COLUMNS } from '../../core/candles.ts'
import type { ResultColumn } from '../result-table.ts'
import { writeTable } from '../results.ts'
import type { CandleStore, SeriesKey, TimeRange } from '../store.ts'

/** No candle is outside of these: what is imported lies between 1970 and 2100. */
const EVERYTHING: TimeRange = { fromMs: 0, toMs: 4_102_444_800_000 }

export interface ExportRequest extends SeriesKey {
  /** Open times in [fromMs, toMs), epoch ms; everything that is stored when absent. */
  readonly fromMs?: number | undefined
  readonly toMs?: number | undefined
  /** `.parquet`, `.arrow` or `.csv`; replaced when it exists. */
  readonly file: string
}

export interface ExportSummary extends SeriesKey, TimeRange {
  readonly file: string
  readonly rows: number
  /** Candles missing between the first and the last. */
  readonly holes: number
  /** The finer interval that the candles were built from, and how many were left out as incomplete. */
  readonly resampledFrom: string | null
  readonly isSparse: boolean
  readonly incomplete: number
  /** Content hash of the candles, as runs record it. */
  readonly hash: string
}

const COLUMNS: readonly ResultColumn[] = [
  { name: 'open_time', type: 'TIMESTAMP' },
  ...CANDLE_COLUMNS.map((name) => ({ name, type: 'DOUBLE' as const })),
]

/**
 * Writes the candles of a range to a file that an import reads back to the same candles. The range is held in memory.
 * @throws DataError as `CandleStore.readCandles`, PlatformError as `writeTable`
 */
export async function exportCandles(
  store: CandleStore,
  request: ExportRequest,
): Promise<ExportSummary> {
  const { exchange, symbol, interval, file } = request
  const key = { exchange, symbol, interval }
  const { fromMs = EVERYTHING.fromMs, toMs = EVERYTHING.toMs } = request
  const candles = await store.readCandles({ ...key, fromMs, toMs })
  const { openTime, intervalMs, resampledFrom, isSparse, incompleteCandles, hash } = candles
  const values = CANDLE_COLUMNS.map((name) => candles[name])
  const rows = await writeTable({ path: file, columns: COLUMNS, chunks: [[openTime, ...values]] })
  const first = openTime[0] as number
  const end = (openTime.at(-1) as number) + intervalMs
  return {
    ...key,
    file,
    rows,
    fromMs: first,
    toMs: end,
    holes: (end - first) / intervalMs - rows,
    resampledFrom,
    isSparse,
    incomplete: incompleteCandles,
    hash,
  }
}
