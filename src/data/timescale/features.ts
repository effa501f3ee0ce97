import type { TimeRange } from '../store.ts'
import { timeText } from './copy.ts'
import type { Session } from './session.ts'

/** TimescaleDB unpacks at most this many rows of compressed chunks in one transaction; a repair may need more. */
export const UNPACKING_LIMIT = 'timescaledb.max_tuples_decompressed_per_dml_transaction'

/** What the writer has to know of a database. */
export interface Features {
  /** Whether there is an `UNPACKING_LIMIT`. */
  readonly limitsUnpacking: boolean
  /** Continuous aggregates over candles, quoted: the finer ones first, since coarser ones are made of them. */
  readonly aggregates: readonly string[]
}

export async function findFeatures(session: Session): Promise<Features> {
  const [row] = await session.query<{ limits: boolean }>(
    'SELECT current_setting($1, true) IS NOT NULL AS limits',
    [UNPACKING_LIMIT],
  )
  return { limitsUnpacking: row?.limits === true, aggregates: [] }
}

/** Brings the continuous aggregates up to date where candles changed; outside of a transaction, as TimescaleDB wants it. */
export async function refreshAggregates(
  session: Session,
  { aggregates }: Features,
  ranges: readonly TimeRange[],
): Promise<void> {
  for (const name of aggregates) {
    for (const { fromMs, toMs } of ranges) {
      await session.query(
        `CALL refresh_continuous_aggregate('${name}', '${timeText(fromMs)}', '${timeText(toMs)}')`,
      )
    }
  }
}
