import { CONFIG_SCHEMAS, FILE_KEYS } from './files.ts'
import { isOptional, ruleOf, type SchemaView, viewOf } from './schema-view.ts'

const BEGIN = '<!-- keys: generated from src/config/schemas, do not edit -->'
const END = '<!-- end of keys -->'

const HEAD = ['key', 'must be', 'default', 'what it is']

interface KeyRow {
  readonly key: string
  readonly schema: SchemaView
}

/** Returns Markdown tables of every key of every file: what it must be, its default, what it is for. */
export function keyTables(): string {
  return FILE_KEYS.map((file) => {
    const schema = viewOf(CONFIG_SCHEMAS[file])
    return `### ${file}.yaml\n\n${renderTable([HEAD, ...rowsOf(schema, '').map(cellsOf)])}`
  }).join('\n\n')
}

/** A Markdown table with aligned columns; the first row is its head. */
function renderTable(rows: readonly (readonly string[])[]): string {
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] as number)).join(' | ')} |`
  const [head = [], ...body] = rows
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n')
}

/** Returns `markdown` with the generated part between its two comment lines renewed. */
export function withKeyTables(markdown: string): string {
  const begin = markdown.indexOf(BEGIN)
  const end = markdown.indexOf(END)
  if (begin < 0 || end < begin)
    throw new Error(`Invariant: the page has '${BEGIN}' before '${END}'`)
  return `${markdown.slice(0, begin + BEGIN.length)}\n\n${keyTables()}\n\n${markdown.slice(end)}`
}

function rowsOf(schema: SchemaView, path: string): readonly KeyRow[] {
  const properties = Object.entries(schema.properties ?? {})
  return properties.flatMap(([name, child]) => {
    const key = path === '' ? name : `${path}.${name}`
    if (child.properties !== undefined) return rowsOf(child, key)
    const entry = Object.values(child.patternProperties ?? {})[0]
    return entry?.properties === undefined ? [{ key, schema: child }] : rowsOf(entry, `${key}.NAME`)
  })
}

function cellsOf({ key, schema }: KeyRow): readonly string[] {
  const { default: fallback, description = '' } = schema
  const absent = isOptional(schema) ? 'optional' : 'required'
  const text = fallback === undefined ? absent : `\`${formatDefault(fallback)}\``
  return [`\`${key}\``, escapeCell(describeRule(schema)), text, escapeCell(description)]
}

function describeRule(schema: SchemaView): string {
  if (schema.type === 'array') return `a list; each ${ruleOf(schema.items ?? {})}`
  return ruleOf(schema)
}

function formatDefault(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|')
}
