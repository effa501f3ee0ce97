import type { CandleColumns } from '../../core/candles.ts'
import { columnsOf, FILE_COLUMNS } from '../columns.ts'

/**
 * A row of Binance's files: open time, open, high, low, close, volume, close time, quote volume, trades, taker volumes and a field
 * that is ignored. A row with another number of fields was cut short, and the last number in it may be as well.
 */
const ROW_FIELDS = 12

/** Spot files count microseconds from 2025 on; as milliseconds this is the year 5138. */
const MICROSECONDS_FROM = 100_000_000_000_000

const [NEWLINE, COMMA, DOT, ZERO, NINE] = [10, 44, 46, 48, 57]
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf]

/** The powers of ten that a double holds exactly. */
const POWERS_OF_TEN = [
  1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17,
  1e18, 1e19, 1e20, 1e21, 1e22,
]

/** Numbers of at most so many digits are integers that a double holds exactly, whatever the digits are. */
const EXACT_DIGITS = 15

export interface ParsedRows {
  /** One element a row, in the order of the file; what is no number is NaN. Open times are epoch milliseconds. */
  readonly columns: CandleColumns
  /** Lines that are no row at all: their open time is NaN. */
  readonly broken: number
}

/** Reads the text of a candle file of Binance's archive, with a header line or without. */
export function parseRows(text: Uint8Array): ParsedRows {
  const begin = BYTE_ORDER_MARK.every((byte, i) => text[i] === byte) ? BYTE_ORDER_MARK.length : 0
  const vectors = FILE_COLUMNS.map(() => new Float64Array(countLines(text)))
  const ends = new Int32Array(ROW_FIELDS)
  let rows = 0
  let broken = 0
  for (let from = begin; from < text.length; ) {
    const next = scanLine(text, from, ends)
    const to = ends[ROW_FIELDS - 1] as number
    const isRow = to >= 0 && isDigit(text[from])
    const isHeader = !isRow && from === begin && !isDigit(text[from])
    if (!isHeader && next - from > BLANK_BYTES) {
      readRow(text, from, ends, isRow, vectors, rows)
      rows++
      if (!isRow) broken++
    }
    from = next
  }
  const [openTime] = vectors as [Float64Array]
  for (let row = 0; row < rows; row++) {
    const time = openTime[row] as number
    if (time >= MICROSECONDS_FROM) openTime[row] = time / 1000
  }
  return { columns: columnsOf(vectors.map((vector) => vector.subarray(0, rows))), broken }
}

/** The end of a line that has nothing else: `\r\n`. */
const BLANK_BYTES = 2

/** Returns no fewer than there are. */
function countLines(text: Uint8Array): number {
  let count = 1
  for (let at = text.indexOf(NEWLINE); at >= 0; at = text.indexOf(NEWLINE, at + 1)) count++
  return count
}

/**
 * Notes where the fields of a line end, the last one with the line; that is -1 when there are more or fewer than a row has. Returns
 * where the next line begins.
 */
function scanLine(text: Uint8Array, from: number, ends: Int32Array): number {
  let fields = 0
  let at = from
  for (; at < text.length; at++) {
    const byte = text[at]
    if (byte === NEWLINE) break
    // Past the last field of a row the array ignores what is written.
    if (byte === COMMA) ends[fields++] = at
  }
  ends[ROW_FIELDS - 1] = fields === ROW_FIELDS - 1 ? at : -1
  return at + 1
}

function readRow(
  text: Uint8Array,
  from: number,
  ends: Int32Array,
  isRow: boolean,
  vectors: readonly Float64Array[],
  row: number,
): void {
  let start = from
  for (let i = 0; i < vectors.length; i++) {
    const end = ends[i] as number
    ;(vectors[i] as Float64Array)[row] = isRow ? parseNumber(text, start, end) : Number.NaN
    start = end + 1
  }
}

/**
 * Reads a decimal number, to the same double as `Number` does: a short one is an integer divided by a power of ten, both exact, so
 * that the quotient is rounded once.
 */
function parseNumber(text: Uint8Array, from: number, to: number): number {
  let mantissa = 0
  let digits = 0
  let dot = -1
  for (let at = from; at < to; at++) {
    const byte = text[at] as number
    if (byte >= ZERO && byte <= NINE) {
      mantissa = mantissa * 10 + byte - ZERO
      if (mantissa > 0) digits++
    } else if (byte === DOT && dot < 0) {
      dot = at
    } else {
      return parseSlowly(text, from, to)
    }
  }
  const decimals = dot < 0 ? 0 : to - dot - 1
  const isPlain = isDigit(text[from]) && isDigit(text[to - 1])
  if (digits > EXACT_DIGITS || decimals >= POWERS_OF_TEN.length || !isPlain) {
    return parseSlowly(text, from, to)
  }
  return decimals === 0 ? mantissa : mantissa / (POWERS_OF_TEN[decimals] as number)
}

const DECIMAL = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i

function parseSlowly(text: Uint8Array, from: number, to: number): number {
  const field = new TextDecoder().decode(text.subarray(from, to)).trim()
  return DECIMAL.test(field) ? Number(field) : Number.NaN
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= NINE
}
