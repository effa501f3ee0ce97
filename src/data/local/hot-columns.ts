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
import { columnsOf, FILE_COLUMNS, SharedColumns } from '../columns.ts'
import { isStorageFailure, makeFolder, remove, writeAtomically } from '../files.ts'
import { candlesWithin } from '../overlay.ts'
import type { SeriesKey, TimeRange } from '../store.ts'
import { digestBytes } from './digest.ts'
import { type Partition, seriesFolder } from './lake.ts'
import type { PartitionFacts } from './manifest.ts'

const FOLDER = '.hot'

/** Together the copies of a lake take at most this much; then no more are made. */
export const HOT_BYTES_MAX = 2 ** 30

/** A month with what its manifest says of it. */
export interface HotMonth {
  readonly partition: Partition
  readonly facts: PartitionFacts
}

/**
 * Copies of months as Arrow IPC files in `<lake>/.hot`, uncompressed, from which columns are read without a database.
 *
 * A copy belongs to its month by name: the name holds a digest of the size and the modification time of the month's file and of
 * the content hash in its manifest, and a checksum of the copy's own bytes, which are compared whenever it is read. Nothing else ever
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
    const columns = new SharedColumns(months.reduce((sum, { facts }) => sum + facts.rows, 0))
    const reader = new CopyReader()
    try {
      for (const month of months) {
        const path = this.#find(key, month)
        const copy = path === undefined ? undefined : reader.read(path, month.facts.rows)
        if (copy === undefined) return undefined
        columns.append(candlesWithin(copy, range))
      }
      return columns.finish()
    } catch (error) {
      if (isMissing(error)) return undefined
      throw error
    }
  }

  /** Copies a month, and removes copies of what it was before. Returns whether that worked: a full disk is no reason to fail. */
  async write(key: SeriesKey, month: HotMonth, columns: CandleColumns): Promise<boolean> {
    try {
      removeOthers(this.#folder(key), month.partition.month)
      const bytes = await encode(key, month.facts, columns)
      const path = `${this.#stem(key, month)}.${digestBytes(bytes)}${EXTENSION}`
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

/** Reads copies one after the other into the same memory: a copy is gone when the next one is read. */
class CopyReader {
  #memory = new Uint8Array(0)

  /**
   * Returns the columns of a copy; undefined when its bytes are not those that were written. Its only record batch has six columns of
   * doubles without nulls, whose values are the last bytes before the end of the stream: their place follows from the number of
   * rows, with no need to parse.
   */
  read(path: string, rows: number): CandleColumns | undefined {
    const bytes = this.#bytesOf(path)
    if (!path.endsWith(`.${digestBytes(bytes)}${EXTENSION}`)) return undefined
    const start = columnsStart(bytes, rows)
    if (start === undefined) return undefined
    return columnsOf(
      FILE_COLUMNS.map((_, column) => doublesAt(bytes, start + column * rows * 8, rows)),
    )
  }

  #bytesOf(path: string): Uint8Array {
    const file = openSync(path, 'r')
    try {
      const { size } = fstatSync(file)
      if (size > this.#memory.length) this.#memory = new Uint8Array(size)
      const bytes = this.#memory.subarray(0, size)
      for (let done = 0, count = -1; done < size && count !== 0; done += count) {
        count = readSync(file, bytes, done, size - done, done)
      }
      return bytes
    } finally {
      closeSync(file)
    }
  }
}

function columnsStart(bytes: Uint8Array, rows: number): number | undefined {
  if (bytes.length < TAIL_BYTES) return undefined
  const tail = new DataView(bytes.buffer, bytes.length - TAIL_BYTES, TAIL_BYTES)
  const magic = Buffer.from(bytes.subarray(-MAGIC.length)).toString('latin1')
  const end = bytes.length - TAIL_BYTES - tail.getInt32(0, true) - END_OF_STREAM_BYTES
  const start = end - COLUMNS * rows * 8
  return magic === MAGIC && start > 0 && end < bytes.length ? start : undefined
}

function doublesAt(bytes: Uint8Array, offset: number, count: number): Float64Array {
  const isAligned = offset % 8 === 0
  if (isAligned) return new Float64Array(bytes.buffer, offset, count)
  return new Float64Array(bytes.slice(offset, offset + count * 8).buffer)
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
