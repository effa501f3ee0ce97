import { join } from 'node:path'
import { excerpt } from '../../core/foreign-text.ts'
import { type DuckDb, sqlPath, sqlText } from '../duckdb.ts'
import { describeSource, type ImportSource, type SourceRequest } from './describe-source.ts'
import { emptyFile } from './import-error.ts'
import type { InputFile } from './input.ts'
import { findLayout, type TextLayout } from './layout.ts'
import { countLines, unifyLineEnds } from './text-lines.ts'
import { unknownLayout } from './unknown-layout.ts'

/**
 * Names every detail of the text instead of letting DuckDB guess: a guess from the first rows may skip a bad line, and its
 * failure does not say which line it was.
 */
export async function textSource(
  db: DuckDb,
  input: InputFile,
  request: SourceRequest,
): Promise<ImportSource> {
  const { name: file } = input
  const hints = Object.values(request.columns ?? {})
  const head = findLayout(file, input.path, { symbol: request.symbol, hints })
  const { lines, layout } = head
  if (lines.every((line) => line.trim() === '')) throw emptyFile(file)
  if (layout === undefined) {
    const nothing = { columns: [], rows: [], found: {} }
    throw unknownLayout({
      file,
      lines,
      ...nothing,
      missing: ['time', 'open', 'high', 'low', 'close'],
    })
  }
  const counted = await countLines(file, input.path, layout.skip)
  let { path } = input
  if (counted.isMixed) {
    path = join(input.folder, 'lines')
    await unifyLineEnds(input.path, path)
  }
  const { lines: count } = counted.isMixed ? await countLines(file, path, layout.skip) : counted
  const columns = Array.from({ length: layout.width }, (_, i) => ({
    name: layout.names?.[i] ?? String(i + 1),
    sql: columnName(i),
    type: 'VARCHAR',
  }))
  const source = await describeSource(
    db,
    {
      ...{ file, lines, columns },
      from: readText(path, layout),
      isNamed: layout.names !== undefined,
      position: { word: 'line', offset: layout.skip },
      delimiter: layout.delimiter,
      notes: notesOf(layout),
    },
    request,
  )
  return { ...source, rows: count - layout.skip }
}

function notesOf({ preamble }: TextLayout): readonly string[] {
  const lines = preamble.filter((line) => line.trim() !== '')
  if (lines.length === 0) return []
  const shown = lines.map((line) => excerpt(line, 80)).join(' | ')
  return [`passed over what stands before the table: ${shown}`]
}

function columnName(index: number): string {
  return `c${index}`
}

/** The content decides what is compressed, and by now nothing is. */
function readText(path: string, { delimiter, quote, width, skip }: TextLayout): string {
  const columns = Array.from({ length: width }, (_, i) => `${columnName(i)}: 'VARCHAR'`).join(', ')
  return `read_csv(${sqlPath(path)}, columns = {${columns}}, auto_detect = false, header = false, skip = ${skip},
    delim = ${sqlText(delimiter)}, quote = ${sqlText(quote)}, escape = ${sqlText(quote)}, comment = '', compression = 'none')`
}
