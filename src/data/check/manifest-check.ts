import { dirname, join } from 'node:path'
import type { Partition } from '../local/lake.ts'
import { manifestIn, type PartitionFacts } from '../local/manifest.ts'
import type { SeriesKey } from '../store.ts'
import type { ManifestFinding } from './findings.ts'

/** A file with what was measured of it; null where it could not be read. */
export type Measured = readonly [partition: Partition, facts: PartitionFacts | null]

/**
 * Compares the manifests of a series with what was measured of its files. A file that no manifest describes is measured when
 * it is read, so that this is no finding.
 */
export function checkManifests(
  key: SeriesKey,
  measured: readonly Measured[],
): readonly ManifestFinding[] {
  const folders = Map.groupBy(measured, ([{ path }]) => dirname(path))
  return [...folders].flatMap(([folder, files]) => checkManifest(folder, key, files))
}

function checkManifest(
  folder: string,
  key: SeriesKey,
  files: readonly Measured[],
): ManifestFinding[] {
  const known = manifestIn(folder, key).partitions
  const findings = files.flatMap(([partition, facts]): ManifestFinding[] => {
    const entry = known[partition.month]
    if (entry === undefined || facts === null) return []
    const { path, month } = partition
    if (entry.bytes !== partition.bytes)
      return [{ path, month, kind: 'outdated', fields: ['bytes'] }]
    const fields = MEASURED.filter((name) => entry[name] !== facts[name])
    return fields.length === 0 ? [] : [{ path, month, kind: 'wrong', fields }]
  })
  return [...findings, ...withoutFile(folder, Object.keys(known), files)]
}

const MEASURED = ['rows', 'first', 'last', 'holes', 'zero_volume', 'hash'] as const

/** Months that a manifest describes though their file is gone. */
function withoutFile(
  folder: string,
  months: readonly string[],
  files: readonly Measured[],
): ManifestFinding[] {
  const present = new Set(files.map(([{ month }]) => month))
  return months
    .filter((month) => !present.has(month))
    .map((month) => {
      const path = join(folder, `${month}.parquet`)
      return { path, month, kind: 'outdated', fields: ['file'] }
    })
}
