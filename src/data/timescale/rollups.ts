import { DAY_MS } from '../../core/units.ts'
import type { Database } from './database.ts'
import { isDenied } from './errors.ts'
import type { OpenedDatabase } from './open.ts'
import { withRollupsLock } from './series-lock.ts'

const CONTINUOUS_AGGREGATES = '0005_continuous_aggregates'

/**
 * Computes the hours and days anew in which candles of [fromMs, toMs) changed, epoch milliseconds; the others stay as they are.
 * Where candles_1h and candles_1d are plain views there is nothing to do. A repeated call is harmless.
 *
 * Before it, an hour that was computed already shows what its candles were then; a new hour shows what they are.
 */
export async function refreshRollups(
  { database, states }: OpenedDatabase,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): Promise<void> {
  if (!states.some(({ name, status }) => name === CONTINUOUS_AGGREGATES && status === 'applied'))
    return
  // Only buckets that lie in the range whole are computed, so it is widened to whole days.
  const from = Math.floor(fromMs / DAY_MS) * DAY_MS
  const to = Math.ceil(toMs / DAY_MS) * DAY_MS
  for (const name of ['candles_1h', 'candles_1d']) {
    try {
      await refresh(database, name, from, to)
    } catch (error) {
      if (!isDenied(error)) throw error
      database.note(`${name} follows with its next refresh policy: only its owner may refresh it`)
    }
  }
}

async function refresh(database: Database, name: string, from: number, to: number): Promise<void> {
  // The procedure commits by itself, so it cannot be part of a transaction; its work may take longer than a statement's.
  const sql = `CALL refresh_continuous_aggregate('${name}', to_timestamp(${from / 1000}), to_timestamp(${to / 1000}))`
  await database.retried(() =>
    database.withSession((session) => withRollupsLock(session, () => session.query(sql)), {
      statementTimeoutMs: 0,
    }),
  )
}
