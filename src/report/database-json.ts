import { formatInstant } from '../core/units.ts'
import type { ResultOf } from './documents.ts'
import type { DatabaseMigrationView, DatabaseStatusView, DatabaseView } from './views.ts'

export function databaseMigrationJson(
  view: DatabaseMigrationView,
): ResultOf<'crypto/db.migrate@1'> {
  return { ...databaseJson(view), applied: [...view.applied] }
}

export function databaseStatusJson(view: DatabaseStatusView): ResultOf<'crypto/db.status@1'> {
  const { bytes, stored } = view
  return { ...databaseJson(view), bytes, stored: stored === undefined ? null : storedJson(stored) }
}

function storedJson({
  series,
  candlesEstimate,
  bytes,
  chunks,
}: NonNullable<DatabaseStatusView['stored']>) {
  return {
    series,
    candles_estimate: candlesEstimate,
    bytes,
    chunks: chunks?.count ?? null,
    compressed_chunks: chunks?.compressed ?? null,
  }
}

function databaseJson(view: DatabaseView) {
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
export function usedFeatures({ migrations }: DatabaseView) {
  const isApplied = (suffix: string) =>
    migrations.some(({ name, status }) => name.endsWith(suffix) && status === 'applied')
  return {
    hypertable: isApplied('_hypertable'),
    compression: isApplied('_compression'),
    continuous_aggregates: isApplied('_continuous_aggregates'),
  }
}
