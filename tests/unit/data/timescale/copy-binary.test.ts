import { expect, test } from 'bun:test'
import fc from 'fast-check'
import type { CandleColumns } from '../../../../src/core/candles.ts'
import { columnsOf, FILE_COLUMNS, vectorsOf } from '../../../../src/data/columns.ts'
import { CandleDecoder, encodeCandles } from '../../../../src/data/timescale/copy-binary.ts'

const MINUTE = 60_000
const time = fc
  .integer({ min: Date.UTC(1970, 0), max: Date.UTC(2262, 0) })
  .map((ms) => ms - (ms % MINUTE))
const value = fc.double()
const rows = fc.array(fc.tuple(time, value, value, value, value, value), { maxLength: 50 })

function columnsFrom(rows: readonly (readonly number[])[]): CandleColumns {
  return columnsOf(FILE_COLUMNS.map((_, i) => Float64Array.from(rows, (row) => row[i] as number)))
}

/** What the server would answer to a query for what it was sent: the same rows without the number of the series. */
function received(sent: readonly Uint8Array[]): Uint8Array {
  const bytes = Buffer.concat(sent)
  const [header, rowBytes, left] = [19, 82, 8]
  const kept = [bytes.subarray(0, header)]
  for (let at = header; at + rowBytes <= bytes.length; at += rowBytes) {
    kept.push(Buffer.from([0, 6]), bytes.subarray(at + 2 + left, at + rowBytes))
  }
  kept.push(bytes.subarray(-2))
  return Buffer.concat(kept)
}

function decode(pieces: Iterable<Uint8Array>): CandleColumns {
  const decoder = new CandleDecoder()
  for (const piece of pieces) decoder.push(piece)
  return decoder.finish()
}

function* cut(bytes: Uint8Array, sizes: readonly number[]): Generator<Uint8Array> {
  let at = 0
  for (let i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? bytes.length
    yield bytes.subarray(at, at + size)
    at += size
  }
}

function bits(columns: CandleColumns): readonly Uint8Array[] {
  return vectorsOf(columns).map((vector) => new Uint8Array(vector.slice().buffer))
}

test('one row has the bytes of the documented format', () => {
  const columns = columnsFrom([[Date.UTC(2000, 0, 1, 0, 1), 1, 2, 0.5, 1.5, 0]])
  const hex = Buffer.concat([...encodeCandles(columns, 7)]).toString('hex')
  const double = (digits: string) => `00000008${digits.padEnd(16, '0')}`
  expect(hex).toBe(
    [
      '5047434f50590aff0d0a00',
      '00000000',
      '00000000',
      '0007',
      '0000000400000007',
      `000000080000000003938700`,
      double('3ff'),
      double('4'),
      double('3fe'),
      double('3ff8'),
      double(''),
      'ffff',
    ].join(''),
  )
})

test('any candles come back bit for bit, wherever the stream is cut', () => {
  fc.assert(
    fc.property(rows, fc.array(fc.integer({ min: 1, max: 200 })), (rows, sizes) => {
      const columns = columnsFrom(rows)
      const sent = received([...encodeCandles(columns, 1)])
      expect(bits(decode(cut(sent, sizes)))).toEqual(bits(columns))
    }),
  )
})

test('a long series comes back bit for bit', () => {
  const columns = columnsFrom(
    Array.from({ length: 10_001 }, (_, i) => [i * MINUTE, i + 0.1, i + 0.3, i, i + 0.2, i / 7]),
  )
  const sent = received([...encodeCandles(columns, -1)])
  expect(bits(decode(cut(sent, [65_536])))).toEqual(bits(columns))
})

test('times before 2000 and every millisecond are exact', () => {
  const times = [0, 1, -1, 946_684_799_999, 946_684_800_000, 4_102_444_799_999]
  const columns = columnsFrom(times.map((ms) => [ms, 1, 1, 1, 1, 1]))
  expect([...decode([received([...encodeCandles(columns, 1)])]).openTime]).toEqual(times)
})

test('output that ends early is refused', () => {
  const sent = received([...encodeCandles(columnsFrom([[0, 1, 1, 1, 1, 1]]), 1)])
  for (let end = 0; end < sent.length - 1; end++) {
    expect(() => decode([sent.subarray(0, end)])).toThrow('end mark')
  }
})

test('other output is refused', () => {
  expect(() => decode([new Uint8Array(40)])).toThrow('signature')
  const sent = received([...encodeCandles(columnsFrom([[0, 1, 1, 1, 1, 1]]), 1)])
  expect(() => decode([sent.with(20, 5)])).toThrow('6 fields')
  expect(() => decode([sent.with(24, 4)])).toThrow('8 bytes')
})
