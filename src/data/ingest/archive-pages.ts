import type { CandleColumns } from '../../core/candles.ts'
import type { ArchiveProblemKind } from '../archive/problem.ts'
import type { VerifiedPage } from '../repository.ts'
import type { SeriesKey, TimeRange } from '../store.ts'

/** A stretch of an archive without a hole: a valid candle in every slot of the range. */
export interface ArchiveCandles {
  readonly range: TimeRange
  readonly candles: CandleColumns
}

/** What the user should know of a file, such as a checksum that does not match. */
export interface ArchiveNote {
  readonly problem: ArchiveProblemKind
  readonly message: string
}

export type ArchivePart = ArchiveCandles | ArchiveNote

export interface ArchiveRequest extends SeriesKey {
  /** Sorted ranges of whole candles. */
  readonly ranges: readonly TimeRange[]
  readonly signal?: AbortSignal | undefined
}

/** A copy of a venue's archive. */
export interface ArchiveSource {
  /**
   * Reads what there is of the ranges. What is not there, or not sound, is left out.
   * @throws the signal's reason when it is aborted
   */
  read(request: ArchiveRequest): AsyncIterable<ArchivePart>
}

/**
 * Yields what an archive holds of the gaps of a series as pages without holes: archives are cut short now and then, so what one
 * lacks is asked of the venue.
 */
export async function* archivePages(
  archive: ArchiveSource,
  request: ArchiveRequest,
  warn: (message: string) => void,
): AsyncGenerator<VerifiedPage> {
  for await (const part of archive.read(request)) {
    if ('problem' in part) warn(`${request.symbol} ${request.interval}: ${part.message}`)
    else yield { ...part, holes: [], quarantined: [] }
  }
}
