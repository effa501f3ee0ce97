import type { Problem } from './problems.ts'
import type { Provenance } from './provenance.ts'
import type { Backtest } from './schemas/backtests.ts'
import type { Exchange } from './schemas/exchanges.ts'
import type { Settings } from './schemas/settings.ts'
import type { Strategy } from './schemas/strategies.ts'
import type { Sweep } from './schemas/sweeps.ts'

type DeepReadonly<T> = T extends (infer U)[]
  ? readonly DeepReadonly<U>[]
  : T extends Record<string, unknown>
    ? { readonly [K in keyof T]: DeepReadonly<T[K]> }
    : T

type Entries<T> = Readonly<Record<string, DeepReadonly<T>>>

/** What the five files say, by file. Complete: every default is filled in. */
export interface ConfigValues {
  readonly settings: DeepReadonly<Settings>
  readonly exchanges: Entries<Exchange>
  readonly strategies: Entries<Strategy>
  readonly backtests: Entries<Backtest>
  readonly sweeps: Entries<Sweep>
}

/** The whole configuration: valid, complete, deeply frozen. */
export interface Config extends ConfigValues {
  /** Folder it was read from, as it was named. */
  readonly dir: string
  /** Files that were found, in the order of reading. */
  readonly files: readonly string[]
  readonly provenance: Provenance
  /** Strategy types that are registered. */
  readonly strategyTypes: readonly string[]
}

/** A configuration that may lack whatever was wrong in the files. */
export type Draft<T> = T extends readonly (infer U)[]
  ? readonly (Draft<U> | undefined)[]
  : T extends object
    ? { readonly [K in keyof T]?: Draft<T[K]> }
    : T

export interface Validation {
  /** Files that were found, readable or not, in the order of reading. */
  readonly files: readonly string[]
  /** Errors and warnings of all files, sorted by file and position. */
  readonly problems: readonly Problem[]
  /** Absent when there is an error. */
  readonly config: Config | undefined
}
