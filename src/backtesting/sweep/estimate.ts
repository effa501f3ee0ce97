import { ConfigError } from '../../core/errors.ts'
import { METRICS } from '../../core/metrics.ts'
import type { SweepEstimate } from '../results.ts'
import { group } from './grid.ts'

const DOUBLE_BYTES = 8
const MIB = 1 << 20
/** Candle columns and times, and the kernel's prefix and range structures over them. */
const MARKET_COLUMNS = 6
const DERIVED_COLUMNS = 6
/** Runtime, code and stack of one worker. */
const WORKER_BASE_BYTES = 24 * MIB
/** Indicator columns of one tile may take this much of a worker's memory; tiles grow no further. */
const TILE_COLUMN_BYTES_MAX = 64 * MIB
/** A worker has one tile in work and one waiting; rows come back for both. */
export const TILES_IN_FLIGHT = 2

export const COMBINATIONS_MAX = 50_000_000

/** What a sweep may use; beyond it, it is refused before it starts. */
export interface SweepLimits {
  /** Combinations of the grid before `where`. */
  readonly combinationsMax: number
  readonly memoryMaxBytes: number
}

/** Returns the memory of one worker that holds `bars` candles and `columns` indicator columns. */
export type EstimateWorkerBytes = (bars: number, columns: number) => number

export const estimateWorkerBytes: EstimateWorkerBytes = (bars, columns) =>
  WORKER_BASE_BYTES + (MARKET_COLUMNS + DERIVED_COLUMNS + columns) * bars * DOUBLE_BYTES

/** Whether the indicator columns of a tile stay within the memory set aside for them. */
export function columnsFit(bars: number, columns: number): boolean {
  return columns * bars * DOUBLE_BYTES <= TILE_COLUMN_BYTES_MAX
}

export interface MemoryRequest {
  readonly gridPoints: number
  /** All candles read, warm-up included. */
  readonly candles: number
  readonly workers: number
  readonly tilePoints: number
  readonly tileColumns: number
  readonly workerBytes: EstimateWorkerBytes
}

/** Returns the bytes a sweep needs at its peak, above what the process holds already. */
export function estimateMemoryBytes(request: MemoryRequest): number {
  const shared = MARKET_COLUMNS * request.candles * DOUBLE_BYTES
  const rows =
    request.workers * TILES_IN_FLIGHT * request.tilePoints * METRICS.length * DOUBLE_BYTES
  const bitmaps = Math.ceil(request.gridPoints / 8) * 3
  const worker = request.workerBytes(request.candles, request.tileColumns)
  return shared + request.workers * worker + rows + bitmaps
}

/** Returns the size of the rows without compression: the most the rows file can take, within its framing. */
export function estimateRowsBytes(combinations: number, params: number): number {
  return combinations * (params + METRICS.length) * DOUBLE_BYTES
}

/** Returns what the output folder needs while a sweep runs: the spool of metrics and the rows file made from it. */
export function estimateDiskBytes(combinations: number, params: number): number {
  return estimateRowsBytes(combinations, params) + estimateRowsBytes(combinations, 0)
}

export interface RefusalRequest {
  readonly estimate: SweepEstimate
  readonly limits: SweepLimits
  readonly diskBytes: number
  readonly diskFreeBytes: number
  readonly outputDir: string
}

/** @throws ConfigError `GRID_TOO_LARGE` when the sweep cannot fit the memory or the disk, with the numbers */
export function refuseOversized(request: RefusalRequest): void {
  const { estimate, limits, diskBytes, diskFreeBytes } = request
  if (estimate.memoryBytes > limits.memoryMaxBytes) throw tooMuchMemory(request)
  if (diskBytes <= diskFreeBytes) return
  throw new ConfigError(
    'GRID_TOO_LARGE',
    `sweeps.${estimate.sweep}: the rows of ${group(estimate.combinations)} combinations need ${mib(diskBytes)} in ${request.outputDir}, ` +
      `${mib(diskFreeBytes)} are free. Use a smaller grid, free space, or choose another folder with --output.`,
    { context: { sweep: estimate.sweep, diskBytes, diskFreeBytes } },
  )
}

function tooMuchMemory({ estimate, limits }: RefusalRequest): ConfigError {
  const { sweep, combinations, bars, warmupBars, workers, memoryBytes } = estimate
  const { memoryMaxBytes } = limits
  return new ConfigError(
    'GRID_TOO_LARGE',
    `sweeps.${sweep}: ${group(combinations)} combinations × ${group(bars)} bars (and ${group(warmupBars)} of warm-up) on ${workers} workers ` +
      `need ${mib(memoryBytes)} of memory, the limit is ${mib(memoryMaxBytes)}. Use fewer workers, a shorter period or a smaller grid.`,
    { context: { sweep, memoryBytes, memoryMaxBytes, combinations, bars, workers } },
  )
}

function mib(bytes: number): string {
  return `${group(Math.ceil(bytes / MIB))} MiB`
}
