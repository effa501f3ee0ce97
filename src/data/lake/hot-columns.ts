import {
  closeSync,
  existsSync,
  fstatSync,
  openSync,
  readdirSync,
  readSync,
  statSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import type { CandleColumns } from '../../core/candles.ts'
import { PlatformError } from '../../core/errors.ts'
import { sha256 } from '../../core/hash.ts'
import { firstFrom } from '../../core/sorted-times.ts'
import { columnsOf, FILE_COLUMNS, vectorsOf } from '../columns.ts'
import { isStorageFailure, makeFolder, remove, writeAtomically } from '../files.ts'
import type { SeriesKey, TimeRange } from '../store.ts'
import { digestParts } from './digest.ts'
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
 * the content hash in its manifest, and a checksum of the copy's columns, which are compared whenever it is read. Nothing else ever
 * makes a copy valid, so the folder can be deleted at any time, and what changes a month need not know of it. Copies appear whole or
 * not at all.
 */
export class HotColumns {
  readonly #lake: string
  readonly #bytesMax: number

  constructor(lake: string, bytesMax = HOT_BYTES_MAX) {
    this.#lake = lake
    this.#bytesMax = bytesMax
  }

  has(key: SeriesKey, month: HotMonth): boolean {
    return this.#find(key, month) !== undefined
  }

  /** Makes the folder for copies of so many rows; false where they have no room or cannot be written. */
  prepare(key: SeriesKey, rows: number): boolean {
    try {
      makeFolder(this.#folder(key))
      return bytesBelow(join(this.#lake, FOLDER)) + rows * ROW_BYTES <= this.#bytesMax
    } catch {
      return false
    }
  }

  /**
   * Reads the candles of a range in months that follow each other into new shared memory. Returns undefined when a copy is missing or
   * is not what it should be.
   */
  read(key: SeriesKey, months: readonly HotMonth[], range: TimeRange): CandleColumns | undefined {
    const target = new Target(months.reduce((sum, { facts }) => sum + facts.rows, 0))
    try {
      for (const month of months) {
        const path = this.#find(key, month)
        if (path === undefined || !readCopy(path, month, range, target)) return undefined
      }
      return target.finish()
    } catch (error) {
      // A copy that cannot be read is as good as none: the month itself is read then.
      if (isStorageFailure(error)) return undefined
      throw error
    }
  }

  /** Copies a month, and removes copies of what it was before. Returns whether that worked: a full disk is no reason to fail. */
  async write(key: SeriesKey, month: HotMonth, columns: CandleColumns): Promise<boolean> {
    try {
      removeOthers(this.#folder(key), month.partition.month)
      const bytes = await encode(key, month.facts, columns)
      const digest = digestParts(vectorsOf(columns).map(bytesOf))
      const path = `${this.#stem(key, month)}.${digest}${EXTENSION}`
      await writeAtomically(path, async (temporary) => {
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

  /** Returns the path of the copy of a month, or undefined when there is none. */
  #find(key: SeriesKey, month: HotMonth): string | undefined {
    const folder = this.#folder(key)
    const start = `${basename(this.#stem(key, month))}.`
    const names = existsSync(folder) ? readdirSync(folder) : []
    const name = names.find((one) => one.startsWith(start) && one.endsWith(EXTENSION))
    return name === undefined ? undefined : join(folder, name)
  }

  /** The path of a copy as far as it follows from the month. */
  #stem(key: SeriesKey, { partition, facts }: HotMonth): string {
    const file = statSync(partition.path, { bigint: true, throwIfNoEntry: false })
    const digest = sha256(`${file?.size} ${file?.mtimeNs} ${facts.hash} ${facts.rows}`)
    return join(this.#folder(key), `${partition.month}.${digest.slice(0, 24)}`)
  }
}

const EXTENSION = '.arrow'

const MAGIC = 'ARROW1'
/** The length of the footer and the magic word after it. */
const TAIL_BYTES = 4 + MAGIC.length
/** The mark before the footer that ends the stream of messages. */
const END_OF_STREAM_BYTES = 8
const COLUMNS = FILE_COLUMNS.length
const ROW_BYTES = COLUMNS * 8

/** Columns over shared memory that months are read into, one after the other. Untouched rows cost no memory. */
class Target {
  readonly #vectors: readonly Float64Array[]
  #rows = 0

  constructor(rowsMax: number) {
    this.#vectors = FILE_COLUMNS.map(() => new Float64Array(new SharedArrayBuffer(rowsMax * 8)))
  }

  /** The next rows, which count once they are taken. */
  next(rows: number): readonly Float64Array[] {
    return this.#vectors.map((vector) => vector.subarray(this.#rows, this.#rows + rows))
  }

  /** Takes the first rows of the next ones. */
  take(rows: number): void {
    this.#rows += rows
  }

  finish(): CandleColumns {
    return columnsOf(this.#vectors.map(({ buffer }) => new Float64Array(buffer, 0, this.#rows)))
  }
}

/**
 * Reads a copy into its place, whole, for only so can its checksum be compared; then what is outside of the range makes way. Returns
 * false when the copy is not what was written. Its only record batch has six columns of doubles without nulls, whose values are the
 * last bytes before the end of the stream: their place follows from the number of rows, with no need to parse.
 */
function readCopy(
  path: string,
  { facts: { rows } }: HotMonth,
  { fromMs, toMs }: TimeRange,
  target: Target,
): boolean {
  const columns = target.next(rows)
  const file = openSync(path, 'r')
  try {
    const start = columnsStart(file, rows)
    if (start === undefined) return false
    columns.forEach((column, i) => {
      readInto(file, bytesOf(column), start + i * rows * 8)
    })
  } finally {
    closeSync(file)
  }
  if (!path.endsWith(`.${digestParts(columns.map(bytesOf))}${EXTENSION}`)) return false
  const openTime = columns[0] as Float64Array
  const [first, end] = [firstFrom(openTime, fromMs), firstFrom(openTime, toMs)]
  if (first > 0) for (const column of columns) column.copyWithin(0, first, end)
  target.take(Math.max(0, end - first))
  return true
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

/** Reads until the target is full or the file ends; what is missing then is found by the checksum. */
function readInto(file: number, target: Uint8Array<ArrayBufferLike>, position: number): void {
  for (let done = 0; done < target.length; ) {
    // Bun fills shared memory as well, which its types do not say.
    const view = target as Uint8Array<ArrayBuffer>
    const count = readSync(file, view, done, target.length - done, position + done)
    if (count === 0) return
    done += count
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: Float64Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
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
