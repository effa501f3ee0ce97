import type { CandleSeries } from '../core/candles.ts'
import type { DataAccessError, DataError } from '../core/errors.ts'
import type { ColumnMap } from './import/match-columns.ts'

/** What identifies one series of candles. */
export interface SeriesKey {
  readonly exchange: string
  readonly symbol: string
  readonly interval: string
}

/** Candles with open times in [fromMs, toMs); epoch milliseconds. */
export interface CandleRequest extends SeriesKey {
  readonly fromMs: number
  readonly toMs: number
}

/** Candles as read from a store, and how they came about. */
export interface StoredCandles extends CandleSeries {
  /** The finer interval that was stored and resampled, or null when the interval itself is stored. */
  readonly resampledFrom: string | null
  /** Whether they were built from what exists of the finer ones, as a sparse exchange has it. */
  readonly isSparse: boolean
  /** Candles left out of a resampled series because at least one finer candle is missing. */
  readonly incompleteCandles: number
  /** Their open times. */
  readonly incompleteTimes: readonly number[]
}

/** Candles of a period together with earlier ones that indicators need to warm up. */
export interface WarmCandlesRequest extends SeriesKey {
  /** Signals may act on bars with open times in [startMs, endMs). */
  readonly startMs: number
  readonly endMs: number
  /** Bars of history that are wanted before the first judged bar, as far as they are stored. */
  readonly warmupBars: number
  /** As many of them must exist, or the first judged bar moves; left out: all. */
  readonly lookbackBars?: number
  /** History is read in whole multiples of this many days. */
  readonly warmupDays?: number
}

export interface TimeRange {
  /** Open time of the first candle. */
  readonly fromMs: number
  /** End of the last candle. */
  readonly toMs: number
}

export interface WarmCandles {
  readonly candles: StoredCandles
  /** The judged bars [first, end), as indices into the columns. */
  readonly window: { readonly first: number; readonly end: number }
  /** Bars of the period that only warm up, because the store holds too little before `startMs`. */
  readonly shiftedBars: number
  /** Candles missing between the first and the last judged bar. */
  readonly holes: number
  /** From the first judged bar to the end of the last one; narrower than asked when the store holds less. */
  readonly covered: TimeRange
  /** Everything the store holds of the series (or of the finer one that was resampled). */
  readonly available: TimeRange
}

export interface ImportRequest extends Omit<SeriesKey, 'interval'> {
  /** That of the files where it is left out. */
  readonly interval?: string | undefined
  /** Text, JSON, Parquet or Arrow, also packed; several are one series. */
  readonly file: string | readonly string[]
  /** Which column is which, where their names do not say so. */
  readonly columns?: ColumnMap | undefined
  /** Accept rows in any order. */
  readonly sort?: boolean
  /** Drop exact repeats of a row. Rows that contradict each other are refused in any case. */
  readonly dedupe?: boolean
  /** Ends the import when it fires; the months written by then stay, whole. */
  readonly signal?: AbortSignal
}

export interface ImportSummary extends SeriesKey, TimeRange {
  readonly files: readonly string[]
  /** Whether the interval was found in the files. */
  readonly isIntervalInferred: boolean
  /** Rows read from the files. */
  readonly rows: number
  /** Exact repeats that were dropped. */
  readonly duplicates: number
  /** Candles the store did not have before, had with other values, and had already. */
  readonly added: number
  readonly replaced: number
  readonly unchanged: number
  /** Candles missing between the first and last row of the file. */
  readonly holes: number
  readonly zeroVolume: number
  /** Candles whose volume the files do not have. */
  readonly missingVolume: number
  /** How the files were read, where that is not plain: lines passed over, an order reversed. */
  readonly notes: readonly string[]
  /** Months written, such as `2024-01`. */
  readonly partitions: readonly string[]
  /** Folder of the series in the lake. */
  readonly folder: string
}

/** One stored series. */
export interface StoredSeries extends SeriesKey, TimeRange {
  readonly rows: number
  /** Candles missing between the first and the last one. */
  readonly holes: number
  readonly zeroVolume: number
  readonly bytes: number
  /** `mixed`: some months come from the lake, others from the sample. */
  readonly source: 'lake' | 'sample' | 'mixed'
}

/** Told of a series that cannot be read, and why. */
export type OnDamaged = (key: SeriesKey, error: DataError | DataAccessError) => void
export type OnInaccessible = (error: DataAccessError) => void

/** Keeps candles and gives them out as columns. */
export interface CandleStore {
  /**
   * Returns the candles of a range, sorted, checked and never filled; resampled from a finer interval when that gives more
   * complete candles of the range than are stored of the interval itself.
   * @throws DataError `DATA_MISSING` (series unknown), `DATA_RANGE` (no candle in the range), `DATA_INVALID` (a stored row breaks a rule), `DATA_UNREADABLE`
   */
  readCandles(request: CandleRequest): Promise<StoredCandles>

  /**
   * Returns a period with its warm-up history.
   * @throws DataError as `readCandles`, and `DATA_TOO_SHORT` when no bar is left after the warm-up
   * @throws ConfigError `PERIOD_EMPTY` when the start is not before the end
   */
  readWarmCandles(request: WarmCandlesRequest): Promise<WarmCandles>

  /**
   * Checks a file and merges its candles into the store; a stored candle with the same open time is replaced.
   * All or nothing for the checks, atomic per month for the writing.
   * @throws DataError `IMPORT_…` when the file is bad
   * @throws PlatformError `SERIES_BUSY`, `DISK_FULL`, `FOLDER_READ_ONLY`, `WRITE_FAILED` or `INTERRUPTED`
   */
  importCandles(request: ImportRequest): Promise<ImportSummary>

  /**
   * Returns every series that can be read.
   * @param onDamaged called for each series that cannot; without it the first one is thrown
   * @param onInaccessible called for each folder that may hold series but cannot be looked into
   * @throws DataError `DATA_INVALID`, `DATA_UNREADABLE`; DataAccessError `DATA_INACCESSIBLE`
   */
  listSeries(
    onDamaged?: OnDamaged,
    onInaccessible?: OnInaccessible,
  ): Promise<readonly StoredSeries[]>

  /** Frees what reading holds in memory; the store opens it again when needed. */
  close(): void
}
