import { open } from 'node:fs/promises'
import { zstdDecompressSync } from 'node:zlib'
import type { DataType, Decimal, Field, RecordBatch, Vector } from 'apache-arrow'
import { type DuckDb, sqlName } from '../duckdb.ts'
import { describeSource, type ImportSource, type SourceRequest } from './describe-source.ts'
import type { InputFile } from './input.ts'

/** Reads an Arrow file (Feather 2), one record batch after the other, into a table. */
export async function arrowSource(
  db: DuckDb,
  input: InputFile,
  request: SourceRequest,
): Promise<ImportSource> {
  const { name: file } = input
  const table = sqlName(`arrow ${input.path}`)
  const fields = await copyRows(db, input, table)
  const columns = fields.map(({ name }, i) => ({
    name,
    sql: `c${i}`,
    type: isNumber(fields[i] as Field) ? 'DOUBLE' : 'VARCHAR',
  }))
  const position = { word: 'row', offset: 0 } as const
  return await describeSource(db, { file, from: table, columns, isNamed: true, position }, request)
}

async function copyRows(db: DuckDb, input: InputFile, table: string): Promise<readonly Field[]> {
  const { RecordBatchReader } = await loadArrow()
  const handle = await open(input.path, 'r')
  try {
    const reader = await (await RecordBatchReader.from(handle)).open()
    const { fields } = reader.schema
    const columns = fields.map((field, i) => `c${i} ${isNumber(field) ? 'DOUBLE' : 'VARCHAR'}`)
    await db.run(`CREATE TABLE ${table} (${columns.join(', ')})`)
    const appender = await db.appender(table.slice(1, -1))
    try {
      for await (const batch of reader as AsyncIterable<RecordBatch>) {
        appender.append(fields.map((field, i) => cellsOf(field, batch.getChildAt(i) as Vector)))
      }
    } finally {
      appender.close()
    }
    return fields
  } finally {
    await handle.close()
  }
}

/** apache-arrow with the decompressors that Arrow files need: pandas and freqtrade write LZ4. */
async function loadArrow() {
  const [arrow, lz4] = await Promise.all([import('apache-arrow'), import('lz4js')])
  const { compressionRegistry, CompressionType } = arrow
  compressionRegistry.set(CompressionType.LZ4_FRAME, { decode: (bytes) => lz4.decompress(bytes) })
  compressionRegistry.set(CompressionType.ZSTD, { decode: (bytes) => zstdDecompressSync(bytes) })
  return arrow
}

/** Whether the values of a column are numbers or times, which become milliseconds. */
function isNumber({ type }: Field): boolean {
  return NUMBER_TYPES.test(String(type))
}

const NUMBER_TYPES = /^(?:U?Int|Float|Timestamp|Date)/

function cellsOf(field: Field, vector: Vector<DataType>): Float64Array | readonly string[] {
  const { length } = vector
  if (!isNumber(field)) {
    const scale = /^Decimal/.test(String(field.type)) ? (field.type as Decimal).scale : undefined
    return Array.from({ length }, (_, row) => textOf(vector.get(row), scale))
  }
  const values = new Float64Array(length)
  for (let row = 0; row < length; row++) {
    const value: unknown = vector.get(row)
    values[row] = value === null ? Number.NaN : Number(value)
  }
  return values
}

const UTF8 = new TextDecoder()

/** Texts may be stored as bytes. */
function textOf(value: unknown, scale: number | undefined): string {
  if (value === null) return ''
  if (scale !== undefined) return decimalText(value as Uint32Array, scale)
  return value instanceof Uint8Array ? UTF8.decode(value) : String(value)
}

/** A decimal is a whole number of 32-bit words, the lowest first, and the digits behind its point. */
function decimalText(words: Uint32Array, scale: number): string {
  const unsigned = words.reduceRight((sum, word) => (sum << 32n) | BigInt(word), 0n)
  const whole = BigInt.asIntN(32 * words.length, unsigned)
  return `${whole}e-${scale}`
}
