import { extname } from 'node:path'
import { ConfigError, invariant } from '../core/errors.ts'
import { checkTarget } from '../core/output-target.ts'
import { isStorageFailure, storageError } from './files.ts'
import type { Cells, ColumnType, ResultColumn, ResultTable } from './result-table.ts'
import { writeStagedTable } from './staged-table.ts'

/**
 * Writes a table of any length with bounded memory. The file appears whole or not at all. Returns the number of rows.
 * @throws PlatformError `DISK_FULL`, `FOLDER_READ_ONLY` or `WRITE_FAILED`
 * @throws ConfigError `RESULT_FORMAT` for another extension, `OUTPUT_LINK`, `OUTPUT_FOLDER` or `OUTPUT_DEVICE` for no place of a file
 *
 * @example
 * await writeTable({
 *   path: 'results/trades.csv',
 *   columns: [{ name: 'symbol', type: 'VARCHAR' }, { name: 'pnl', type: 'DOUBLE' }],
 *   chunks: [[['BTCUSDT'], Float64Array.of(12.5)]],
 * })
 */
export async function writeTable(table: ResultTable): Promise<number> {
  const format = formatOf(table.path)
  checkTarget(table.path)
  let producerError: unknown
  const chunks = checkedChunks(table, (error) => {
    producerError = error
  })
  const checked = { ...table, chunks }
  try {
    if (format !== 'arrow') return await writeStagedTable(checked, format)
    const { writeArrowFile } = await import('./arrow-file.ts')
    return await writeArrowFile(checked)
  } catch (error) {
    // What the producer failed with is not a failure of the disk, whatever it says.
    throw producerError ?? (isStorageFailure(error) ? storageError(error, table.path) : error)
  }
}

const FORMATS = ['parquet', 'arrow', 'csv'] as const

function formatOf(path: string): (typeof FORMATS)[number] {
  const extension = extname(path).toLowerCase()
  const format = FORMATS.find((name) => extension === `.${name}`)
  if (format !== undefined) return format
  throw new ConfigError(
    'RESULT_FORMAT',
    `${path}: the extension of a result file must be .parquet, .arrow or .csv, was '${extension}'.`,
    { context: { path } },
  )
}

async function* checkedChunks(
  { columns, chunks }: ResultTable,
  onError: (error: unknown) => void,
): AsyncGenerator<readonly Cells[]> {
  try {
    for await (const chunk of chunks) {
      checkChunk(columns, chunk)
      yield chunk
    }
  } catch (error) {
    onError(error)
    throw error
  }
}

function checkChunk(columns: readonly ResultColumn[], chunk: readonly Cells[]): void {
  invariant(chunk.length === columns.length, 'a chunk has one array per column')
  columns.forEach(({ name, type }, i) => {
    const cells = chunk[i] as Cells
    invariant(cells.length === chunk[0]?.length, `column ${name} is as long as the others`)
    invariant(isOfType(cells, type), `column ${name} holds the array type of ${type}`)
  })
}

function isOfType(cells: Cells, type: ColumnType): boolean {
  if (type === 'VARCHAR') return Array.isArray(cells)
  return type === 'INTEGER' || type === 'LABEL'
    ? cells instanceof Int32Array
    : cells instanceof Float64Array
}
