import type { DatabaseFeatures } from '../data/timescale/features.ts'
import type { MigrationState } from '../data/timescale/migrations/state.ts'
import type { StoredCandleStatus } from '../data/timescale/status.ts'

/** What the terminal and JSON reports show of things that other layers hold; plain data, no behavior. */

/** One finding of a validation. Lines and columns count from 1. */
export interface ConfigProblem {
  readonly severity: 'error' | 'warn'
  /** Stable upper-case literal, such as `CONFIG_UNKNOWN_KEY`. */
  readonly code: string
  readonly message: string
  readonly file: string
  readonly line?: number
  readonly col?: number
  /** The line of the file, secrets masked, and the stretch of it to mark. */
  readonly frame?: { readonly text: string; readonly col: number; readonly length: number }
  /** A sentence that says what to do, such as `Did you mean 'params'?`. */
  readonly hint?: string
}

export interface ConfigReport {
  readonly files: readonly string[]
  readonly problems: readonly ConfigProblem[]
  /** How many of each are configured, such as `{ strategies: 8, sweeps: 2 }`. */
  readonly counts: Readonly<Record<string, number>>
  /** What is not wrong in the files, but in what they name. */
  readonly warnings?: readonly Warning[]
}

/** One leaf of the effective configuration; secrets arrive already redacted. */
export interface EffectiveValue {
  readonly path: string
  readonly value: unknown
  /** Human words for where the value came from: `config/settings.yaml:3`, `environment DB_HOST`, `default`. */
  readonly origin: string
}

export interface EffectiveConfig {
  /** The whole configuration as plain data, redacted. */
  readonly document: unknown
  readonly values: readonly EffectiveValue[]
}

export interface ParamView {
  readonly name: string
  /** `integer`, `number`, `boolean` or `string`. */
  readonly type: string
  readonly default: unknown
  readonly minimum?: number
  readonly maximum?: number
  readonly description: string
}

/** A strategy or an indicator, for listings and its own page. */
export interface DefinitionView {
  readonly name: string
  readonly description: string
  readonly category: string
  /** `built-in` or a plugin's path. */
  readonly source: string
  readonly params: readonly ParamView[]
  /** Bars before the first defined value at the default parameters; null when that is not known. */
  readonly warmupBars: number | null
  /** Further facts for the page of one definition, in order: label and text. */
  readonly facts: readonly (readonly [label: string, text: string])[]
}

export interface ExchangeView {
  readonly name: string
  /** null where only imported candles are used. */
  readonly adapter: string | null
  readonly testnet: boolean
  /** Requests per minute; null when the adapter decides. */
  readonly rateLimit: number | null
  readonly credentials: 'set' | 'missing' | 'not needed'
  readonly description: string
}

/** One stored candle series. */
export interface SeriesView {
  readonly exchange: string
  readonly symbol: string
  readonly interval: string
  readonly rows: number
  /** Open time of the first candle and end of the last one, epoch ms. */
  readonly fromMs: number
  readonly toMs: number
  /** Candles missing between the first and the last. */
  readonly holes: number
  readonly bytes: number
  /** Where it is stored: `sample` (read-only, shipped), `lake`, or `mixed`. */
  readonly source: string
}

/** What a sync did with one series. Months such as `2024-01`. */
export interface SyncedSeriesView {
  readonly exchange: string
  readonly symbol: string
  readonly interval: string
  /** Copied because they changed; equal already; removed because the database no longer has them. */
  readonly exported: readonly string[]
  readonly unchanged: readonly string[]
  readonly removed: readonly string[]
  /** Left alone: the lake has other candles, which it did not get from this database. */
  readonly conflicts: readonly string[]
  /** Candles copied. */
  readonly rows: number
  readonly seconds: number
}

