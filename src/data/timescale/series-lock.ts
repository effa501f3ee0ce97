import { PlatformError } from '../../core/errors.ts'
import type { SeriesKey } from '../store.ts'
import type { Session } from './session.ts'

/** First half of the numbers of our advisory locks: the letters `crpt`. The second half is the number of the series. */
const LOCKS = 0x63727074

const RELEASED_TRIES = 3

interface Holder {
  readonly pid: number
  readonly name: string
  readonly address: string | null
  readonly since: string | null
}

/**
 * Locks a series for the session: the lock ends with the connection, whatever happens to this process.
 * @throws PlatformError `SERIES_BUSY` when another session has it
 */
export async function lockSeries(
  session: Session,
  seriesId: number,
  key: SeriesKey,
): Promise<void> {
  // A machine that vanished without a word is noticed within a minute instead of two hours.
  await session.query(
    `SELECT set_config('tcp_keepalives_idle', '30', false), set_config('tcp_keepalives_interval', '10', false),
       set_config('tcp_keepalives_count', '3', false)`,
  )
  let holder: Holder | undefined
  // A lock that nobody holds any more when one asks who does was just released: by a writer that ended or lost its connection.
  for (let tries = 0; tries < RELEASED_TRIES && holder === undefined; tries++) {
    const [row] = await session.query<{ locked: boolean }>(
      'SELECT pg_try_advisory_lock($1, $2) AS locked',
      [LOCKS, seriesId],
    )
    if (row?.locked === true) return
    holder = await findHolder(session, seriesId)
  }
  throw busy(key, holder)
}

export async function unlockSeries(session: Session, seriesId: number): Promise<void> {
  await session.query('SELECT pg_advisory_unlock($1, $2)', [LOCKS, seriesId])
}

/** No series has this number. */
const ROLLUPS = 0

/** Runs work while no other session of ours refreshes aggregates: two refreshes of one time fail, and one after the other is as fast. */
export async function withRollupsLock<T>(session: Session, work: () => Promise<T>): Promise<T> {
  await session.query('SELECT pg_advisory_lock($1, $2)', [LOCKS, ROLLUPS])
  try {
    return await work()
  } finally {
    await unlockSeries(session, ROLLUPS)
  }
}

/** Returns undefined when the lock was released meanwhile. */
async function findHolder(session: Session, seriesId: number): Promise<Holder | undefined> {
  const [holder] = await session.query<Holder & Record<string, unknown>>(
    `SELECT l.pid, coalesce(nullif(a.application_name, ''), 'another program') AS name,
       host(a.client_addr) AS address, to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SSZ') AS since
     FROM pg_locks l LEFT JOIN pg_stat_activity a USING (pid)
     WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2 AND l.classid = $1 AND l.objid = $2
       AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    [LOCKS, seriesId],
  )
  return holder
}

function busy(
  { exchange, symbol, interval }: SeriesKey,
  holder: Holder | undefined,
): PlatformError {
  const who =
    holder === undefined
      ? 'another process'
      : `${holder.name}${holder.address === null ? '' : ` on ${holder.address}`}${holder.since === null ? '' : `, connected since ${holder.since}`} (PostgreSQL process ${holder.pid})`
  const force =
    holder === undefined
      ? ''
      : ` If it hangs, end it there: SELECT pg_terminate_backend(${holder.pid});`
  return new PlatformError(
    'SERIES_BUSY',
    `${exchange} ${symbol} ${interval}: ${who} is writing into this series at this moment; nothing was stored. Wait for it to end and repeat the command.${force}`,
    { context: { exchange, symbol, interval, ...holder } },
  )
}
