import { Type } from 'typebox'
import { Count, closed, Instant, Nullable } from './leaves.ts'

/** Results of `crypto db …`. */

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

const database = {
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

export const DatabaseMigrateResult = Type.Object(
  {
    ...database,
    applied: Type.Array(Type.String(), { description: 'migrations applied by this command' }),
  },
  closed,
)

export const DatabaseStatusResult = Type.Object(
  {
    ...database,
    bytes: Count('of the whole database'),
    stored: Nullable(
      Type.Object(
        {
          series: Count('series of candles'),
          candles_estimate: Nullable(
            Count('by the statistics of the server; null while it has none'),
          ),
          bytes: Count('of the candles and their index'),
          chunks: Nullable(Count('null for an ordinary table')),
          compressed_chunks: Nullable(Count('of them compressed')),
        },
        { ...closed, description: 'null while the database has no tables' },
      ),
    ),
  },
  closed,
)
