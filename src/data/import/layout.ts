import { countFields, timeRank } from './column-names.ts'
import { unreadable } from './import-error.ts'
import { headText, TEXT_HEAD_BYTES } from './input.ts'

/** How a text is laid out as a table. */
export interface TextLayout {
  readonly delimiter: string
  readonly quote: string
  /** Columns of a row. */
  readonly width: number
  /** Lines before the first row. */
  readonly skip: number
  /** Those of them that are no header. */
  readonly preamble: readonly string[]
  /** What the header calls the columns; without one there are no names. */
  readonly names: readonly string[] | undefined
}

/** The first lines of a text and how it is laid out, unless nobody can tell. */
export interface TextHead {
  readonly lines: readonly string[]
  readonly layout: TextLayout | undefined
}

const DELIMITERS = [',', ';', '\t', '|']
const QUOTES = ['"', "'"]

/** The table begins within as many lines. */
const LINES_MAX = 60

/**
 * Finds the table in a text by its first lines: the separator and the header that name most of a candle, or, where no header is
 * known, the first line with five numbers.
 * @param hints names that the user gave
 * @throws DataError `IMPORT_UNREADABLE`
 */
export function findLayout(
  file: string,
  path: string,
  { symbol, hints }: { readonly symbol: string; readonly hints: readonly string[] },
): TextHead {
  const head = headText(path).replace('\ufeff', '')
  const lines = head.split(/\r\n|\n|\r/)
  if (lines.length === 1 && head.length >= TEXT_HEAD_BYTES) {
    throw unreadable(file, `its first line is longer than ${TEXT_HEAD_BYTES} bytes: it is no table`)
  }
  // The last one may be cut by the end of the head.
  if (head.length >= TEXT_HEAD_BYTES - 1 || lines.at(-1) === '') lines.pop()
  const first = lines.slice(0, LINES_MAX)
  const readings = DELIMITERS.flatMap((delimiter) =>
    QUOTES.map((quote) => tableOf(first, { delimiter, quote, symbol, hints })),
  )
  const best = readings.reduce((a, b) => (b.score > a.score ? b : a))
  return { lines: first, layout: best.layout }
}

interface Reading {
  readonly score: number
  readonly layout: TextLayout | undefined
}

interface Grammar {
  readonly delimiter: string
  readonly quote: string
  readonly symbol: string
  readonly hints: readonly string[]
}

function tableOf(lines: readonly string[], grammar: Grammar): Reading {
  const { delimiter, quote, symbol, hints } = grammar
  const rows = lines.map((line) => splitLine(line, delimiter, quote))
  const firstRow = rows.findIndex(isRow)
  const end = firstRow < 0 ? rows.length : firstRow
  const known = rows
    .slice(0, end)
    .map(
      (cells) => countFields(cells, symbol) + cells.filter((cell) => hints.includes(cell)).length,
    )
  const most = Math.max(0, ...known)
  const at = most >= 3 ? known.indexOf(most) : end - 1
  const header = rows[at]
  const width = header?.length ?? 0
  // Quotes that are part of the names or numbers belong to another reading.
  const score = (clean: readonly string[] | undefined, points: number) =>
    points + (clean?.some((cell) => /^['"]|['"]$/.test(cell)) ? 0 : 0.5)
  if (header !== undefined && width > 1 && (most >= 3 || rows[firstRow]?.length === width)) {
    const below = most >= 3 ? linesOfIndex(rows, at) : 0
    const names = namesOf(rows.slice(at, at + 1 + below))
    const skip = at + 1 + below
    const layout = { delimiter, quote, width, skip, preamble: lines.slice(0, at), names }
    return { score: score(rows[skip] ?? header, 10 * most + width / 100), layout }
  }
  const row = rows[firstRow]
  if (row === undefined) return { score: 0, layout: undefined }
  const layout = {
    ...{ delimiter, quote, width: row.length, skip: firstRow, names: undefined },
    preamble: lines.slice(0, firstRow),
  }
  return { score: score(row, 1 + row.length / 100), layout }
}

/** Cells that begin like numbers and hold no other separator. */
function countNumbers(cells: readonly string[]): number {
  return cells.filter((cell) => /^[-+]?[.,]?\d[^;|\t]*$/.test(cell.trim())).length
}

/** A time and four prices. */
function isRow(cells: readonly string[]): boolean {
  return countNumbers(cells) >= 5
}

/**
 * Where a header has no time, pandas may have written the name of the index below it, in a line of its own: `Date,,,,,`. One with the
 * ticker may stand between them.
 */
function linesOfIndex(rows: readonly (readonly string[])[], at: number): number {
  const header = rows[at] as readonly string[]
  if (header.some((name) => timeRank(name) >= 0)) return 0
  for (let below = 1; below <= 2; below++) {
    const cells = rows[at + below]
    if (cells?.length !== header.length || countNumbers(cells) > 0) return 0
    if (timeRank(cells[0] as string) >= 0 && cells.slice(1).every((cell) => cell === ''))
      return below
  }
  return 0
}

/** The names of a header, the first of them from the line of the index where there is one. */
function namesOf(header: readonly (readonly string[])[]): readonly string[] {
  const [names = [], ...below] = header
  const index = below.at(-1)?.[0]
  return index === undefined ? names : [index, ...names.slice(1)]
}

function splitLine(line: string, delimiter: string, quote: string): readonly string[] {
  if (!line.includes(quote)) return line.split(delimiter)
  const cells: string[] = []
  let cell = ''
  let isQuoted = false
  for (let at = 0; at < line.length; at++) {
    const char = line[at] as string
    if (char === quote && isQuoted && line[at + 1] === quote) {
      cell += char
      at++
    } else if (char === quote && (isQuoted || cell.trim() === '')) isQuoted = !isQuoted
    else if (char === delimiter && !isQuoted) {
      cells.push(cell)
      cell = ''
    } else cell += char
  }
  return [...cells, cell]
}
