import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TObject, TSchema } from 'typebox'

const ROOT = join(import.meta.dir, '../../..')
const DOCS = join(ROOT, 'docs')
const ORACLES = ['stock-indicators', 'lean'].map((source) => `tests/golden/indicators/${source}`)

export function readPage(page: string): string {
  return readFileSync(join(DOCS, page), 'utf8')
}

/**
 * Returns the generated part `name` of a page. With `UPDATE_GOLDEN=1` it is replaced by `expected` first.
 * @throws Error when the page has no such part
 */
export function generatedPart(page: string, name: string, expected: string): string {
  const text = readPage(page)
  const [begin, end] = [`<!-- ${name}:begin -->\n`, `<!-- ${name}:end -->`]
  const start = text.indexOf(begin) + begin.length
  const stop = text.indexOf(end)
  if (start < begin.length || stop < start) throw new Error(`docs/${page} has no part '${name}'`)
  if (process.env.UPDATE_GOLDEN !== '1') return text.slice(start, stop)
  writeFileSync(join(DOCS, page), text.slice(0, start) + expected + text.slice(stop))
  return expected
}

/** Files of this repository, and tables of the oracles, that a page names in code and that do not exist. */
export function findMissingCitations(page: string): readonly string[] {
  const named = [...page.matchAll(/`([\w./-]+)`/g)].map((match) => match[1] as string)
  return named.filter((name) => {
    if (/^(tests|core-wasm|bench|src|docs)\//.test(name)) return !existsSync(join(ROOT, name))
    if (!/\.(csv|txt)$/.test(name)) return false
    return !ORACLES.some((folder) => existsSync(join(ROOT, folder, name)))
  })
}

/** A Markdown table as the formatter aligns it. */
export function markdownTable(header: readonly string[], rows: readonly (readonly string[])[]) {
  const widths = header.map((_, i) =>
    Math.max(3, ...[header, ...rows].map((row) => row[i]!.length)),
  )
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |\n`
  const rule = widths.map((width) => '-'.repeat(width))
  return [header, rule, ...rows].map(line).join('')
}

/** The parameters of a schema as a Markdown table. */
export function paramTable(schema: TObject): string {
  const rows = Object.entries(schema.properties).map(([name, param]) => row(name, param as Param))
  if (rows.length === 0) return 'None.\n'
  return markdownTable(['name', 'type', 'default', 'range', 'unit'], rows)
}

type Param = TSchema & {
  readonly type: string
  readonly default?: number
  readonly description?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
}

function row(name: string, param: Param): readonly string[] {
  const { type, default: value, description = '' } = param
  return [`\`${name}\``, type, String(value), rangeOf(param), description]
}

function rangeOf({ minimum, maximum, exclusiveMinimum }: Param): string {
  if (exclusiveMinimum !== undefined) return `above ${exclusiveMinimum}, to ${maximum}`
  return minimum === undefined ? 'any' : `${minimum} to ${maximum}`
}
