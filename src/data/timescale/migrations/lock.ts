import type { Session } from '../session.ts'

/** First number of the advisory locks of the whole database ('cryp'); the second says what is locked: 1, the schema. */
export const LOCK_SPACE = 0x63727970
const SCHEMA_LOCK = 1

/**
 * Holds the lock of the schema while it is changed (`exclusive`) or looked at (`shared`). The server releases it when the
 * connection ends, however it ends.
 * @param onWait called once when somebody else holds it
 */
export async function withSchemaLock<T>(
  session: Session,
  mode: 'exclusive' | 'shared',
  onWait: () => void,
  work: () => Promise<T>,
): Promise<T> {
  const suffix = mode === 'shared' ? '_shared' : ''
  const key = `(${LOCK_SPACE}, ${SCHEMA_LOCK})`
  const [tried] = await session.query<{ taken: boolean }>(
    `SELECT pg_try_advisory_lock${suffix}${key} AS taken`,
  )
  if (!tried?.taken) {
    onWait()
    await session.query(`SELECT pg_advisory_lock${suffix}${key}`)
  }
  try {
    return await work()
  } finally {
    // A connection that broke has released it.
    await session.query(`SELECT pg_advisory_unlock${suffix}${key}`).catch(() => {})
  }
}
