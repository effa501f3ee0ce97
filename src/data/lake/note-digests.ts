import { PlatformError } from '../../core/errors.ts'
import type { SeriesKey } from '../store.ts'
import { digestFile } from './digest.ts'
import { partitionPath } from './lake.ts'
import { withSeriesLock } from './lock.ts'
import { recordFacts } from './manifest.ts'
import { type PartitionFacts, readManifest } from './manifest-file.ts'

/**
 * Notes checksums of files whose manifest has none, because an earlier version wrote it: they were just compared with it candle by
 * candle, which is not to be repeated by every command. Where somebody writes, or nobody may, the next reader does it.
 */
export async function noteDigests(
  lake: string,
  key: SeriesKey,
  months: ReadonlyMap<string, PartitionFacts>,
): Promise<void> {
  if (months.size === 0) return
  try {
    await withSeriesLock(lake, key, async () => {
      const { partitions } = readManifest(lake, key)
      const isAsMeasured = ([month, facts]: readonly [string, PartitionFacts]) =>
        partitions[month]?.digest === undefined &&
        partitions[month]?.hash === facts.hash &&
        digestFile(partitionPath(lake, key, month)) === facts.digest
      await recordFacts(lake, key, new Map([...months].filter(isAsMeasured)))
    })
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error
  }
}
