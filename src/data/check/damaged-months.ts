import { dirname } from 'node:path'
import type { Partition } from '../lake/lake.ts'
import { databaseOf } from '../lake/manifest.ts'
import { manifestDamage, manifestIn } from '../lake/manifest-file.ts'
import type { SeriesKey } from '../store.ts'
import type { DamagedMonth, SeriesCheck } from './findings.ts'

/** Returns the months that have to come from somewhere again, with what has their candles. */
export function damagedMonths(
  key: SeriesKey,
  partitions: readonly Partition[],
  { unreadable, badFiles, manifest }: Pick<SeriesCheck, 'unreadable' | 'badFiles' | 'manifest'>,
): readonly DamagedMonth[] {
  const wrong = manifest.filter(({ kind }) => kind === 'wrong')
  const broken = unreadable.filter(({ isInaccessible }) => isInaccessible !== true)
  const damaged = new Set([...broken, ...badFiles, ...wrong].map(({ path }) => path))
  return partitions
    .filter(({ path }) => damaged.has(path))
    .map((partition) => {
      const { month, path } = partition
      return { month, path, origin: originOf(key, partition) }
    })
}

function originOf(key: SeriesKey, { month, path, source }: Partition): DamagedMonth['origin'] {
  if (source === 'sample') return 'sample'
  const folder = dirname(path)
  // A damaged manifest does not say; what a database has is compared by the next sync in any case.
  if (manifestDamage(folder) !== undefined) return 'lake'
  return databaseOf(manifestIn(folder, key), month) === undefined ? 'lake' : 'database'
}
