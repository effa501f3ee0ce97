import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type DuckDb, sqlPath, sqlText } from '../duckdb.ts'
import { countFields } from './column-names.ts'
import { describeSource, type ImportSource, type SourceRequest } from './describe-source.ts'
import { emptyFile, unreadable } from './import-error.ts'
import { headText, type InputFile } from './input.ts'
import type { FileColumn } from './match-columns.ts'

/** An element of an array is `[time, open, high, low, close, volume, …]` or an object; a file of lines has one each. */
export async function jsonSource(
  db: DuckDb,
  input: InputFile,
  request: SourceRequest,
): Promise<ImportSource> {
  const { name: file } = input
  const candles = await openCandles(db, input, request.symbol)
  const { from, first } = candles
  if (first === undefined) throw emptyFile(file)
  const { type, keys, length } = first
  if (type !== 'ARRAY' && type !== 'OBJECT') {
    throw unreadable(
      file,
      `its JSON holds ${type.toLowerCase()} values, where candles are expected`,
    )
  }
  const isNamed = type === 'OBJECT'
  const column = (name: string, place: string): FileColumn => ({
    name,
    sql: `(json ->> ${sqlText(place)})`,
    type: 'VARCHAR',
  })
  const columns = isNamed
    ? keys.map((name) => column(name, `$."${name}"`))
    : Array.from({ length }, (_, i) => column(String(i + 1), `$[${i}]`))
  const position = { word: 'row', offset: 0 } as const
  return await describeSource(db, { file, from, columns, isNamed, position }, request)
}

interface JsonRows {
  readonly from: string
  readonly first:
    | { readonly type: string; readonly keys: readonly string[]; readonly length: number }
    | undefined
}

async function openCandles(db: DuckDb, input: InputFile, symbol: string): Promise<JsonRows> {
  const head = headText(input.path).replace('\ufeff', '')
  const isLines = /^\s*(?:\{|\[\s*[^[{\s\]])/.test(head)
  if (!isLines) return await rowsOf(db, input.path, 'array')
  if (/^\s*\{/.test(head) && !isLineOfCandle(head, symbol)) {
    const path = join(input.folder, 'candles.json')
    if (unwrap(input, path)) return await rowsOf(db, path, 'newline_delimited')
  }
  return await rowsOf(db, input.path, 'newline_delimited')
}

async function rowsOf(db: DuckDb, path: string, format: string): Promise<JsonRows> {
  const from = `read_json_objects(${sqlPath(path)}, format = '${format}')`
  const [first] = (await db.rows(
    `SELECT json_type(json), to_json(json_keys(json))::VARCHAR, CAST(json_array_length(json) AS DOUBLE) FROM ${from} LIMIT 1`,
  )) as readonly (readonly [string, string | null, number])[]
  if (first === undefined) return { from, first }
  const [type, keys, length] = first
  return { from, first: { type, keys: JSON.parse(keys ?? '[]') as string[], length } }
}

/** Whether the first line is a candle itself. */
function isLineOfCandle(head: string, symbol: string): boolean {
  try {
    const value: unknown = JSON.parse(head.split(/\r?\n/, 1)[0] as string)
    return (
      isRecord(value) &&
      Object.values(value).every((one) => typeof one !== 'object' || one === null) &&
      countFields(Object.keys(value), symbol) >= 3
    )
  } catch {
    return false
  }
}

/** An answer of a venue is no archive: it is held in memory. */
const ANSWER_BYTES_MAX = 64 * 1_048_576

/**
 * Writes the candles inside of an answer such as `{"result": {"list": [[…]]}}`, or in columns such as `{"t": […], "o": […]}`, a line
 * each. Returns whether there are any.
 */
function unwrap(input: InputFile, target: string): boolean {
  if (statSync(input.path).size > ANSWER_BYTES_MAX) return false
  let value: unknown
  try {
    value = JSON.parse(readFileSync(input.path, 'utf8').replace('\ufeff', ''))
  } catch {
    // Lines of objects, or no JSON: the reader says which.
    return false
  }
  const rows = longest(listsIn(value))
  if (rows === undefined) return false
  writeFileSync(target, rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
  return true
}

/** The lists of candles in a value, however deep. */
function listsIn(value: unknown): readonly (readonly unknown[])[] {
  if (Array.isArray(value)) {
    return value.every((one) => typeof one === 'object' && one !== null) ? [value] : []
  }
  if (!isRecord(value)) return []
  const columns = Object.entries(value).filter(
    ([, list]) =>
      Array.isArray(list) && !list.some((one) => typeof one === 'object' && one !== null),
  )
  const [, first] = columns[0] ?? []
  if (
    columns.length >= 5 &&
    columns.every(([, list]) => (list as unknown[]).length === (first as unknown[]).length)
  ) {
    return [
      (first as unknown[]).map((_, i) =>
        Object.fromEntries(columns.map(([name, list]) => [name, (list as unknown[])[i]])),
      ),
    ]
  }
  return Object.values(value).flatMap(listsIn)
}

function longest(lists: readonly (readonly unknown[])[]): readonly unknown[] | undefined {
  return lists.reduce<readonly unknown[] | undefined>(
    (best, list) => (best === undefined || list.length > best.length ? list : best),
    undefined,
  )
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
