import { statSync } from 'node:fs'
import type { CandleColumns } from '../../core/candles.ts'
import { DataError, PlatformError } from '../../core/errors.ts'
import { ceilToGrid, type IntervalGrid } from '../../core/intervals.ts'
import { formatInstant } from '../../core/units.ts'
import {
  ColumnsHasher,
  columnsOf,
  FILE_COLUMNS,
  findViolation,
  MAY_LACK_VOLUME,
  SharedColumns,
  type Violation,
} from '../columns.ts'
import { type DuckDb, sqlPath } from '../duckdb.ts'
import { firstLine, ifThere, readFailure, unreadableError } from '../files.ts'
import type { TimeRange } from '../store.ts'
import { monthRange, type Partition } from './lake.ts'
import { verifyFiles } from './manifest-file.ts'

export interface ColumnsRequest {
  readonly partitions: readonly Partition[]
  readonly grid: IntervalGrid
  /** Open times to read; everything when absent. */
  readonly range?: TimeRange
}

/**
 * Chunks between two collections of garbage. The arrays of a chunk lie outside the JavaScript heap, so the collector sees
 * no reason to run: without this, reading 835,200 rows leaves 55 MB of them behind.
 */
const CHUNKS_PER_COLLECTION = 64

/**
 * Reads the candles of partitions into columns over shared memory, checking and hashing them on the way.
 * @throws DataError `DATA_INVALID` or `DATA_UNREADABLE`, both naming the file
 */
export async function readColumns(
  db: DuckDb,
  request: ColumnsRequest,
): Promise<{ readonly columns: CandleColumns; readonly hash: string }> {
  return await whileUnchanged(request.partitions, async () => {
    const columns = new SharedColumns(rowsMax(request))
    const hasher = new ColumnsHasher()
    let chunks = 0
    for await (const chunk of checkedChunks(db, request)) {
      columns.append(chunk)
      hasher.push(chunk)
      if (++chunks % CHUNKS_PER_COLLECTION === 0) Bun.gc(true)
    }
    if (chunks > CHUNKS_PER_COLLECTION) Bun.gc(true)
    return { columns: columns.finish(), hash: hasher.finish() }
  })
}

/** A writer replaces a month at most a few times a second, and reading one takes less. */
const READINGS_MAX = 20

/**
 * Runs `read` over the files of partitions, again when one of them was replaced meanwhile: DuckDB opens a file more than once, and takes
 * the place of its rows from the one and the rows from the other then.
 */
export async function whileUnchanged<T>(
  partitions: readonly Partition[],
  read: () => Promise<T>,
): Promise<T> {
  for (let left = READINGS_MAX; ; left--) {
    const before = statesOf(partitions)
    const outcome = await read().then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    )
    if (left > 1 && statesOf(partitions) !== before) continue
    if ('error' in outcome) throw outcome.error
    return outcome.value
  }
}

function statesOf(partitions: readonly Partition[]): string {
  return partitions
    .map(({ path }) => ifThere(path, () => statSync(path, { bigint: true })))
    .map((file) => `${file?.ino} ${file?.size} ${file?.mtimeNs}`)
    .join()
}

/**
 * Streams the candles of partitions in order of time as chunks that satisfy every rule of stored candles. All bytes of files with
 * a known checksum are compared first, however few of their rows are wanted.
 */
export async function* checkedChunks(
  db: DuckDb,
  request: ColumnsRequest,
): AsyncGenerator<CandleColumns> {
  if (request.partitions.length === 0) return
  verifyFiles(request.partitions)
  let previous = -Infinity
  let rows = 0
  const misplaced = misplacedFinder(request.partitions)
  try {
    for await (const vectors of db.doubles(selectSql(request), FILE_COLUMNS.length)) {
      const chunk = columnsOf(vectors)
      const violation =
        findViolation(chunk, request.grid, previous, MAY_LACK_VOLUME) ?? misplaced(chunk.openTime)
      if (violation !== undefined) throw await invalid(db, request, rows, violation)
      rows += chunk.openTime.length
      previous = chunk.openTime.at(-1) as number
      yield chunk
    }
  } catch (error) {
    throw await unreadable(db, request.partitions, error)
  }
}

