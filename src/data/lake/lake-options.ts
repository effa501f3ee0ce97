import type { DuckDbOptions } from '../duckdb.ts'
import type { LakeFolders } from './lake.ts'

export interface LakeOptions extends LakeFolders, Pick<DuckDbOptions, 'threads' | 'memoryLimitMb'> {
  /** Reads of at least this many rows copy their months for the next time; 100,000 unless given. */
  readonly hotRowsMin?: number
  /** Whether a candle that an exchange lacks is one in which nothing traded; none is unless given. */
  readonly isSparse?: (exchange: string) => boolean
  /** Told of files that nothing vouches for, and of what was damaged in the ledger and is dropped. */
  readonly warn?: (message: string) => void
}
