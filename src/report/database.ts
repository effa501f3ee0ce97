import { Type } from 'typebox'
import { formatInstant } from '../core/units.ts'
import { closed, Instant, Nullable } from './leaves.ts'
import { warningLines } from './terminal/blocks.ts'
import type { Style } from './terminal/style.ts'
import type { DatabaseView } from './views.ts'

/** What every report of the database of candles tells: where it is, what it can do, which migrations it has. */

const Migration = Type.Object(
  {
    name: Type.String({ description: 'file in migrations/, without .sql' }),
    status: Type.Enum(['applied', 'pending', 'waiting'], {
      description: 'waiting: the database lacks what it requires',
    }),
    requires: Nullable(Type.Enum(['timescaledb', 'timescaledb-tsl'])),
    applied_time: Nullable(Instant),
  },
  closed,
)

export const databaseFields = {
  host: Type.String(),
  port: Type.Integer(),
  database: Type.String(),
  user: Type.String(),
  tls: Type.String({ description: 'off, require or verify' }),
  server_version: Type.String({ description: 'of PostgreSQL' }),
  timescale: Nullable(
    Type.Object(
      {
        version: Type.String(),
        licence: Type.Enum(['apache', 'timescale'], {
          description: 'apache: neither compression nor continuous aggregates',
        }),
      },
      closed,
    ),
  ),
  timescale_offered: Nullable(
    Type.String({
      description: 'version that the server has, while it is not on in this database',
    }),
  ),
  features: Type.Object(
    {
      hypertable: Type.Boolean(),
      compression: Type.Boolean(),
      continuous_aggregates: Type.Boolean(),
    },
    { ...closed, description: 'what is in use' },
  ),
  note: Nullable(Type.String({ description: 'what is missing, and why' })),
  migrations: Type.Array(Migration),
}

export function databaseJson(view: DatabaseView) {
  const { features } = view
  return {
    host: view.host,
    port: view.port,
    database: view.name,
    user: view.user,
    tls: view.tls,
    server_version: features.serverVersion,
    timescale: timescaleJson(view),
    timescale_offered: features.timescaleOffered,
    features: usedFeatures(view),
    note: view.note ?? null,
    migrations: view.migrations.map(({ name, status, requires, appliedMs }) => ({
      name,
      status,
      requires,
      applied_time: appliedMs === null ? null : formatInstant(appliedMs),
    })),
  }
}

function timescaleJson({ features: { tier, timescaleVersion } }: DatabaseView) {
  if (timescaleVersion === null) return null
  const licence = tier === 'tsl' ? ('timescale' as const) : ('apache' as const)
  return { version: timescaleVersion, licence }
}

/** What the applied migrations have put to use. */
function usedFeatures({ migrations }: DatabaseView) {
  const isApplied = (suffix: string) =>
    migrations.some(({ name, status }) => name.endsWith(suffix) && status === 'applied')
  return {
    hypertable: isApplied('_hypertable'),
    compression: isApplied('_compression'),
    continuous_aggregates: isApplied('_continuous_aggregates'),
  }
}

export function placeFacts(
  view: DatabaseView,
): readonly (readonly [label: string, text: string])[] {
  const { host, port, name, user, tls, features } = view
  return [
    ['database', `${host}:${port}/${name} as ${user}, TLS ${tls}`],
    ['server', `PostgreSQL ${features.serverVersion}`],
    ['timescale', timescaleText(view)],
  ]
}

function timescaleText(view: DatabaseView): string {
  const { tier, timescaleVersion, timescaleOffered } = view.features
  if (timescaleVersion === null) {
    return timescaleOffered === null ? 'none' : `${timescaleOffered} offered, not switched on`
  }
  const used = Object.entries(usedFeatures(view)).filter(([, isUsed]) => isUsed)
  const names = used.map(([name]) => name.replace('_', ' ')).join(', ')
  const licence = tier === 'tsl' ? 'Timescale licence' : 'Apache licence'
  return `${timescaleVersion}, ${licence}; in use: ${names || 'nothing'}`
}

export function noteLines({ note }: DatabaseView, style: Style): string[] {
  return note === undefined ? [] : warningLines([{ code: 'DATABASE_NOTE', message: note }], style)
}
