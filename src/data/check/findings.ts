import type { CandleColumn } from '../../core/candles.ts'
import type { CauseCount } from '../causes.ts'
import type { ViolationKind } from '../columns.ts'
import type { Gap } from '../continuity.ts'
import type { SeriesKey } from '../store.ts'

/** Findings of a kind that a report lists; all of them are counted. */
export const LISTED_MAX = 5

/** A row that breaks a rule of stored candles. */
export interface BadRow {
  /** From 1. */
  readonly row: number
  readonly openTime: number
  readonly kind: ViolationKind
  readonly rule: string
}

/** The rows of one file that break a rule. */
export interface BadFile {
  readonly path: string
  readonly rows: number
  readonly kinds: Readonly<Partial<Record<ViolationKind, number>>>
  /** The first ones. */
  readonly examples: readonly BadRow[]
}

export interface UnreadableFile {
  readonly path: string
  readonly reason: string
  /** The system does not let us read it: nothing says that it is damaged. */
  readonly isInaccessible?: boolean
}

/** A range of missing candles and why they are. */
export interface ListedGap extends Gap {
  readonly causes: readonly CauseCount[]
}

/** A candle whose high or low is far beyond both its neighbours. */
export interface Spike {
  readonly openTime: number
  readonly side: 'high' | 'low'
  readonly price: number
  /** How far beyond the nearer neighbour, as a ratio of the close before, and in median true ranges. */
  readonly ratio: number
  readonly ranges: number
}

/**
 * `wrong`: it is damaged, or the file is not the one that it describes; `outdated`: it describes a file that is gone; `unverified`: it
 * does not list the file, so that nothing says what it should hold.
 */
export interface ManifestFinding {
  /** Of the file; of the manifest where that is damaged. */
  readonly path: string
  readonly month: string | null
  readonly kind: 'wrong' | 'outdated' | 'unverified'
  /** What differs, such as `rows` or `hash`. */
  readonly fields: readonly string[]
}

/** A month whose file is not what it should be: it cannot be read, has bad rows, or other content than the manifest says. */
export interface DamagedMonth {
  readonly month: string
  readonly path: string
  /** What has its candles: the database that it is a copy of, the exchange or a file, or the sample that it is part of. */
  readonly origin: 'database' | 'lake' | 'sample'
}

/** A stored value that differs from the one that finer candles give. */
export interface Disagreement {
  readonly openTime: number
  readonly column: CandleColumn
  readonly stored: number
  readonly resampled: number
}

/** Stored candles against those that a finer stored series gives. */
export interface Comparison {
  readonly finer: string
  /** Candles that both have, and those of them that differ. */
  readonly compared: number
  readonly differing: number
  readonly columns: Readonly<Partial<Record<CandleColumn, number>>>
  /** The first ones. */
  readonly examples: readonly Disagreement[]
}

/** What was found in one stored series. */
export interface SeriesCheck extends SeriesKey {
  readonly files: number
  /** Rows read, bad ones included. */
  readonly rows: number
  /** Of the sound rows: open time of the first and end of the last; null when there is none. */
  readonly fromMs: number | null
  readonly toMs: number | null
  readonly badFiles: readonly BadFile[]
  readonly unreadable: readonly UnreadableFile[]
  readonly comparisons: readonly Comparison[]
  readonly manifest: readonly ManifestFinding[]
  readonly damaged: readonly DamagedMonth[]
  /** Candles missing between the first and the last. */
  readonly missing: number
  readonly gaps: number
  readonly longestGaps: readonly ListedGap[]
  readonly causes: readonly CauseCount[]
  readonly zeroVolume: number
  /** Candles whose volume is not known: the imported file had none. */
  readonly missingVolume: number
  /** Runs of candles that repeat one price without volume; the longest. */
  readonly stale: number
  readonly longestStale: readonly Gap[]
  readonly spikes: number
  readonly largestSpikes: readonly Spike[]
  /** Findings that change results: bad rows, unreadable files, candles that differ, a manifest that is wrong or damaged. */
  readonly problems: number
  /** Findings that somebody should look at: gaps, candles without volume, stale runs, spikes, an outdated manifest, unverified files. */
  readonly notes: number
}
