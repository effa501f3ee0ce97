import {
  closeSync,
  existsSync,
  fstatSync,
  openSync,
  readdirSync,
  readSync,
  statSync,
} from 'node:fs'
import { join } from 'node:path'
import type { CandleColumns } from '../../core/candles.ts'
import { PlatformError } from '../../core/errors.ts'
import { sha256 } from '../../core/hash.ts'
import { columnsOf, FILE_COLUMNS } from '../columns.ts'
import { isStorageFailure, makeFolder, remove, writeAtomically } from '../files.ts'
import type { SeriesKey, TimeRange } from '../store.ts'
import { type Partition, seriesFolder } from './lake.ts'
import type { PartitionFacts } from './manifest.ts'

const FOLDER = '.hot'

/** Together the copies of a lake take at most this much; then no more are made. */
export const HOT_BYTES_MAX = 1_073_741_824

/** A month with what its manifest says of it. */
export interface HotMonth {
  readonly partition: Partition
  readonly facts: PartitionFacts
}

/**
 * Copies of months as Arrow IPC files in `<lake>/.hot`, uncompressed, from which columns are read without a database.
 *
 * A copy belongs to its month by name: the name holds a digest of the size and the modification time of the month's file and of
 * the content hash in its manifest. Nothing else ever makes a copy valid, so the folder can be deleted at any time, and
 * what changes a month need not know of it. Copies appear whole or not at all.
 */
export class HotColumns {
  readonly #lake: string
  readonly #bytesMax: number

  constructor(lake: string, bytesMax = HOT_BYTES_MAX) {
    this.#lake = lake
    this.#bytesMax = bytesMax
  }

