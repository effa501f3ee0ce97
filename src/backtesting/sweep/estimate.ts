import { ConfigError } from '../../core/errors.ts'
import { METRICS } from '../../core/metrics.ts'
import type { SweepEstimate } from '../results.ts'
import { group } from './grid.ts'

const DOUBLE_BYTES = 8
const MIB = 1 << 20
/** Shared by all workers: five candle columns and their times. */
const MARKET_COLUMNS = 6
/** Doubles per bar in a worker: its copy of the columns and the kernel's sums and range tables (measured: 5 to 8). */
const WORKER_DOUBLES_PER_BAR = 9
/** A column in the kernel: the 4,096 bars in work, and the outline that comparisons read. */
const COLUMN_DOUBLES = 4096 + 1280
/** Per bar of look-back: the past that is kept, and the blocks of a rolling window (measured: 8.4 for a z-score). */
const COLUMN_DOUBLES_PER_LOOKBACK = 9
/** Runtime, code and stack of one worker. */
const WORKER_BASE_BYTES = 24 * MIB
/** Indicator columns of one tile may take this much of a worker's memory; tiles grow no further. */
const TILE_COLUMN_BYTES_MAX = 64 * MIB
/** A worker has one tile in work and one waiting; rows come back for both. */
export const TILES_IN_FLIGHT = 2

/** What a sweep may use; beyond it, it is refused before it starts. */
export interface SweepLimits {
  /** Combinations of the grid before `where`. */
  readonly combinationsMax: number
  readonly memoryMaxBytes: number
}

export interface WorkerLoad {
  /** All candles read, warm-up included. */
  readonly candles: number
  /** Most bars that an indicator reads back. */
  readonly lookback: number
  /** Indicator columns of one tile. */
  readonly columns: number
}

/** Returns the memory of one worker in bytes. */
export type EstimateWorkerBytes = (load: WorkerLoad) => number

export const estimateWorkerBytes: EstimateWorkerBytes = (load) =>
  WORKER_BASE_BYTES +
  WORKER_DOUBLES_PER_BAR * load.candles * DOUBLE_BYTES +
  columnBytes(load.columns, load.lookback)

/** Whether the indicator columns of a tile stay within the memory set aside for them. */
export function columnsFit(columns: number, lookback: number): boolean {
  return columnBytes(columns, lookback) <= TILE_COLUMN_BYTES_MAX
}

function columnBytes(columns: number, lookback: number): number {
  return columns * (COLUMN_DOUBLES + COLUMN_DOUBLES_PER_LOOKBACK * lookback) * DOUBLE_BYTES
}

export interface MemoryRequest {
  readonly gridPoints: number
  readonly load: WorkerLoad
  readonly workers: number
  readonly tilePoints: number
  readonly workerBytes: EstimateWorkerBytes
}

/** Returns the bytes a sweep needs at its peak, above what the process holds already. */
export function estimateMemoryBytes(request: MemoryRequest): number {
  const shared = MARKET_COLUMNS * request.load.candles * DOUBLE_BYTES
  const rows =
    request.workers * TILES_IN_FLIGHT * request.tilePoints * METRICS.length * DOUBLE_BYTES
  const bitmaps = Math.ceil(request.gridPoints / 8) * 3
  const worker = request.workerBytes(request.load)
  return shared + request.workers * worker + rows + bitmaps
}

/** Returns the size of the rows without compression: the most the rows file can take, within its framing. */
export function estimateRowsBytes(combinations: number, params: number): number {
  return combinations * (params + METRICS.length) * DOUBLE_BYTES
}

/** Framing of the files, the manifest and the lists in it, whatever the number of rows. */
const DISK_BASE_BYTES = MIB / 2

/**
 * Returns what the output folder needs at the peak of a sweep, beside what an earlier run left there: the spool of metrics, the rows as
 * the writer stages them, and the rows file made from those. Rows of noise hardly compress.
 */
export function estimateDiskBytes(combinations: number, params: number): number {
  return (
    DISK_BASE_BYTES +
    estimateRowsBytes(combinations, 0) +
    2 * estimateRowsBytes(combinations, params)
  )
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
    `sweeps.${estimate.sweep}: the rows of ${group(estimate.combinations)} combinations need ${mib(diskBytes)} in ${request.outputDir} while they are written, ` +
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
