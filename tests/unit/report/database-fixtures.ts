import type { DatabaseMigrationView, DatabaseStatusView } from '../../../src/report/views.ts'

const PLACE = { host: 'localhost', port: 5432, name: 'crypto', user: 'postgres', tls: 'off' }
const APPLIED_MS = Date.UTC(2024, 5, 1, 12, 30)

/** A PostgreSQL without TimescaleDB, migrated just now. */
export const DATABASE_MIGRATION: DatabaseMigrationView = {
  ...PLACE,
  features: {
    tier: 'plain',
    serverVersion: '18.4',
    timescaleVersion: null,
    timescaleOffered: null,
  },
  migrations: [
    { name: '0001_candles', status: 'applied', requires: null, appliedMs: APPLIED_MS },
    { name: '0003_hypertable', status: 'waiting', requires: 'timescaledb', appliedMs: null },
  ],
  note: 'The server has no TimescaleDB.',
  applied: ['0001_candles'],
}

/** A TimescaleDB in use, with a migration of a newer program still to come. */
export const DATABASE_STATUS: DatabaseStatusView = {
  ...PLACE,
  features: {
    tier: 'tsl',
    serverVersion: '17.2',
    timescaleVersion: '2.28.3',
    timescaleOffered: null,
  },
  migrations: [
    { name: '0001_candles', status: 'applied', requires: null, appliedMs: APPLIED_MS },
    { name: '0003_hypertable', status: 'applied', requires: 'timescaledb', appliedMs: APPLIED_MS },
    {
      name: '0004_compression',
      status: 'applied',
      requires: 'timescaledb-tsl',
      appliedMs: APPLIED_MS,
    },
    { name: '0006_more', status: 'pending', requires: null, appliedMs: null },
  ],
  note: undefined,
  bytes: 142_000_000,
  stored: {
    series: 3,
    candlesEstimate: 1_234_567,
    bytes: 120_000_000,
    chunks: { count: 98, compressed: 97 },
  },
}
