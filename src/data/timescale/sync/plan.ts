import { statSync } from 'node:fs'
import { digestFile } from '../../lake/digest.ts'
import { findPartitions, rootsOf, seriesFolder } from '../../lake/lake.ts'
import { databaseOf } from '../../lake/manifest.ts'
import { manifestPath, type PartitionFacts, readManifest } from '../../lake/manifest-file.ts'
import type { SeriesKey } from '../../store.ts'

/** A month of a series that holds candles in the database. */
export interface SourceMonth {
  /** Such as `2024-01`. */
  readonly month: string
  readonly version: string
}

/** One month in the lake. */
export interface CachedMonth {
  readonly path: string
  /** Identity of the database that it is a copy of; undefined when the lake itself is its record. */
  readonly database: string | undefined
  /** Version that the file is a copy of; undefined when it is not as the manifest describes it. */
  readonly version: string | undefined
  /** What the manifest knows of the file as it is. */
  readonly facts: PartitionFacts | undefined
}

/** What makes the lake equal to the database. */
export interface SyncPlan {
  /** To be copied. */
  readonly changed: readonly SourceMonth[]
  /** Copies of what the database no longer has. */
  readonly gone: readonly string[]
  /** In both, but not copied from this database: alright when the candles are the same. */
  readonly doubtful: readonly SourceMonth[]
  /** Only in the lake, and not copied from this database. */
  readonly strange: readonly string[]
  readonly unchanged: readonly string[]
}

/** Returns what the lake has of a series, by month. A copy that was changed since is none: it is copied again. */
export function readCached(lake: string, key: SeriesKey): ReadonlyMap<string, CachedMonth> {
  const manifest = readManifest(lake, key)
  const files = findPartitions(rootsOf({ lake }), key)
  const notedMs = changedMs(manifestPath(seriesFolder(lake, key)))
  return new Map(
    files.map(({ month, path, bytes }) => {
      const noted = manifest.partitions[month]
      const facts = noted?.bytes === bytes && isAsNoted(path, noted, notedMs) ? noted : undefined
      const database = databaseOf(manifest, month)
      return [month, { path, database, version: facts?.source?.version, facts }]
    }),
  )
}

/**
 * A file that is older than the manifest is as it was noted, as far as anybody has written. Bits that a disk lost are found by who
 * uses the file: he compares all bytes. Manifests of earlier versions have no checksum: whoever reads the file compares its candles.
 */
function isAsNoted(path: string, { digest }: PartitionFacts, notedMs: number): boolean {
  return digest === undefined || changedMs(path) < notedMs || digestFile(path) === digest
}

/** When a file was last written or replaced; 0 when it is gone. */
function changedMs(path: string): number {
  const { mtimeMs = 0, ctimeMs = 0 } = statSync(path, { throwIfNoEntry: false }) ?? {}
  return Math.max(mtimeMs, ctimeMs)
}

/** Returns months that an interrupted sync has claimed, but left without a file: whoever puts one there does not mean a copy. */
export function findAbandonedClaims(
  lake: string,
  key: SeriesKey,
  cached: ReadonlyMap<string, CachedMonth>,
): readonly string[] {
  const { claims = {} } = readManifest(lake, key)
  return Object.keys(claims).filter((month) => !cached.has(month))
}

/**
 * Compares a database with the lake. Versions are compared for equality alone: which of two is later means nothing.
 * @param database identity of the database
 */
export function planSync(
  database: string,
  source: readonly SourceMonth[],
  cached: ReadonlyMap<string, CachedMonth>,
): SyncPlan {
  const changed: SourceMonth[] = []
  const doubtful: SourceMonth[] = []
  const unchanged: string[] = []
  for (const one of source) {
    const copy = cached.get(one.month)
    if (copy !== undefined && copy.database !== database) doubtful.push(one)
    else if (copy === undefined || copy.version !== one.version) changed.push(one)
    else unchanged.push(one.month)
  }
  const stored = new Set(source.map(({ month }) => month))
  const others = [...cached].filter(([month]) => !stored.has(month))
  const isOurs = ([, copy]: readonly [string, CachedMonth]) => copy.database === database
  const months = (entries: typeof others) => entries.map(([month]) => month)
  return {
    changed,
    doubtful,
    unchanged,
    gone: months(others.filter(isOurs)),
    strange: months(others.filter((other) => !isOurs(other))),
  }
}