  has(key: SeriesKey, month: HotMonth): boolean {
    return existsSync(this.#path(key, month))
  }

  /** Makes the folder for copies of so many rows; false where they have no room or cannot be written. */
  prepare(key: SeriesKey, rows: number): boolean {
    try {
      makeFolder(this.#folder(key))
    } catch {
      return false
    }
    return bytesBelow(join(this.#lake, FOLDER)) + rows * ROW_BYTES <= this.#bytesMax
  }

  /**
   * Reads the candles of a range in months that follow each other into new shared memory. Returns undefined when a copy is missing or
   * is not what it should be.
   */
  read(key: SeriesKey, months: readonly HotMonth[], range: TimeRange): CandleColumns | undefined {
    const slices: Slice[] = []
    try {
      for (const month of months) {
        const slice = openSlice(this.#path(key, month), month.facts.rows, range)
        if (slice === undefined) return undefined
        slices.push(slice)
      }
      return columnsFrom(slices)
    } catch (error) {
      if (isMissing(error)) return undefined
      throw error
    } finally {
      for (const { file } of slices) closeSync(file)
    }
  }

  /** Copies a month, and removes copies of what it was before. Returns whether that worked: a full disk is no reason to fail. */
  async write(key: SeriesKey, month: HotMonth, columns: CandleColumns): Promise<boolean> {
    try {
      removeOthers(this.#folder(key), month.partition.month)
      const bytes = await encode(key, month.facts, columns)
      await writeAtomically(this.#path(key, month), async (temporary) => {
        await Bun.write(temporary, bytes)
      })
      return true
    } catch (error) {
      if (error instanceof PlatformError || isStorageFailure(error)) return false
      throw error
    }
  }

  /** Removes the copies of months, where that is permitted. */
  forget(key: SeriesKey, months: readonly HotMonth[]): void {
    try {
      for (const { partition } of months) removeOthers(this.#folder(key), partition.month)
    } catch (error) {
      if (!isStorageFailure(error)) throw error
    }
  }

  #folder(key: SeriesKey): string {
    return seriesFolder(join(this.#lake, FOLDER), key)
  }

  #path(key: SeriesKey, { partition, facts }: HotMonth): string {
    const file = statSync(partition.path, { bigint: true, throwIfNoEntry: false })
    const digest = sha256(`${file?.size} ${file?.mtimeNs} ${facts.hash} ${facts.rows}`)
    return join(this.#folder(key), `${partition.month}.${digest.slice(0, 24)}.arrow`)
  }
}

/** An open copy and the rows of it that are wanted. */
interface Slice {
  readonly file: number
  /** Byte offset of the first column; the columns lie one after the other. */
  readonly start: number
  readonly rows: number
  readonly first: number
  readonly end: number
}

const MAGIC = 'ARROW1'
/** The length of the footer and the magic word after it. */
const TAIL_BYTES = 4 + MAGIC.length
/** The mark before the footer that ends the stream of messages. */
const END_OF_STREAM_BYTES = 8
const COLUMNS = FILE_COLUMNS.length
const ROW_BYTES = COLUMNS * 8

/**
 * Opens a copy and finds a range in it. Its only record batch has six columns of doubles without nulls, whose values are the last
 * bytes before the end of the stream: their place follows from the number of rows, with no need to parse.
 */
function openSlice(path: string, rows: number, range: TimeRange): Slice | undefined {
  const file = openSync(path, 'r')
  const start = columnsStart(file, rows)
  if (start === undefined) {
    closeSync(file)
    return undefined
  }
  const first = firstAtOrAfter(file, { start, rows }, range.fromMs)
  const end = firstAtOrAfter(file, { start, rows }, range.toMs)
  return { file, start, rows, first, end }
}

function columnsStart(file: number, rows: number): number | undefined {
  const { size } = fstatSync(file)
  const tail = new DataView(new ArrayBuffer(TAIL_BYTES))
  if (size < TAIL_BYTES) return undefined
  readInto(file, new Uint8Array(tail.buffer), size - TAIL_BYTES)
  const magic = Buffer.from(tail.buffer, 4).toString('latin1')
  const end = size - TAIL_BYTES - tail.getInt32(0, true) - END_OF_STREAM_BYTES
  const start = end - COLUMNS * rows * 8
  return magic === MAGIC && start > 0 && end < size ? start : undefined
}

/** Finds the first row at or after a time by halving: a few reads of eight bytes. */
function firstAtOrAfter(
  file: number,
  { start, rows }: Pick<Slice, 'start' | 'rows'>,
  timeMs: number,
): number {
  const value = new Float64Array(1)
  const bytes = new Uint8Array(value.buffer)
  let low = 0
  let high = rows
  while (low < high) {
    const middle = (low + high) >> 1
    readInto(file, bytes, start + middle * 8)
    if ((value[0] as number) < timeMs) low = middle + 1
    else high = middle
  }
  return low
}

function columnsFrom(slices: readonly Slice[]): CandleColumns {
  const total = slices.reduce((sum, { first, end }) => sum + end - first, 0)
  const vectors = FILE_COLUMNS.map(() => new Float64Array(new SharedArrayBuffer(total * 8)))
  let row = 0
  for (const { file, start, rows, first, end } of slices) {
    vectors.forEach((vector, column) => {
      const target = new Uint8Array(vector.buffer, row * 8, (end - first) * 8)
      readInto(file, target, start + (column * rows + first) * 8)
    })
    row += end - first
  }
  return columnsOf(vectors)
}

/** @throws Error when the file ends before */
function readInto(file: number, target: Uint8Array<ArrayBufferLike>, position: number): void {
  for (let done = 0; done < target.length; ) {
    // Bun fills shared memory as well, which its types do not say.
    const view = target as Uint8Array<ArrayBuffer>
    const count = readSync(file, view, done, target.length - done, position + done)
    if (count === 0) throw new Error('a copy in .hot ends before its last column')
    done += count
  }
}

async function encode(
  { exchange, symbol, interval }: SeriesKey,
  { hash }: PartitionFacts,
  columns: CandleColumns,
): Promise<Uint8Array> {
  const [{ toArrowTable }, { tableToIPC }, { parseInterval }] = await Promise.all([
    import('../arrow.ts'),
    import('apache-arrow'),
    import('../../core/intervals.ts'),
  ])
  const { ms: intervalMs } = parseInterval(interval)
  const candles = { exchange, symbol, interval, intervalMs, hash, ...columns }
  return tableToIPC(toArrowTable(candles), 'file')
}

function removeOthers(folder: string, month: string): void {
  if (!existsSync(folder)) return
  for (const name of readdirSync(folder)) {
    // With a dot in front: what a process that was killed has left behind.
    if (name.startsWith(`${month}.`) || name.startsWith(`.${month}.`)) remove(join(folder, name))
  }
}

function bytesBelow(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => statSync(join(parentPath, name), { throwIfNoEntry: false }))
    .reduce((sum, file) => sum + (file?.size ?? 0), 0)
}

function isMissing(error: unknown): boolean {
  return (error as { readonly code?: unknown }).code === 'ENOENT'
}
