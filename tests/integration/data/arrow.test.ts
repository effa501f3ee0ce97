import { afterAll, expect, setDefaultTimeout, test } from 'bun:test'
import { tableFromIPC, tableToIPC } from 'apache-arrow'
import { toArrowTable } from '../../../src/data/arrow.ts'
import { BTC, makeLake } from './lake-fixture.ts'

setDefaultTimeout(60_000)

const fixture = makeLake()
afterAll(() => fixture.remove())

const range = { fromMs: Date.parse('2024-02-01'), toMs: Date.parse('2024-04-01') }
const candles = await fixture.store().readCandles({ ...BTC, ...range })
const NAMES = ['open_time', 'open', 'high', 'low', 'close', 'volume'] as const
const columns = { ...candles, open_time: candles.openTime }

test('an Arrow table of candles shares the memory of the columns', () => {
  const table = toArrowTable(candles)
  expect(table.schema.names).toEqual([...NAMES])
  expect(table.numRows).toBe(1440)
  for (const name of NAMES) {
    const data = table.getChild(name)?.data ?? []
    expect(data.length).toBe(1)
    expect(data[0]?.values.buffer).toBe(columns[name].buffer)
    expect(data[0]?.values.byteOffset).toBe(columns[name].byteOffset)
    expect(data[0]?.nullCount).toBe(0)
  }
  const close = candles.close[7] as number
  candles.close[7] = -1
  expect(table.getChild('close')?.get(7)).toBe(-1)
  candles.close[7] = close
})

test('it says which series it holds and what its times are', () => {
  const { schema } = toArrowTable(candles)
  expect(Object.fromEntries(schema.metadata)).toEqual({ ...BTC, hash: candles.hash })
  expect(schema.fields[0]?.metadata.get('unit')).toBe('ms since 1970-01-01 UTC')
  expect(schema.fields.map((field) => [String(field.type), field.nullable])).toEqual(
    NAMES.map(() => ['Float64', false]),
  )
})

test('it travels as Arrow IPC with every bit', () => {
  const table = tableFromIPC(tableToIPC(toArrowTable(candles), 'file'))
  for (const name of NAMES) expect(table.getChild(name)?.toArray()).toEqual(columns[name])
})

test('a part of a column keeps its place in the shared memory', () => {
  const part = {
    ...candles,
    ...Object.fromEntries(NAMES.map((name) => [name, columns[name].subarray(5, 9)])),
  }
  const table = toArrowTable({ ...part, openTime: candles.openTime.subarray(5, 9) })
  expect(table.getChild('close')?.toArray()).toEqual(candles.close.subarray(5, 9))
  expect(table.getChild('close')?.data[0]?.values.byteOffset).toBe(40)
})
