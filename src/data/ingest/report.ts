import type { Hole } from '../repository.ts'
import type { SeriesKey, TimeRange } from '../store.ts'

/** Counters of one series while it is ingested. */
export interface SeriesCounts {
  /** Candles that the venue sent, repeated ones included. */
  readonly fetched: number
  /** Candles taken from the archive. */
  readonly archived: number
  /** Candles that were not stored before, and that were stored with other values. */
  readonly written: number
  readonly changed: number
}

export interface SeriesProgress extends SeriesKey, SeriesCounts {
  /** Slots of the time axis that are settled, and all that had to be. */
  readonly done: number
  readonly total: number
  readonly seconds: number
}

/** What became of one series; the range is the one that was asked for, cut to closed candles. */
export interface SeriesReport extends SeriesKey, TimeRange, SeriesCounts {
  /** Answers of the venue. */
  readonly pages: number
  /** Candles of the range that the venue has not, and where they are missing. */
  readonly holes: number
  readonly holeRanges: readonly Hole[]
  /** Candles of the range that were refused. */
  readonly quarantined: number
  /** Slots of the range that were not asked for, because the run was stopped. */
  readonly unverified: number
  readonly seconds: number
}

/** Returns what two runs over one series did together: counters add up, and what is missing is what the later one found. */
export function addReports(before: SeriesReport, now: SeriesReport): SeriesReport {
  const sum = (name: 'pages' | 'fetched' | 'archived' | 'written' | 'changed' | 'seconds') =>
    before[name] + now[name]
  return {
    ...now,
    fromMs: Math.min(before.fromMs, now.fromMs),
    pages: sum('pages'),
    fetched: sum('fetched'),
    archived: sum('archived'),
    written: sum('written'),
    changed: sum('changed'),
    seconds: sum('seconds'),
  }
}
