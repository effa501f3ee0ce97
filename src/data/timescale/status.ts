import type { Database } from './database.ts'
import { type DatabaseFeatures, detectFeatures } from './features.ts'
import { type Migration, readMigrations } from './migrations/files.ts'
import { compareMigrations, type MigrationState, readRecorded } from './migrations/state.ts'
import type { Session } from './session.ts'

export interface DatabaseStatus {
  readonly features: DatabaseFeatures
  readonly states: readonly MigrationState[]
  readonly databaseBytes: number
  /** undefined while the tables are not there. */
  readonly stored: StoredCandleStatus | undefined
}

export interface StoredCandleStatus {
  readonly series: number
  /** By the planner's statistics; null while the server has none. */
  readonly candlesEstimate: number | null
  /** Of the candles with their index. */
  readonly bytes: number
  /** null for an ordinary table. */
  readonly chunks: { readonly count: number; readonly compressed: number } | null
}

/**
 * Returns what the database is, has and lacks; changes nothing.
 * @throws ConnectivityError `MIGRATION_CHANGED`, `DATABASE_NEWER`, `DATABASE_FOREIGN`
 */
export async function databaseStatus(
  database: Database,
  migrations: readonly Migration[] = readMigrations(),
): Promise<DatabaseStatus> {
  return database.transaction(
    async (session) => {
      const features = await detectFeatures(session)
      const states = compareMigrations(
        migrations,
        (await readRecorded(session)) ?? [],
        features.tier,
      )
      const [size] = await session.query<{ bytes: number }>(
        'SELECT pg_database_size(current_database())::float8 AS bytes',
      )
      return {
        features,
        states,
        databaseBytes: size?.bytes ?? 0,
        stored: await storedStatus(session, states),
      }
    },
    { readOnly: true },
  )
}

async function storedStatus(
  session: Session,
  states: readonly MigrationState[],
): Promise<StoredCandleStatus | undefined> {
  const isApplied = (name: string) =>
    states.some((one) => one.name === name && one.status === 'applied')
  if (!isApplied('0001_candles')) return undefined
  const isHypertable = isApplied('0003_hypertable')
  const [counts] = await session.query<Counts>(isHypertable ? HYPERTABLE : ORDINARY_TABLE)
  const { series, isEmpty, estimate, bytes, chunks, compressed } = counts as Counts
  // Zero, or minus one, is what statistics say before anything was counted.
  const candlesEstimate = isEmpty ? 0 : estimate > 0 ? estimate : null
  return {
    series,
    candlesEstimate,
    bytes,
    chunks: isHypertable ? { count: chunks, compressed } : null,
  }
}

interface Counts {
  readonly series: number
  readonly isEmpty: boolean
  readonly estimate: number
  readonly bytes: number
  readonly chunks: number
  readonly compressed: number
}

const COMMON = `(SELECT count(*) FROM series)::float8 AS series, NOT EXISTS (SELECT 1 FROM candles) AS "isEmpty"`

const ORDINARY_TABLE = `
SELECT ${COMMON}, reltuples::float8 AS estimate, pg_total_relation_size(oid)::float8 AS bytes
FROM pg_class WHERE oid = 'candles'::regclass`

const HYPERTABLE = `
SELECT ${COMMON}, approximate_row_count('candles')::float8 AS estimate, hypertable_size('candles')::float8 AS bytes,
  count(*)::float8 AS chunks, (count(*) FILTER (WHERE is_compressed))::float8 AS compressed
FROM timescaledb_information.chunks
WHERE hypertable_schema = current_schema() AND hypertable_name = 'candles'`
