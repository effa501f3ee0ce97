import { closeSync, openSync, readSync, writeSync } from 'node:fs'
import { METRICS } from '../../core/metrics.ts'

const ROW_BYTES = METRICS.length * Float64Array.BYTES_PER_ELEMENT

/**
 * Rows of metrics in a temporary file, each at the position of its row number, whatever the order of arrival.
 * In memory there is one bit per row. Missing rows leave holes that are skipped when reading.
 */
export class Spool {
  readonly #fd: number
  readonly #rows: number
  readonly #done: Uint8Array
  #completed = 0

  /** @param rows how many rows there will be at most */
  constructor(path: string, rows: number) {
    this.#fd = openSync(path, 'wx+')
    this.#rows = rows
    this.#done = new Uint8Array(Math.ceil(rows / 8))
  }

  /** How many distinct rows have been written. */
  get completed(): number {
    return this.#completed
  }

  /**
   * Writes rows with the given numbers. NaNs are brought to one bit pattern first, in `metrics` itself.
   * @param numbers rising row numbers, one per row of the row-major table `metrics`
   * @throws the system's error, such as ENOSPC
   */
  write(numbers: readonly number[], metrics: Float64Array): void {
    canonicalizeNaNs(metrics)
    const bytes = new Uint8Array(metrics.buffer, metrics.byteOffset, metrics.byteLength)
    let first = 0
    for (let row = 1; row <= numbers.length; row++) {
      if (row < numbers.length && numbers[row] === (numbers[row - 1] as number) + 1) continue
      const run = bytes.subarray(first * ROW_BYTES, row * ROW_BYTES)
      writeFully(this.#fd, run, (numbers[first] as number) * ROW_BYTES)
      first = row
    }
    for (const number of numbers) this.#mark(number)
  }

  /** Whether a row has been written. */
  has(number: number): boolean {
    return (((this.#done[number >> 3] as number) >> (number & 7)) & 1) === 1
  }

  /** Reads rows [first, first + count) into `out`; of rows never written the content is unspecified. */
  read(first: number, count: number, out: Float64Array): void {
    const bytes = new Uint8Array(out.buffer, out.byteOffset, count * ROW_BYTES)
    for (let done = 0; done < bytes.length; ) {
      const read = readSync(this.#fd, bytes, done, bytes.length - done, first * ROW_BYTES + done)
      if (read === 0) return
      done += read
    }
  }

  get rows(): number {
    return this.#rows
  }

  close(): void {
    closeSync(this.#fd)
  }

  #mark(number: number): void {
    if (this.has(number)) return
    this.#done[number >> 3] = (this.#done[number >> 3] as number) | (1 << (number & 7))
    this.#completed++
  }
}

/** Writes all bytes at a position of a file; the system may take them in parts. */
export function writeFully(fd: number, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(fd, bytes, done, bytes.length - done, position + done)
  }
}

/** Gives every NaN of `values` the same bits (7ff8000000000000), so that equal rows have equal bytes. */
export function canonicalizeNaNs(values: Float64Array): void {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length * 2)
  for (let i = 0; i < values.length; i++) {
    if (!Number.isNaN(values[i])) continue
    words[2 * i] = 0
    words[2 * i + 1] = 0x7ff80000
  }
}
