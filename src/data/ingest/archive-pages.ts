import type { CandleColumns } from '../../core/candles.ts'
import type { IntervalGrid } from '../../core/intervals.ts'
import { subtractSpans } from '../../core/ranges.ts'
import { candlesWithin } from '../overlay.ts'
import type { VerifiedPage } from '../repository.ts'
import type { SeriesKey, TimeRange } from '../store.ts'
import { sift } from './sift.ts'

/** One file of an archive, or why it cannot be used. */
export interface ArchivePart {
  /** The month or day of the file. */
  readonly range: TimeRange
  /** undefined when the file is missing or damaged. */
  readonly candles: CandleColumns | undefined
  /** What the user should know, such as a checksum that does not match. */
  readonly notes: readonly string[]
}

/** A copy of a venue's archive. */
export interface ArchiveSource {
  /** Reads the files of a range in order of time. */
  read(request: SeriesKey & TimeRange): AsyncIterable<ArchivePart>
}

export interface ArchiveRequest {
  readonly key: SeriesKey
  /** What is not stored yet. */
  readonly gaps: readonly TimeRange[]
  readonly grid: IntervalGrid
  readonly venueMs: number
  readonly warn: (message: string) => void
}

/**
 * Yields what an archive holds of the gaps as pages without holes: archives are cut short now and then, so what one lacks is
 * asked of the venue.
 */
export async function* archivePages(
  archive: ArchiveSource,
  { key, gaps, grid, venueMs, warn }: ArchiveRequest,
): AsyncGenerator<VerifiedPage> {
  for (const gap of gaps) {
    for await (const { range, candles, notes } of archive.read({ ...key, ...gap })) {
      for (const note of notes) warn(`${key.symbol} ${key.interval}: ${note}`)
      if (candles === undefined) continue
      const wanted = {
        fromMs: Math.max(gap.fromMs, range.fromMs),
        toMs: Math.min(gap.toMs, range.toMs),
      }
      const sound = sift(candles, { range: wanted, grid, seenMs: venueMs })
      for (const part of subtractSpans(wanted, sound.missing)) {
        yield {
          range: part,
          candles: candlesWithin(sound.candles, part),
          holes: [],
          quarantined: [],
        }
      }
    }
  }
}
