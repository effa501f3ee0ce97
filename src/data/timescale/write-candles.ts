import type { CandleColumns } from '../../core/candles.ts'
import { columnsOf, vectorsOf } from '../columns.ts'
import type { WriteCounts } from '../repository.ts'
import { copyIn, copyOut } from './copy.ts'
import type { Session } from './session.ts'

/** What a write did. */
export interface Written {
  readonly counts: WriteCounts
  /** Open times of the candles that were added or replaced, sorted. */
  readonly changed: Float64Array
}

/**
 * Stores sorted candles inside a transaction; equal ones are not written again.
 *
 * The stored ones are read and compared here: where there are none, as in nearly every write, the candles can be copied straight
 * into the table, twice as fast as through a temporary one. A candle that somebody else adds meanwhile breaks the key, and the
 * transaction has to be repeated.
 */
export async function writeCandles(
  session: Session,
  seriesId: number,
  candles: CandleColumns,
): Promise<Written> {
  const rows = candles.openTime.length
  if (rows === 0)
    return { counts: { added: 0, replaced: 0, unchanged: 0 }, changed: candles.openTime }
  const stored = await copyOut(session, seriesId, {
    fromMs: candles.openTime[0] as number,
    toMs: (candles.openTime[rows - 1] as number) + 1,
  })
  const { added, replaced } = compare(candles, stored)
  if (added.length > 0) {
    await copyIn(session, 'candles', seriesId, rowsOf(candles, added))
  }
  if (replaced.length > 0) await replace(session, seriesId, rowsOf(candles, replaced))
  const counts = {
    added: added.length,
    replaced: replaced.length,
    unchanged: rows - added.length - replaced.length,
  }
  const changed = [...added, ...replaced].sort((a, b) => a - b)
  return { counts, changed: rowsOf(candles, changed).openTime }
}

/** Returns the rows of sorted candles that are not stored, and those that are with other values. */
function compare(
  candles: CandleColumns,
  stored: CandleColumns,
): { readonly added: readonly number[]; readonly replaced: readonly number[] } {
  const [fresh, old] = [vectorsOf(candles), vectorsOf(stored)]
  const added: number[] = []
  const replaced: number[] = []
  let at = 0
  for (let row = 0; row < candles.openTime.length; row++) {
    const time = candles.openTime[row] as number
    while ((stored.openTime[at] ?? Infinity) < time) at++
    if (stored.openTime[at] !== time) added.push(row)
    else if (fresh.some((vector, column) => vector[row] !== old[column]?.[at])) replaced.push(row)
  }
  return { added, replaced }
}

/** In one statement, so that TimescaleDB unpacks only those batches of compressed chunks that hold one of the candles. */
async function replace(session: Session, seriesId: number, candles: CandleColumns): Promise<void> {
  await session.query(
    'CREATE TEMPORARY TABLE IF NOT EXISTS changed_candles (LIKE candles) ON COMMIT DELETE ROWS',
  )
  await copyIn(session, 'pg_temp.changed_candles', seriesId, candles)
  await session.query(
    `INSERT INTO candles SELECT * FROM pg_temp.changed_candles ON CONFLICT (series_id, open_time) DO UPDATE
       SET open = excluded.open, high = excluded.high, low = excluded.low, close = excluded.close,
         volume = excluded.volume`,
  )
}

function rowsOf(columns: CandleColumns, rows: readonly number[]): CandleColumns {
  if (rows.length === columns.openTime.length) return columns
  return columnsOf(
    vectorsOf(columns).map((vector) => Float64Array.from(rows, (row) => vector[row] as number)),
  )
}
