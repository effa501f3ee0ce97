import { type DuckDb, sqlName } from '../duckdb.ts'

/** Longer decimals are read here: DuckDB takes their bytes for those of a shorter one, without a word. */
export const DUCKDB_DIGITS_MAX = 38

/**
 * Reads DECIMAL columns of a Parquet file into a new table: the nearest doubles, NaN for NULL, in the order of the rows. Memory
 * holds a column of one row group at a time.
 * @param places of the columns among those at the top, from 0; the second one is called `c1`
 */
export async function readLongDecimals(
  db: DuckDb,
  path: string,
  places: readonly number[],
  table: string,
): Promise<void> {
  const { asyncBufferFromFile, parquetMetadataAsync, parquetScan, parquetSchema } = await import(
    'hyparquet'
  )
  const { compressors } = await import('hyparquet-compressors')
  const file = await asyncBufferFromFile(path)
  const metadata = await parquetMetadataAsync(file)
  const top = parquetSchema(metadata).children.map(({ element }) => element)
  const elements = places.map((i) => top[i] as (typeof top)[number])
  // Without it the bytes are left as they are.
  for (const element of elements) delete element.converted_type
  const columns = elements.map(({ name }) => name)
  const scan = await parquetScan({ file, metadata, columns, compressors, utf8: false })
  await db.run(`CREATE TABLE ${sqlName(table)} (${places.map((i) => `c${i} DOUBLE`).join(', ')})`)
  const appender = await db.appender(table)
  for (const range of scan.ranges) {
    const doubles: Float64Array[] = []
    for (const { name, scale = 0 } of elements) {
      const values = await scan.readColumn({ column: name, ...range })
      doubles.push(Float64Array.from(values, (bytes) => nearest(bytes, scale)))
    }
    appender.append(doubles)
  }
  appender.close()
}

/**
 * Returns the double nearest to a decimal of Parquet: an integer in two's complement, its highest byte first, over a power of
 * ten. `Number` rounds a decimal text to the nearest double (ECMA-262, 12.9.3.2).
 */
export function nearest(bytes: Uint8Array | undefined, scale: number): number {
  if (!bytes) return Number.NaN
  const unsigned = BigInt(`0x0${Buffer.from(bytes).toString('hex')}`)
  return Number(`${BigInt.asIntN(bytes.length * 8, unsigned)}e-${scale}`)
}
