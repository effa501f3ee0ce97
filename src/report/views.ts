/** What the terminal and JSON reports show of things that other layers hold; plain data, no behavior. */

/** One finding of a validation. Lines and columns count from 1. */
export interface ConfigProblem {
  readonly severity: 'error' | 'warning'
  /** Stable upper-case literal, such as `CONFIG_UNKNOWN_KEY`. */
  readonly code: string
  readonly message: string
  readonly file: string
  readonly line?: number
  readonly column?: number
  /** Dotted path of the key, such as `strategies.sma.params.fast_period`. */
  readonly path?: string
  /** The source line and how many characters of it, from `column`, the problem covers. */
  readonly source?: string
  readonly length?: number
  /** What to write instead, such as the nearest known name. */
  readonly hint?: string
}

export interface ConfigReport {
  readonly files: readonly string[]
  readonly problems: readonly ConfigProblem[]
  /** How many of each are configured, such as `{ strategies: 8, sweeps: 2 }`. */
  readonly counts: Readonly<Record<string, number>>
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
  readonly adapter: string
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
  readonly candles: number
  /** Open time of the first candle and end of the last one, epoch ms. */
  readonly firstMs: number
  readonly endMs: number
  /** Candles missing between the first and the last. */
  readonly holes: number
  readonly bytes: number
  /** Where it is stored: `sample` (read-only, shipped) or `lake`. */
  readonly store: string
}

/** What an import did. */
export interface ImportView {
  readonly exchange: string
  readonly symbol: string
  readonly interval: string
  readonly file: string
  /** Rows read from the file, and of those the candles that were not stored before. */
  readonly rows: number
  readonly added: number
  /** Candles of the whole stored series afterwards. */
  readonly candles: number
  readonly firstMs: number
  readonly endMs: number
  readonly holes: number
  readonly partitions: readonly string[]
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
