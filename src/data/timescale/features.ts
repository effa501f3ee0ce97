import { ConnectivityError } from '../../core/errors.ts'
import type { Session } from './session.ts'

/** `plain`: PostgreSQL alone; `apache`: TimescaleDB without its licensed half; `tsl`: all of TimescaleDB. */
export type Tier = 'plain' | 'apache' | 'tsl'

export interface DatabaseFeatures {
  readonly tier: Tier
  /** Such as `18.4`. */
  readonly serverVersion: string
  /** Of the extension in this database; null without it. */
  readonly timescaleVersion: string | null
  /** Version that the server could switch on in this database; null when it has none, or when it is on. */
  readonly timescaleOffered: string | null
}

/** What a migration may ask of the database. */
export type Requirement = 'timescaledb' | 'timescaledb-tsl'

const SERVER_NUM_MIN = 150_000

const DETECT = `
SELECT
  current_setting('server_version_num')::int AS number,
  current_setting('server_version') AS version,
  (SELECT extversion FROM pg_extension WHERE extname = 'timescaledb') AS installed,
  (SELECT default_version FROM pg_available_extensions WHERE name = 'timescaledb') AS offered`

interface Detected {
  readonly number: number
  readonly version: string
  readonly installed: string | null
  readonly offered: string | null
}

/**
 * Returns what the database can do. The licence is asked for only where the extension is on: before that the server does not know it.
 * @throws ConnectivityError `DATABASE_TOO_OLD`
 */
export async function detectFeatures(session: Session): Promise<DatabaseFeatures> {
  const [found] = (await session.query<Detected>(DETECT)) as readonly [Detected]
  const serverVersion = found.version.split(' ', 1)[0] as string
  if (found.number < SERVER_NUM_MIN) {
    throw new ConnectivityError(
      'DATABASE_TOO_OLD',
      `The server is PostgreSQL ${serverVersion}; version 15 or later is needed. Upgrade it, or use another one.`,
    )
  }
  const isOn = found.installed !== null
  return {
    tier: isOn ? await licensedTier(session) : 'plain',
    serverVersion,
    timescaleVersion: found.installed,
    timescaleOffered: isOn ? null : found.offered,
  }
}

async function licensedTier(session: Session): Promise<Tier> {
  const sql = `SELECT current_setting('timescaledb.license', true) AS licence`
  const [row] = await session.query<{ licence: string | null }>(sql)
  return row?.licence === 'timescale' ? 'tsl' : 'apache'
}

export function meets(tier: Tier, requirement: Requirement | undefined): boolean {
  if (requirement === undefined || tier === 'tsl') return true
  return requirement === 'timescaledb' && tier === 'apache'
}

/** What users of this database do without, in one sentence; undefined when nothing is missing. */
export function missingNote({ tier, timescaleOffered }: DatabaseFeatures): string | undefined {
  if (tier === 'tsl') return undefined
  if (tier === 'apache') {
    return 'TimescaleDB runs under its Apache licence: candles are split into chunks, but neither compressed nor aggregated ahead; candles_1h and candles_1d are plain views.'
  }
  const offered =
    timescaleOffered === null
      ? 'The server has no TimescaleDB'
      : `TimescaleDB ${timescaleOffered} is not switched on in this database (crypto db migrate does it where the user may)`
  return `${offered}: candles are an ordinary table, not compressed, and candles_1h and candles_1d are plain views. Everything else works the same.`
}