/** What an import did. */
export interface ImportView {
  readonly exchange: string
  readonly symbol: string
  readonly interval: string
  readonly files: readonly string[]
  /** Whether the interval was found in the files, and not given. */
  readonly isIntervalInferred: boolean
  /** Rows read from the files, and exact repeats among them that were dropped. */
  readonly rows: number
  readonly duplicates: number
  /** Candles the store did not have before, had with other values, and had already. */
  readonly added: number
  readonly replaced: number
  readonly unchanged: number
  /** Open time of the first candle of the files and end of the last one, epoch ms. */
  readonly fromMs: number
  readonly toMs: number
  /** Candles missing between the first and last row of the files. */
  readonly holes: number
  /** Candles whose volume the files do not have. */
  readonly missingVolume: number
  /** How the files were read, where that is not plain. */
  readonly notes: readonly string[]
  /** Months written, such as `2024-01`, and the folder they are in. */
  readonly partitions: readonly string[]
  readonly folder: string
}

/** A series while it is ingested. */
export interface IngestProgressView {
  readonly exchange: string
  readonly symbol: string
  readonly interval: string
  /** Slots of the time axis that are settled, and all that have to be. */
  readonly done: number
  readonly total: number
  /** Candles received so far, from the venue and from an archive, and the new ones among them. */
  readonly fetched: number
  readonly archived: number
  readonly written: number
  readonly seconds: number
}

/** What became of one series; without a failure `error` is absent. */
export interface IngestSeriesView {
  readonly exchange: string
  readonly symbol: string
  readonly interval: string
  /** Open times asked for, cut to closed candles: [fromMs, toMs). */
  readonly fromMs: number
  readonly toMs: number
  /** Answers of the exchange. */
  readonly pages: number
  /** Candles received from the exchange, repeated ones included, and from an archive. */
  readonly fetched: number
  readonly archived: number
  /** Candles that were not stored before, and that were stored with other values. */
  readonly written: number
  readonly changed: number
  /** Candles of the range that are missing: those that the exchange has not, and the longest hole of these, and refused ones. */
  readonly holes: number
  readonly absent: number
  readonly longestHole: number
  /** Candles of the range that were refused. */
  readonly quarantined: number
  /** Slots of the range that were not asked for, because the run was stopped. */
  readonly unverified: number
  readonly seconds: number
  readonly error?: { readonly code: string; readonly message: string } | undefined
}

/** What an ingestion would fetch. */
export interface IngestPlanView {
  readonly exchange: string
  readonly symbol: string
  readonly interval: string
  readonly fromMs: number
  readonly toMs: number
  readonly candles: number
  readonly pages: number
}

/** A simulator that is ready. */
export interface SimulatorView {
  /** Base URLs without a path, and that of the control interface. */
  readonly restUrl: string
  readonly streamUrl: string
  readonly controlUrl: string
  /** What a client of the control interface must show. */
  readonly controlToken: string
  /** Simulated time at the start, epoch ms. */
  readonly nowMs: number
  /** Simulated seconds per real second. */
  readonly speed: number
  readonly seed: number
  readonly symbols: readonly string[]
  /** From when to when all symbols have candles, epoch ms. */
  readonly fromMs: number
  readonly toMs: number
}

/** What a run used, for its envelope. Hashes are `sha256:<hex>`. */
export interface RunView {
  readonly id?: string
  readonly config?: string
  readonly data?: string
  readonly kernel?: string
  readonly engine: string
  readonly seed?: number
  readonly ms: number
}

export interface Warning {
  /** Stable upper-case literal, such as `FEW_TRADES`. */
  readonly code: string
  readonly message: string
}

/** The database of candles: where it is, what it can do, which migrations it has. */
export interface DatabaseView {
  readonly host: string
  readonly port: number
  readonly name: string
  readonly user: string
  readonly tls: string
  readonly features: DatabaseFeatures
  readonly migrations: readonly MigrationState[]
  /** What it does without, and why; undefined when nothing is missing. */
  readonly note: string | undefined
}

export interface DatabaseMigrationView extends DatabaseView {
  /** Names of the migrations that were applied just now. */
  readonly applied: readonly string[]
}

export interface DatabaseStatusView extends DatabaseView {
  readonly bytes: number
  /** undefined while it has no tables. */
  readonly stored: StoredCandleStatus | undefined
}
