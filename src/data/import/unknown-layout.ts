import { DataError } from '../../core/errors.ts'
import { excerpt, showControls } from '../../core/foreign-text.ts'
import { FIELDS, type Field, looksLikeVolume } from './column-names.ts'
import type { FileColumn, ValueColumns } from './match-columns.ts'
import { findTimeFormat } from './time-formats.ts'

const LINES_SHOWN = 4
const LINE_CHARS_MAX = 160
const COLUMNS_SHOWN = 40

/** A file whose columns are not known, as far as it could be read. */
export interface UnknownLayout {
  readonly file: string
  /** The first lines, or rows, as texts. */
  readonly lines: readonly string[]
  /** What the lines were separated by; nothing in files that know their columns. */
  readonly delimiter?: string | undefined
  readonly columns: readonly FileColumn[]
  /** The first rows, a text for each of the columns. */
  readonly rows: readonly (readonly (string | null)[])[]
  readonly found: ValueColumns
  readonly times?: readonly FileColumn[]
  readonly missing: readonly Field[]
}

/** Returns the one message for files that are not recognised: what was read, what is missing, and what to write. */
export function unknownLayout(unknown: UnknownLayout): DataError {
  const { file, lines, columns, found, missing } = unknown
  const shown = lines
    .slice(0, LINES_SHOWN)
    .map((line, i) => `    ${i + 1}: ${excerpt(showControls(line), LINE_CHARS_MAX)}`)
  const by = unknown.delimiter === undefined ? '' : `, separated by ${nameOf(unknown.delimiter)}`
  const known = FIELDS.slice(1).flatMap((field) => {
    const column = found[field as keyof ValueColumns]
    return column === undefined ? [] : [`${field} is '${column.name}'`]
  })
  const names = columns.map(({ name }) => name)
  const parts = [
    `${file}: its layout is not known. Nothing was imported.`,
    `  first lines as read${by}:`,
    ...shown,
    `  missing: ${missing.join(', ')}${known.length === 0 ? '' : `; ${known.join(', ')}`}`,
    ...(columns.length === 0
      ? [
          '  Nothing in it looks like a time and four prices: export it as CSV, JSON, Parquet or Arrow.',
        ]
      : [
          `  columns: ${excerpt(names.slice(0, COLUMNS_SHOWN).join(', '), 500)}`,
          `  Say which column is which: --columns ${suggestion(unknown)}${volumeHint(missing)}`,
        ]),
  ]
  const context = { file, missing: [...missing], found: names.map((name) => excerpt(name, 100)) }
  return new DataError('IMPORT_COLUMNS', parts.join('\n'), { context })
}

function volumeHint(missing: readonly Field[]): string {
  return missing.includes('volume') ? ' (or volume=none, if the file has none of the base)' : ''
}

/** Writes the option: columns that may be what is missing by what they hold, then in the order of a candle. */
function suggestion({ columns, rows, found, times = [], missing }: UnknownLayout): string {
  const taken = new Set<FileColumn>([
    ...Object.values(found),
    ...(missing.includes('time') ? [] : times),
  ])
  const take = (suits: (column: FileColumn, index: number) => boolean) => {
    const column = columns.find((one, i) => !taken.has(one) && suits(one, i))
    if (column !== undefined) taken.add(column)
    return column
  }
  const sample = (index: number) => rows.map((row) => row[index] ?? '').find((text) => text !== '')
  const isPrice = (_: FileColumn, i: number) =>
    /^[-+]?[.,]?\d[\d.,]*$/.test(sample(i)?.trim() ?? '')
  return missing
    .map((field) => {
      const column =
        field === 'time'
          ? take((_, i) => findTimeFormat(sample(i) ?? '') !== undefined)
          : field === 'volume'
            ? (take(({ name }) => looksLikeVolume(name)) ?? take(isPrice))
            : take(isPrice)
      return `${field}=${column === undefined ? 'NAME' : quoted(column.name)}`
    })
    .join(',')
}

function quoted(name: string): string {
  return /^[\w.]+$/.test(name) ? name : `"${name}"`
}

function nameOf(delimiter: string): string {
  return delimiter === '\t' ? 'tabs' : `'${delimiter}'`
}
