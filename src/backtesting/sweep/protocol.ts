import type { SignalProgram } from '../../kernel/program.ts'
import type { MarketInput } from '../../kernel/types.ts'
import type { Grid } from './grid.ts'
import type { Tiling } from './tiles.ts'

/** First message to a worker: all it will ever need. Columns and `survivors` are shared memory, the rest is copied. */
export interface StartMessage {
  readonly kind: 'start'
  readonly kernel: WebAssembly.Module
  readonly market: MarketInput
  readonly program: SignalProgram
  readonly grid: Grid
  readonly tiling: Tiling
  readonly survivors: Uint32Array | null
}

/** Asks for one tile; the worker finds its points by itself. */
export interface TileMessage {
  readonly kind: 'tile'
  readonly tile: number
}

export type ToWorker = StartMessage | TileMessage

/** The metrics of a tile's surviving points in canonical order, row-major; its buffer is transferred. */
export interface RowsMessage {
  readonly kind: 'rows'
  readonly tile: number
  readonly metrics: Float64Array
}

/** The worker could not compute a tile. */
export interface FailedMessage {
  readonly kind: 'failed'
  readonly message: string
  /** Code of a configuration error: another worker would answer the same, so there is no second attempt. */
  readonly configCode?: string | undefined
}

export type FromWorker = RowsMessage | FailedMessage
