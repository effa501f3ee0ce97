import { createReadStream, createWriteStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { unreadable } from './import-error.ts'

const CHUNK_BYTES = 4 * 1_048_576
const [NEWLINE, RETURN] = [10, 13]

export interface LineCount {
  readonly lines: number
  /** Whether the lines end in different ways. */
  readonly isMixed: boolean
}

/**
 * Counts the lines of a text, without empty ones at its end. The reader of DuckDB passes over empty lines, and line ends inside
 * of quotes, without a word; lines that are counted show it.
 * @param file as the user gave it, for messages
 * @param skip lines before the table, which may be empty
 * @throws DataError `IMPORT_UNREADABLE` for an empty line between others, and for a byte 0
 */
export async function countLines(file: string, path: string, skip: number): Promise<LineCount> {
  const handle = await open(path, 'r')
  const counter = new LineCounter(file, skip)
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

/** Writes a text again with one line end for all lines. */
export async function unifyLineEnds(path: string, target: string): Promise<void> {
  let isAfterReturn = false
  const unify = new Transform({
    transform(chunk: Buffer, _, done) {
      const text = chunk.toString('latin1')
      const rest = isAfterReturn && text.startsWith('\n') ? text.slice(1) : text
      isAfterReturn = text.endsWith('\r')
      done(null, Buffer.from(rest.replace(/\r\n?/g, '\n'), 'latin1'))
    },
  })
  await pipeline(createReadStream(path), unify, createWriteStream(target))
}

class LineCounter {
  readonly #file: string
  readonly #skip: number
  /** The byte that ends a line; known from the first chunk on, which holds a whole line of any candle file. */
  #lineEnd: number | undefined
  #returns = 0
  /** Line ends of two bytes. */
  #pairs = 0
  #isAfterReturn = false
  #lines = 0
  /** Number of the first empty line after the last one with content, or 0. */
  #empty = 0
  /** Whether the line that is not ended yet has content. */
  #isOpen = false

  constructor(file: string, skip: number) {
    this.#file = file
    this.#skip = skip
  }

  push(chunk: Buffer): void {
    this.#lineEnd ??= chunk.includes(NEWLINE) || !chunk.includes(RETURN) ? NEWLINE : RETURN
    if (chunk.includes(0))
      throw unreadable(this.#file, `line ${this.#lineOf(chunk)} holds a byte 0`)
    let from = 0
    for (let at = chunk.indexOf(this.#lineEnd); at >= 0; at = chunk.indexOf(this.#lineEnd, from)) {
      if (this.#lineEnd === NEWLINE && this.#isReturnBefore(chunk, at)) this.#pairs++
      this.#end(this.#isOpen || hasContent(chunk, from, at))
      from = at + 1
    }
    this.#isOpen ||= hasContent(chunk, from, chunk.length)
    for (let at = chunk.indexOf(RETURN); at >= 0; at = chunk.indexOf(RETURN, at + 1))
      this.#returns++
    this.#isAfterReturn = chunk.at(-1) === RETURN
  }

  finish(): LineCount {
    const ended = this.#lines
    if (this.#isOpen) this.#end(true)
    const isPlain = this.#lineEnd === RETURN || this.#returns === 0
    const isMixed = !isPlain && (this.#returns !== this.#pairs || this.#pairs !== ended)
    return { lines: this.#empty === 0 ? this.#lines : this.#empty - 1, isMixed }
  }

  #isReturnBefore(chunk: Buffer, at: number): boolean {
    return at === 0 ? this.#isAfterReturn : chunk[at - 1] === RETURN
  }

  #end(isFull: boolean): void {
    this.#lines++
    this.#isOpen = false
    if (!isFull) {
      if (this.#lines > this.#skip) this.#empty ||= this.#lines
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
