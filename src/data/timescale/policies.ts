import type { Database } from './database.ts'
import { databaseError, isDenied } from './errors.ts'
import type { MigrationState } from './migrations/state.ts'
import type { Session } from './session.ts'
import type { DatabaseSettings } from './settings.ts'

const COMPRESSION = '0004_compression'

const IS_CURRENT = `
SELECT 1 FROM timescaledb_information.jobs
WHERE proc_name = 'policy_compression' AND hypertable_schema = current_schema() AND hypertable_name = 'candles'
  AND (config ->> 'compress_after')::interval = make_interval(days => $1::int)`

/** Whether the compression policy says something else than the settings. */
export async function isPolicyStale(
  session: Session,
  { compressAfterDays }: DatabaseSettings,
  states: readonly MigrationState[],
): Promise<boolean> {
  const isCompressed = states.some(
    ({ name, status }) => name === COMPRESSION && status === 'applied',
  )
  return isCompressed && (await session.query(IS_CURRENT, [compressAfterDays])).length === 0
}

/**
 * Makes TimescaleDB follow the settings: chunks are compressed when they are older than `compressAfterDays`. To be called under
 * the lock of the schema. Only the owner of the table may; for others the policy stays as it is, with a note.
 */
export async function applyPolicies(
  session: Session,
  database: Database,
  states: readonly MigrationState[],
): Promise<void> {
  const { settings } = database
  if (!(await isPolicyStale(session, settings, states))) return
  try {
    await session.transaction('BEGIN', async () => {
      await session.query(`SELECT remove_compression_policy('candles', if_exists => true)`)
      await session.query(
        `SELECT add_compression_policy('candles', make_interval(days => $1::int))`,
        [settings.compressAfterDays],
      )
    })
  } catch (error) {
    const explained = databaseError(error, settings)
    if (!isDenied(explained)) throw error
    database.note(
      `database.compress_after_days was not applied, because only the owner of the table candles may: ${(explained as Error).message}`,
    )
  }
}
