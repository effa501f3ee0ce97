import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { METRICS } from '../../../src/core/metrics.ts'
import { type Cell, sqlName, sqlPath, withDuckDb } from '../../../src/data/duckdb.ts'
import type { JsonMetrics } from './crypto.ts'

/** A Parquet file as any reader of DuckDB sees it: names, DuckDB types, rows in file order. */
export interface ParquetTable {
  readonly names: readonly string[]
  readonly types: readonly string[]
  readonly rows: readonly (readonly Cell[])[]
}

/** Reads a Parquet file. Timestamps become epoch milliseconds. */
export function readParquet(path: string): Promise<ParquetTable> {
  return withDuckDb({ threads: 1 }, async (db) => {
    const source = `read_parquet(${sqlPath(path)}, hive_partitioning = false)`
    const described = await db.rows(
      `SELECT CAST(column_name AS VARCHAR), CAST(column_type AS VARCHAR) FROM (DESCRIBE SELECT * FROM ${source})`,
    )
    const columns = described as readonly (readonly [string, string])[]
    const cells = columns.map(([name, type]) => {
      if (type === 'VARCHAR') return sqlName(name)
      return type.startsWith('TIMESTAMP')
        ? `CAST(epoch_ms(${sqlName(name)}) AS DOUBLE)`
        : `CAST(${sqlName(name)} AS DOUBLE)`
    })
    return {
      names: columns.map(([name]) => name),
      types: columns.map(([, type]) => type),
      rows: await db.rows(`SELECT ${cells.join(', ')} FROM ${source}`),
    }
  })
}

/** The digest as docs/sweeps.md describes it, from nothing but the rows file. */
export async function digestOfRows(path: string): Promise<string> {
  const { names, rows } = withUnbounded(await readParquet(path))
  const hash = createHash('sha256').update(JSON.stringify(names))
  const bytes = Buffer.alloc(names.length * 8)
  for (const row of rows) {
    row.forEach((cell, i) => {
      if (cell === null) bytes.writeBigUInt64LE(0x7ff8000000000000n, i * 8)
      else bytes.writeDoubleLE(cell as number, i * 8)
    })
    hash.update(bytes)
  }
  return hash.digest('hex')
}

const isReason = (name: string) => name.endsWith('_reason')

/** The numbers of a rows file as they were in memory: what is null for want of a loss is infinite, and no reasons follow. */
export function withUnbounded({ names, rows }: ParquetTable): Pick<ParquetTable, 'names' | 'rows'> {
  const reasonOf = names.map((name) => names.indexOf(`${name}_reason`))
  const restored = rows.map((row) =>
    row.flatMap((cell, i) => {
      if (isReason(names[i] as string)) return []
      return row[reasonOf[i] as number] === 'no_loss' ? Number.POSITIVE_INFINITY : cell
    }),
  )
  return { names: names.filter((name) => !isReason(name)), rows: restored }
}

/** A row of a table by column name. */
export function recordOf(table: ParquetTable, row: number): Readonly<Record<string, Cell>> {
  const cells = table.rows[row] ?? []
  return Object.fromEntries(table.names.map((name, i) => [name, cells[i] ?? null]))
}

/** Reads a CSV file without quotes: numbers as such, times as epoch milliseconds, empty fields as null. */
export function readCsv(path: string): Pick<ParquetTable, 'names' | 'rows'> {
  const [header = '', ...lines] = readFileSync(path, 'utf8').trimEnd().split('\n')
  return { names: header.split(','), rows: lines.map((line) => line.split(',').map(cellOf)) }
}

function cellOf(text: string): Cell {
  if (text === '') return null
  if (/^\d{4}-\d\d-\d\dT.*Z$/.test(text)) return Date.parse(text)
  return Number.isNaN(Number(text)) ? text : Number(text)
}

/** The metrics of a document as the doubles that a rows file holds. */
export function numbersOf(metrics: JsonMetrics): readonly (number | null)[] {
  return METRICS.map((name) => {
    const value = metrics[name]
    return value === null || value === undefined ? null : Number(value)
  })
}

/** The metrics of the row with these parameters. */
export function rowWith(
  from: ParquetTable,
  params: Readonly<Record<string, number>>,
): readonly (number | null)[] {
  const at = Object.entries(params).map(
    ([name, value]) => [from.names.indexOf(name), value] as const,
  )
  const row = from.rows.find((cells) => at.every(([column, value]) => cells[column] === value))
  if (row === undefined) throw new Error(`no row with ${JSON.stringify(params)}`)
  const first = from.names.indexOf(METRICS[0])
  return row.slice(first, first + METRICS.length) as (number | null)[]
}
