import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { parseRows } from '../../../../src/data/archive/parse-rows.ts'

const REST = '1704070799999,1.5,7,0.5,0.7,0'
const HEADER =
  'open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore'
const bytes = (...lines: readonly string[]) => new TextEncoder().encode(lines.join('\n'))
const row = (time: number | string, ...values: readonly (number | string)[]) =>
  [time, ...values, REST].join(',')

describe('rows of an archive', () => {
  test('are read with and without a header, a byte order mark, carriage returns and a last newline', () => {
    const rows = [row(1_704_067_200_000, 5, 6, 4, 5.5, 7), row(1_704_070_800_000, 5, 6, 4, 5, 0)]
    const texts = [
      rows.join('\n'),
      `${rows.join('\n')}\n`,
      `${rows.join('\r\n')}\r\n`,
      `${HEADER}\n${rows.join('\n')}\n\n`,
      `\ufeff${HEADER}\r\n${rows.join('\r\n')}`,
      `\ufeff${rows.join('\n')}`,
    ]
    for (const text of texts) {
      const { columns, broken } = parseRows(new TextEncoder().encode(text))
      expect(broken).toBe(0)
      expect([...columns.openTime]).toEqual([1_704_067_200_000, 1_704_070_800_000])
      expect([...columns.close]).toEqual([5.5, 5])
      expect([...columns.volume]).toEqual([7, 0])
    }
  })

  test('have their times in milliseconds, whichever unit the file has', () => {
    const { columns } = parseRows(
      bytes(row(1_735_689_600_000, 1, 1, 1, 1, 1), row('1735693200000000', 1, 1, 1, 1, 1)),
    )
    expect([...columns.openTime]).toEqual([1_735_689_600_000, 1_735_693_200_000])
  })

  test('that are cut short, too long or no numbers are told apart from sound ones', () => {
    const sound = row(1_704_067_200_000, 5, 6, 4, 5, 1)
    const { columns, broken } = parseRows(
      bytes(
        sound,
        '1704070800000,5,6,4,5,1',
        `${sound},1`,
        'open_time,5,6,4,5,1,1,1,1,1,1,1',
        row(1_704_074_400_000, '', '6e', '-', '0x10', ' '),
        row(1_704_078_000_000, 'NaN', 'Infinity', '1,5', 2, 3),
      ),
    )
    expect(broken).toBe(4)
    expect([...columns.openTime].map(Number.isNaN)).toEqual([false, true, true, true, false, true])
    const { open, high, low, close, volume } = columns
    for (const column of [open, high, low, close, volume]) expect(column[4]).toBeNaN()
  })

  test('of an empty file are none', () => {
    for (const text of ['', '\n', HEADER, `${HEADER}\n`]) {
      expect(parseRows(bytes(text)).columns.openTime).toHaveLength(0)
    }
  })

  test('prop_ hold the same doubles as Number reads', () => {
    const digits = (maxLength: number) =>
      fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength })
    const anyDecimal = fc.oneof(
      fc.tuple(digits(9), digits(8)).map(([whole, part]) => `${whole}.${part}`),
      fc.tuple(digits(17), digits(24)).map(([whole, part]) => `${whole}.${part}`),
      digits(20),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
    )
    fc.assert(
      fc.property(fc.array(anyDecimal, { minLength: 5, maxLength: 5 }), (texts) => {
        const { columns } = parseRows(bytes(row(0, ...texts)))
        const { open, high, low, close, volume } = columns
        expect([open[0], high[0], low[0], close[0], volume[0]]).toEqual(texts.map(Number))
      }),
      { numRuns: 2_000 },
    )
  })
})
