import CliTable from 'cli-table3'
import { clip, glyphsOf, paintOf, type Style, wrap } from './style.ts'

export interface Column {
  readonly title: string
  readonly align?: 'left' | 'right'
  /** Columns with the lowest number go first when the terminal is too narrow; without one a column always stays. */
  readonly priority?: number
  /** May be cut to this many columns, with an ellipsis, before another column is dropped. */
  readonly shrinkTo?: number
  /** The same, once no column is left to drop: for names, which should stay whole. */
  readonly lastResort?: number
  /** Text that does not fit goes on below itself; otherwise it is cut. */
  readonly wraps?: boolean
}

/** Cells may carry colour; `rows[i]` has one cell per column. */
export interface TableInput {
  readonly columns: readonly Column[]
  readonly rows: readonly (readonly string[])[]
}

const MARGIN = 1
const GAP = 2
const ROOM_MIN = 12

/**
 * Lays a table out in at most `style.width` columns: drops columns by priority and cuts those that may shrink.
 * No line ever wraps unless the columns that must stay are wider than the terminal.
 */
export function renderTable(input: TableInput, style: Style): string[] {
  const widths = input.columns.map((column, i) => naturalWidth(column, input.rows, i))
  const kept = chooseColumns(input.columns, widths, style.width)
  const fitted = shrinkWidths(input.columns, widths, kept, style.width)
  return draw(input, { kept, widths: fitted }, style)
}

function naturalWidth(column: Column, rows: TableInput['rows'], i: number): number {
  return rows.reduce(
    (widest, row) => Math.max(widest, Bun.stringWidth(row[i] ?? '')),
    Bun.stringWidth(column.title),
  )
}

function totalWidth(kept: readonly number[], widths: readonly number[]): number {
  const cells = kept.reduce((sum, i) => sum + (widths[i] as number), 0)
  return MARGIN + cells + GAP * Math.max(0, kept.length - 1)
}

/** Returns the indices of the columns to show, in order. */
function chooseColumns(
  columns: readonly Column[],
  widths: readonly number[],
  available: number,
): number[] {
  let kept = columns.map((_, i) => i)
  const least = columns.map(
    (c, i) =>
      (c.shrinkTo === undefined ? widths[i] : Math.min(c.shrinkTo, widths[i] as number)) as number,
  )
  while (totalWidth(kept, least) > available) {
    const droppable = kept.filter((i) => columns[i]?.priority !== undefined)
    if (droppable.length === 0) break
    const lowest = Math.min(...droppable.map((i) => columns[i]?.priority as number))
    const victim = droppable.findLast((i) => columns[i]?.priority === lowest)
    kept = kept.filter((i) => i !== victim)
  }
  return kept
}

/** Takes the excess from the widest shrinkable columns first. */
function shrinkWidths(
  columns: readonly Column[],
  widths: readonly number[],
  kept: readonly number[],
  available: number,
): number[] {
  const fitted = [...widths]
  while (totalWidth(kept, fitted) > available) {
    const candidates = kept.filter(
      (i) => (fitted[i] as number) > (columns[i]?.shrinkTo ?? columns[i]?.lastResort ?? Infinity),
    )
    if (candidates.length === 0) break
    const widest = candidates.reduce((a, b) =>
      (fitted[b] as number) > (fitted[a] as number) ? b : a,
    )
    fitted[widest] = (fitted[widest] as number) - 1
  }
  return fitted
}

/** Breaks the texts of the last column into further rows where the table would be too wide, so that nothing is cut. */
export function wrapLastColumn({ columns, rows }: TableInput, style: Style): TableInput {
  const last = columns.length - 1
  const others = columns.slice(0, last).map((column, i) => naturalWidth(column, rows, i) + GAP)
  const room = style.width - MARGIN - others.reduce((sum, width) => sum + width, 0)
  const wrapped = rows.flatMap((row) =>
    wrap(row[last] ?? '', Math.max(ROOM_MIN, room)).map((text, i) =>
      row.map((cell, column) => (column === last ? text : i === 0 ? cell : '')),
    ),
  )
  return { columns, rows: wrapped }
}

interface Layout {
  readonly kept: readonly number[]
  readonly widths: readonly number[]
}

function draw(input: TableInput, layout: Layout, style: Style): string[] {
  const { kept, widths } = layout
  const paint = paintOf(style)
  const table = new CliTable({
    chars: borderless(glyphsOf(style).rule),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0, compact: true },
    head: kept.map((i) =>
      paint.bold(clip(input.columns[i]?.title ?? '', widths[i] as number, style)),
    ),
    colAligns: kept.map((i) => input.columns[i]?.align ?? 'left'),
    colWidths: kept.map((i) => widths[i] as number),
  })
  for (const row of input.rows) {
    const cells = kept.map((i) => {
      const width = widths[i] as number
      const text = row[i] ?? ''
      return input.columns[i]?.wraps === true ? wrap(text, width) : [clip(text, width, style)]
    })
    const height = Math.max(1, ...cells.map((lines) => lines.length))
    for (let line = 0; line < height; line++) table.push(cells.map((lines) => lines[line] ?? ''))
  }
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
}

/** One blank before the first column, two between columns, one rule under the titles. */
function borderless(rule: string) {
  const none = Object.fromEntries(
    [
      'top',
      'top-mid',
      'top-left',
      'top-right',
      'bottom',
      'bottom-mid',
      'bottom-left',
      'bottom-right',
      'right',
    ].map((name) => [name, '']),
  )
  return {
    ...none,
    left: ' ',
    middle: '  ',
    mid: rule,
    'mid-mid': '  ',
    'left-mid': ' ',
    'right-mid': '',
  }
}
