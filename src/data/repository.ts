import type { CandleColumns } from '../core/candles.ts'
import type { SeriesKey, TimeRange } from './store.ts'

/** Why candles are missing. */
export type HoleCause =
  /** The venue was asked again and has none: maintenance, no trade, before the listing. */
  | 'venue'
  /** The venue sent candles that break the rules; they are in quarantine. */
  | 'quarantine'

/** Missing candles with open times in [fromMs, toMs), inside the covered range. Epoch milliseconds. */
export interface Hole extends TimeRange {
  readonly cause: HoleCause
  readonly firstSeenMs: number
  /** When the venue was last asked for them. */
  readonly lastCheckMs: number
}

/** A candle that was refused, as the venue sent it. */
export interface QuarantinedCandle {
  readonly openTime: number
  /** The rule that it breaks. */
  readonly reason: string
  /** open, high, low, close, volume as received; not computable ones are NaN. */
  readonly values: readonly [number, number, number, number, number]
  readonly seenMs: number
}

/**
 * What the venue was asked for and answered: all of `range`. Candles lie in it, sorted, unique and valid; every slot of it
 * is a candle, or lies in one of `holes`, or holds a stored candle that the venue no longer sends, which is kept.
 */
export interface VerifiedPage {
  readonly range: TimeRange
  readonly candles: CandleColumns
  readonly holes: readonly Hole[]
  readonly quarantined: readonly QuarantinedCandle[]
}

export interface WriteCounts {
  /** Candles that were not stored before, were stored with other values, and were stored already (not written). */
  readonly added: number
  readonly replaced: number
  readonly unchanged: number
}

/**
 * One series, opened by one writer. A commit is durable when it returns. After a crash in the middle of one its holes and its
 * coverage are stored together, and never without its candles; so at most the page under way is repeated.
 */
export interface SeriesWriter {
  readonly key: SeriesKey

  /**
   * What has been verified so far: sorted ranges of whole candles that do not touch. Months whose candles somebody else changed, that
   * disagree with it or cannot be read are left out. Within a range if given.
   */
  coverage(range?: TimeRange): Promise<readonly TimeRange[]>

  /** Known holes, sorted; within a range if given. */
  holes(range?: TimeRange): Promise<readonly Hole[]>

  /** Candles in quarantine, oldest first. */
  quarantined(): Promise<readonly QuarantinedCandle[]>

  /** Stored candles of a range, committed ones included, sorted. */
  read(range: TimeRange): Promise<CandleColumns>

  /**
   * Stores a page. Candles replace stored ones that differ; equal ones are not written again. Holes and quarantined candles
   * of the range are replaced by those of the page, but a hole that persists keeps its `firstSeenMs`.
   * @throws PlatformError `DISK_FULL`, `FOLDER_READ_ONLY`, `WRITE_FAILED`, DataError `DATA_UNREADABLE` or `DATA_INVALID` (stored
   * candles of the range are damaged), or ConnectivityError `DATABASE_…`; nothing of the page counts as stored then
   */
  commit(page: VerifiedPage): Promise<WriteCounts>

  /**
   * Makes everything committed readable by backtests: the lake writes its months, the database refreshes its aggregates.
   * @throws as `commit`; what was committed stays, and the next flush goes on
   */
  flush(): Promise<void>

  /** Flushes nothing; committed pages stay. Releases the series. */
  close(): Promise<void>
}

export interface OpenSeriesOptions {
  /**
   * Told of stored candles that turn out to be damaged, such as a file that was cut short: they are set aside, and their time counts
   * as not asked for. Without it a page over damaged candles is refused.
   */
  readonly onDamaged?: (message: string) => void
}

/** What is known of a range of a series besides its candles: see `SeriesWriter`. */
export interface SeriesBooks {
  readonly coverage: readonly TimeRange[]
  readonly holes: readonly Hole[]
}

/** Where ingested candles are recorded: the Parquet lake, or a database that the lake caches. */
export interface CandleRepository {
  readonly driver: 'local' | 'timescale'

  /**
   * Opens a series for writing, alone.
   * @throws PlatformError `SERIES_BUSY` when another process or another writer of this one has it open
   */
  openSeries(key: SeriesKey, options?: OpenSeriesOptions): Promise<SeriesWriter>

  /** Returns what the writer of a series would know, of this moment. It changes nothing and works beside whoever writes. */
  readBooks(key: SeriesKey, range: TimeRange): Promise<SeriesBooks>

  /** Whether an error says that the store is away for the moment: the series may be opened again, and goes on where it was. */
  readonly isAway?: (error: unknown) => boolean

  close(): Promise<void>
}