/** How many candles fit in the range and the months of the partitions: no valid file holds more. */
function rowsMax({ partitions, grid, range }: ColumnsRequest): number {
  let rows = 0
  for (const { month } of partitions) {
    const { fromMs, toMs } = monthRange(month)
    const first = ceilToGrid(Math.max(fromMs, range?.fromMs ?? fromMs), grid)
    const end = ceilToGrid(Math.min(toMs, range?.toMs ?? toMs), grid)
    rows += Math.max(0, (end - first) / grid.ms)
  }
  return rows
}

/** Returns a function that finds the first of ever later open times that lies in none of the partitions' months. */
function misplacedFinder(
  partitions: readonly Partition[],
): (openTime: Float64Array) => Violation | undefined {
  const ranges = partitions.map(({ month }) => monthRange(month))
  let current = 0
  return (openTimes) => {
    if (isWithin(openTimes, ranges[current])) return undefined
    for (let row = 0; row < openTimes.length; row++) {
      const openTime = openTimes[row] as number
      while (openTime >= (ranges[current]?.toMs ?? Infinity)) current++
      if (!(openTime >= (ranges[current]?.fromMs ?? Infinity))) {
        return { row, openTime, kind: 'month', rule: MONTH_RULE }
      }
    }
    return undefined
  }
}

export const MONTH_RULE = 'open_time must lie in the month that names the file'

/** Whether rising times all lie in a range. */
function isWithin(times: Float64Array, range: TimeRange | undefined): boolean {
  if (range === undefined) return false
  return (times[0] as number) >= range.fromMs && (times.at(-1) as number) < range.toMs
}

export function selectSql({ partitions, range }: ColumnsRequest): string {
  const files = partitions.map(({ path }) => sqlPath(path)).join(', ')
  const columns = FILE_COLUMNS.map((name) => `CAST(${name} AS DOUBLE)`).join(', ')
  const where =
    range === undefined
      ? ''
      : ` WHERE open_time >= ${sqlInteger(range.fromMs)} AND open_time < ${sqlInteger(range.toMs)}`
  return `SELECT ${columns} FROM read_parquet([${files}], hive_partitioning = false)${where}`
}

/** Writes a time for SQL; beyond the years that a calendar knows the bound does not matter. */
function sqlInteger(ms: number): string {
  return Math.max(-8.64e15, Math.min(8.64e15, Math.ceil(ms))).toFixed(0)
}

/** `data check` tells copies from others, by what the manifest says. */
const REMEDY =
  'Delete the file and import that month again or, where it was copied from a database, run crypto data sync.'

/** Finds the file of a bad row, which the fast path does not carry along. */
async function invalid(
  db: DuckDb,
  request: ColumnsRequest,
  rowsBefore: number,
  violation: Violation,
): Promise<DataError> {
  const offset = rowsBefore + violation.row
  const sql = selectSql(request).replace(/^SELECT .* FROM read_parquet\((.*)\)/, (_, inner) => {
    return `SELECT filename, CAST(file_row_number AS DOUBLE) FROM read_parquet(${inner}, filename = true, file_row_number = true)`
  })
  const [where] = await db.rows(`${sql} LIMIT 1 OFFSET ${offset}`)
  const [path, row] = (where ?? ['?', offset]) as [string, number]
  const time = Number.isFinite(violation.openTime) ? formatInstant(violation.openTime) : 'no time'
  return new DataError(
    'DATA_INVALID',
    `${path} row ${row + 1} (${time}): ${violation.rule}. ${REMEDY}`,
    { context: { path, row: row + 1, openTime: violation.openTime, rule: violation.rule } },
  )
}

/** Names the damaged file: DuckDB's message may not. */
async function unreadable(
  db: DuckDb,
  partitions: readonly Partition[],
  error: unknown,
): Promise<unknown> {
  if (error instanceof PlatformError) return error
  for (const { path } of partitions) {
    try {
      const columns = FILE_COLUMNS.map((name) => `sum(${name})`).join(', ')
      await db.run(`SELECT ${columns} FROM read_parquet(${sqlPath(path)})`)
    } catch (cause) {
      const refused = unreadableError(readFailure(cause, path), path)
      if (refused !== undefined) return refused
      const reason = firstLine(cause instanceof Error ? cause.message : String(cause))
      return new DataError(
        'DATA_UNREADABLE',
        `${path}: not a readable candle file: ${reason}. ${REMEDY}`,
        { context: { path }, cause },
      )
    }
  }
  return error
}
