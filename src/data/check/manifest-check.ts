import { dirname, join } from 'node:path'
import type { Partition } from '../lake/lake.ts'
import { MEASURED } from '../lake/manifest.ts'
import {
  manifestDamage,
  manifestIn,
  manifestPath,
  type PartitionFacts,
} from '../lake/manifest-file.ts'
import type { SeriesKey } from '../store.ts'
import type { ManifestFinding } from './findings.ts'

/** A file with what was measured of it; null where it could not be read. */
export type Measured = readonly [partition: Partition, facts: PartitionFacts | null]

/**
 * Compares the manifests of a series with what was measured of its files. Nothing vouches for a file that no manifest lists: it is
 * used as it is.
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
  const damage = manifestDamage(folder)
  if (damage !== undefined) {
    const path = manifestPath(folder)
    return [{ path, month: null, kind: 'wrong', fields: [String(damage.context.reason)] }]
  }
  const known = manifestIn(folder, key).partitions
  const findings = files.flatMap(([partition, facts]): ManifestFinding[] => {
    const { path, month } = partition
    const entry = known[month]
    if (facts === null) return []
    if (entry === undefined) return [{ path, month, kind: 'unverified', fields: [] }]
    const fields = differing(entry, facts)
    return fields.length === 0 ? [] : [{ path, month, kind: 'wrong', fields }]
  })
  return [...findings, ...withoutFile(folder, Object.keys(known), files)]
}

/** What of an entry is not as measured. Without a checksum, as in manifests of earlier versions, the rest has to do. */
function differing(entry: PartitionFacts, facts: PartitionFacts): readonly string[] {
  const isNoted = entry.digest !== undefined
  const names = isNoted ? ([...MEASURED, 'bytes', 'digest'] as const) : MEASURED
  return names.filter((name) => entry[name] !== facts[name])
}

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
