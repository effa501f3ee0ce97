import { open } from 'node:fs/promises'
import { unreadable } from './import-error.ts'

const CHUNK_BYTES = 4 * 1_048_576
const [NEWLINE, RETURN] = [10, 13]

/**
 * Counts the lines of a text, without empty ones at its end. The reader of DuckDB passes over empty lines, and line ends inside
 * of quotes, without a word; lines that are counted show it.
 * @param file as the user gave it, for messages
 * @throws DataError `IMPORT_UNREADABLE` for an empty line between others, and for a byte 0
 */
export async function countLines(file: string, path: string): Promise<number> {
  const handle = await open(path, 'r')
  const counter = new LineCounter(file)
  try {
    const buffer = Buffer.alloc(CHUNK_BYTES)
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, CHUNK_BYTES)
      if (bytesRead === 0) return counter.finish()
      counter.push(buffer.subarray(0, bytesRead))
    }
  } finally {
    await handle.close()
  }
}

class LineCounter {
  readonly #file: string
  /** The byte that ends a line; known from the first chunk on, which holds a whole line of any candle file. */
  #lineEnd: number | undefined
  #lines = 0
  /** Number of the first empty line after the last one with content, or 0. */
  #empty = 0
  /** Whether the line that is not ended yet has content. */
  #isOpen = false

  constructor(file: string) {
    this.#file = file
  }

  push(chunk: Buffer): void {
    this.#lineEnd ??= chunk.includes(NEWLINE) || !chunk.includes(RETURN) ? NEWLINE : RETURN
    if (chunk.includes(0))
      throw unreadable(this.#file, `line ${this.#lineOf(chunk)} holds a byte 0`)
    let from = 0
    for (let at = chunk.indexOf(this.#lineEnd); at >= 0; at = chunk.indexOf(this.#lineEnd, from)) {
      this.#end(this.#isOpen || hasContent(chunk, from, at))
      from = at + 1
    }
    this.#isOpen ||= hasContent(chunk, from, chunk.length)
  }

  finish(): number {
    if (this.#isOpen) this.#end(true)
    return this.#empty === 0 ? this.#lines : this.#empty - 1
  }

  #end(isFull: boolean): void {
    this.#lines++
    this.#isOpen = false
    if (!isFull) {
      this.#empty ||= this.#lines
    } else if (this.#empty > 0) {
      throw unreadable(
        this.#file,
        `line ${this.#empty} is empty, and lines with content follow`,
        'Nothing was imported. Remove the empty line, or find out what it stood for.',
      )
    }
  }

  #lineOf(chunk: Buffer): number {
    const before = chunk.subarray(0, chunk.indexOf(0))
    return this.#lines + 1 + before.filter((byte) => byte === this.#lineEnd).length
  }
}

/** Whether there is more than the `\r` of a line end. */
function hasContent(chunk: Buffer, from: number, to: number): boolean {
  return to - from > 1 || (to - from === 1 && chunk[from] !== RETURN)
}
