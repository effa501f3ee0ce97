import type { CandleColumns } from '../../core/candles.ts'
import { invariant } from '../../core/errors.ts'
import { columnsOf, FILE_COLUMNS, vectorsOf } from '../columns.ts'

/**
 * The binary format of PostgreSQL's COPY for candles: a header, one tuple a row (a count of fields; then for each field its length
 * and its bytes, big-endian) and an end mark. A `timestamptz` is a 64-bit count of microseconds since 2000.
 *
 * https://www.postgresql.org/docs/current/sql-copy.html, "Binary Format"
 */
const SIGNATURE = Uint8Array.from([0x50, 0x47, 0x43, 0x4f, 0x50, 0x59, 0x0a, 0xff, 0x0d, 0x0a, 0])
/** Signature, 32 flags, and the length of an extension of the header. */
const HEADER_BYTES = SIGNATURE.length + 8
const END_MARK = -1

const VALUES = FILE_COLUMNS.length
const VALUE_BYTES = 4 + 8
const VALUES_BYTES = VALUES * VALUE_BYTES
const SERIES_BYTES = 4 + 4
/** A row as it is sent: with the number of its series. */
const SENT_BYTES = 2 + SERIES_BYTES + VALUES_BYTES
/** A row as it is received: the columns of a candle file. */
const RECEIVED_BYTES = 2 + VALUES_BYTES

const EPOCH_2000_MS = 946_684_800_000
const WORD = 4_294_967_296

/** Rows of one piece: about 160 KB, more than a socket takes at once. */
const PIECE_ROWS = 2_000

/**
 * Yields candles as the input of `COPY … (series_id, open_time, open, high, low, close, volume) FROM STDIN (FORMAT binary)`. Every
 * piece is a buffer of its own.
 */
export function* encodeCandles(
  columns: CandleColumns,
  seriesId: number,
): Generator<Uint8Array<ArrayBuffer>> {
  yield headerBytes()
  const rows = columns.openTime.length
  const form = emptyRows(Math.min(rows, PIECE_ROWS), seriesId)
  for (let first = 0; first < rows; first += PIECE_ROWS) {
    const end = Math.min(rows, first + PIECE_ROWS)
    const piece = form.slice(0, (end - first) * SENT_BYTES)
    fillRows(piece, columns, first, end)
    yield piece
  }
  yield Uint8Array.of(0xff, 0xff)
}

/** Takes the output of `COPY (SELECT open_time, open, high, low, close, volume …) TO STDOUT (FORMAT binary)` in pieces of any size. */
export class CandleDecoder {
  #pending = new Uint8Array(0)
  #vectors: readonly Float64Array[] = FILE_COLUMNS.map(() => new Float64Array(1_024))
  #rows = 0
  #stage: 'header' | 'rows' | 'end' = 'header'

  push(piece: Uint8Array): void {
    const bytes = this.#pending.length === 0 ? piece : joined(this.#pending, piece)
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    let at = 0
    if (this.#stage === 'header') at = this.#readHeader(view)
    if (this.#stage === 'rows') at = this.#readRows(view, at)
    // The piece belongs to the driver, which may use its memory again.
    this.#pending = bytes.slice(at)
  }

  /** Returns the candles. Throws when the output ended before its end mark. */
  finish(): CandleColumns {
    invariant(this.#stage === 'end', 'COPY ends with its end mark')
    return columnsOf(this.#vectors.map((vector) => vector.subarray(0, this.#rows)))
  }

  #readHeader(view: DataView): number {
    if (view.byteLength < HEADER_BYTES) return 0
    const isCopy = SIGNATURE.every((byte, i) => view.getUint8(i) === byte)
    invariant(isCopy, 'binary COPY starts with its signature')
    const bytes = HEADER_BYTES + view.getInt32(HEADER_BYTES - 4)
    if (view.byteLength < bytes) return 0
    this.#stage = 'rows'
    return bytes
  }

  #readRows(view: DataView, from: number): number {
    let at = from
    while (at + RECEIVED_BYTES <= view.byteLength) {
      if (this.#isEnd(view, at)) return view.byteLength
      this.#readRow(view, at)
      at += RECEIVED_BYTES
    }
    return this.#isEnd(view, at) ? view.byteLength : at
  }

  #isEnd(view: DataView, at: number): boolean {
    if (at + 2 > view.byteLength || view.getInt16(at) !== END_MARK) return false
    this.#stage = 'end'
    return true
  }

  #readRow(view: DataView, at: number): void {
    if (this.#rows === this.#vectors[0]?.length) this.#grow()
    const row = this.#rows++
    invariant(view.getInt16(at) === VALUES, `a row of candles has ${VALUES} fields`)
    for (let column = 0; column < VALUES; column++) {
      const field = at + 2 + column * VALUE_BYTES
      invariant(view.getInt32(field) === 8, 'a field of a candle has 8 bytes')
      const vector = this.#vectors[column] as Float64Array
      vector[row] = column === 0 ? readTime(view, field + 4) : view.getFloat64(field + 4)
    }
  }

  #grow(): void {
    this.#vectors = this.#vectors.map((vector) => {
      const wider = new Float64Array(vector.length * 2)
      wider.set(vector)
      return wider
    })
  }
}

function headerBytes(): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(HEADER_BYTES)
  header.set(SIGNATURE)
  return header
}

/** Rows in which everything but the values is written. */
function emptyRows(rows: number, seriesId: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(rows * SENT_BYTES)
  const view = new DataView(bytes.buffer)
  for (let at = 0; at < bytes.length; at += SENT_BYTES) {
    view.setInt16(at, VALUES + 1)
    view.setInt32(at + 2, 4)
    view.setInt32(at + 6, seriesId)
    for (let column = 0; column < VALUES; column++) {
      view.setInt32(at + 2 + SERIES_BYTES + column * VALUE_BYTES, 8)
    }
  }
  return bytes
}

function fillRows(
  { buffer }: Uint8Array<ArrayBuffer>,
  columns: CandleColumns,
  first: number,
  end: number,
): void {
  const view = new DataView(buffer)
  vectorsOf(columns).forEach((vector, column) => {
    let at = 2 + SERIES_BYTES + column * VALUE_BYTES + 4
    for (let row = first; row < end; row++, at += SENT_BYTES) {
      if (column === 0) writeTime(view, at, vector[row] as number)
      else view.setFloat64(at, vector[row] as number)
    }
  })
}

/** Microseconds of this and the next centuries are exact in a double, and so are both halves of the 64 bits. */
function writeTime(view: DataView, at: number, ms: number): void {
  const micros = (ms - EPOCH_2000_MS) * 1_000
  const high = Math.floor(micros / WORD)
  view.setInt32(at, high)
  view.setUint32(at + 4, micros - high * WORD)
}

function readTime(view: DataView, at: number): number {
  return (view.getInt32(at) * WORD + view.getUint32(at + 4)) / 1_000 + EPOCH_2000_MS
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length)
  both.set(a)
  both.set(b, a.length)
  return both
}
