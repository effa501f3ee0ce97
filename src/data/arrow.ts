import { Field, Float64, makeData, RecordBatch, Schema, Struct, Table } from 'apache-arrow'
import { CANDLE_COLUMNS, type CandleSeries } from '../core/candles.ts'

/** The types of a table of candles. */
export type CandleTypes = Record<(typeof NAMES)[number], Float64>

const NAMES = ['open_time', ...CANDLE_COLUMNS] as const

/**
 * Returns candles as an Arrow table of one record batch without copying: its buffers are the columns' own shared memory.
 *
 * All columns are Float64 without nulls. `open_time` is one too (epoch milliseconds UTC, exact; `unit` in the field's
 * metadata): an Arrow timestamp is a 64-bit integer, which would take a copy. The schema's metadata names the series.
 * Importing this module loads apache-arrow, so import it where a table is wanted and not at start.
 *
 * @example
 * const { toArrowTable } = await import('./src/data/arrow.ts')
 * const file = tableToIPC(toArrowTable(await store.readCandles(request)), 'file')
 */
export function toArrowTable(candles: CandleSeries): Table<CandleTypes> {
  const columns = { ...candles, open_time: candles.openTime }
  const { exchange, symbol, interval, hash } = candles
  const metadata = new Map(Object.entries({ exchange, symbol, interval, hash }))
  const schema = new Schema<CandleTypes>(NAMES.map(fieldOf), metadata)
  const data = makeData({
    type: new Struct<CandleTypes>(schema.fields),
    length: candles.openTime.length,
    nullCount: 0,
    children: NAMES.map((name) => makeData({ type: new Float64(), data: columns[name] })),
  })
  return new Table(schema, [new RecordBatch(schema, data)])
}

function fieldOf(name: (typeof NAMES)[number]): Field<Float64> {
  const metadata = name === 'open_time' ? new Map([['unit', 'ms since 1970-01-01 UTC']]) : null
  return new Field(name, new Float64(), false, metadata)
}
