import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkLake, exportCandles, noLedger } from '../../../src/data/index.ts'
import type { ImportRequest } from '../../../src/data/store.ts'
import { closesOf, csv, HEADER, importFile, ROWS } from './import-fixture.ts'
import { BTC, failureOf, temporaryLakes } from './lake-fixture.ts'

setDefaultTimeout(60_000)

const lake = temporaryLakes()
const START = Date.UTC(2024, 0, 1)
const HOUR = 3_600_000
const DAY = { fromMs: START, toMs: START + 24 * HOUR }

/** Imports several files as one series. */
function importFiles(contents: readonly string[], options: Partial<ImportRequest> = {}) {
  const fixture = lake()
  const file = contents.map((content, i) => {
    const path = join(fixture.folder, `${i}.csv`)
    writeFileSync(path, content)
    return path
  })
  const store = fixture.store({ sample: false })
  return { store, file, done: store.importCandles({ ...BTC, file, ...options }) }
}

describe('several files', () => {
  const [first, second] = [csv(ROWS.slice(0, 3)), csv(ROWS.slice(3))]

  test.each([
    ['in order', [first, second]],
    ['in any order', [second, first]],
    ['each in a layout of its own', [first, `${ROWS.slice(3).toReversed().join('\n')}\n`]],
  ])('%s are one series', async (_, contents) => {
    const { store, file, done } = importFiles(contents)
    expect(await done).toMatchObject({ files: file, rows: 5, added: 5, holes: 0 })
    expect(await closesOf(store)).toEqual([105, 110, 115, 120, 125])
  })

  test('say of each how it was read', async () => {
    const { file, done } = importFiles([first, csv(ROWS.slice(3).toReversed())])
    const [note] = (await done).notes
    expect(note).toStartWith(`${file[1]}: the newest row stands first`)
  })

  test('that overlap are refused, and with dedupe joined', async () => {
    const overlap = [csv(ROWS.slice(0, 4)), csv(ROWS.slice(2))]
    const failure = await failureOf(importFiles(overlap).done)
    expect([failure.code, failure.exitCode]).toEqual(['IMPORT_DUPLICATE', 3])
    expect(failure.message).toMatch(/0\.csv and .*1\.csv both have the candle of 2024-01-01T02:00/)
    const { done } = importFiles(overlap, { dedupe: true })
    expect(await done).toMatchObject({ rows: 7, duplicates: 2, added: 5 })
  })

  test('that contradict each other are refused in any case', async () => {
    const other = (ROWS[2] as string).replace('115,3', '114,3')
    const failure = await failureOf(
      importFiles([first, csv([other, ...ROWS.slice(3)])], { dedupe: true }).done,
    )
    expect(failure.code).toBe('IMPORT_CONFLICT')
    expect(failure.message).toContain('with different values')
  })

  test('are stored together or not at all, and the bad one is named', async () => {
    const { store, file, done } = importFiles([first, second.replace('120,130', '120,NaN')])
    const failure = await failureOf(done)
    expect(failure.code).toBe('IMPORT_PRICE')
    expect(failure.message).toStartWith(`${file[1]}: `)
    expect(await store.listSeries()).toEqual([])
  })
})

describe('the interval', () => {
  const without = { interval: undefined }
  test('is that of most rows where the others are multiples', async () => {
    const gap = csv([...ROWS, '1704110400000,1,2,1,2,5'])
    expect(await importFile(lake(), gap, without).done).toMatchObject({
      interval: '1h',
      isIntervalInferred: true,
      holes: 7,
    })
  })

  test('is that of rows in any order with sort', async () => {
    const shuffled = csv([ROWS[3], ROWS[0], ROWS[4], ROWS[1], ROWS[2]] as string[])
    const { done } = importFile(lake(), shuffled, { ...without, sort: true })
    expect(await done).toMatchObject({ interval: '1h', added: 5 })
  })

  test.each([
    ['a week from Monday', 7 * 24, '1w'],
    ['four hours', 4, '4h'],
    ['a day', 24, '1d'],
  ])('is %s', async (_, hours, interval) => {
    const text = csv([0, 1, 2].map((i) => `${START + i * hours * HOUR},1,2,1,2,5`))
    expect(await importFile(lake(), text, without).done).toMatchObject({ interval })
  })

  test.each([
    ['one row', [0]],
    ['two rows', [0, 1]],
    ['rows at odd times', [0, 1, 2, 3.5]],
    ['months', [0, 31 * 24, 60 * 24, 91 * 24]],
  ])('is asked for where %s do not show it', async (_, hours) => {
    const text = csv(hours.map((hour) => `${START + hour * HOUR},1,2,1,2,5`))
    const failure = await failureOf(importFile(lake(), text, without).done)
    expect([failure.code, failure.exitCode]).toEqual(['IMPORT_INTERVAL', 3])
    expect(failure.message).toContain('Give --interval')
  })
})

describe('columns that the user names', () => {
  const german = csv(ROWS, 'Zeit,Auf,Hoch,Tief,Zu,Menge')
  const columns = { time: 'Zeit', open: 'Auf', high: 'hoch', low: 'Tief', close: 'Zu' }

  test('are taken', async () => {
    const { store, done } = importFile(lake(), german, { columns: { ...columns, volume: 'Menge' } })
    expect(await done).toMatchObject({ added: 5, missingVolume: 0 })
    expect(await closesOf(store)).toEqual([105, 110, 115, 120, 125])
  })

  test('may be without a volume', async () => {
    const { done } = importFile(lake(), csv(ROWS, HEADER), { columns: { volume: 'none' } })
    expect(await done).toMatchObject({ added: 5, missingVolume: 5 })
  })

  test('are numbered where the file has no names', async () => {
    const map = { time: '1', open: '2', high: '3', low: '4', close: '5', volume: '6' }
    const wide = ROWS.map((row) => `${row},9,9,9,9`).join('\n')
    expect(await importFile(lake(), wide, { columns: map }).done).toMatchObject({ added: 5 })
  })

  test('settle which of two times is meant', async () => {
    const text = csv(
      ROWS.map((row) => `${row},${Number(row.slice(0, 13)) + HOUR}`),
      `${HEADER},timestamp`,
    )
    expect((await failureOf(importFile(lake(), text).done)).code).toBe('IMPORT_TIMES')
    const { done } = importFile(lake(), text, { columns: { time: 'open_time' } })
    expect(await done).toMatchObject({ fromMs: START, added: 5 })
  })

  test('are refused where there are none, with what is there', async () => {
    const failure = await failureOf(importFile(lake(), german, { columns: { time: 'Datum' } }).done)
    expect(failure.code).toBe('IMPORT_COLUMNS')
    expect(failure.message).toContain('time=Datum, and there is no such column. Found: Zeit, Auf')
  })
})

describe('what cannot be known is refused', () => {
  const timed = (times: readonly string[]) =>
    csv(
      times.map((time) => `${time},1,2,1,2,5`),
      HEADER,
    )
  test.each([
    [
      'a day that may be a month',
      timed(['01/02/2024', '02/02/2024']),
      'IMPORT_TIME',
      /day and which the month/,
    ],
    ['times that are none', timed(['noon', 'night']), 'IMPORT_COLUMNS', /missing: time/],
    [
      'local time without its zone',
      timed(['x']).replace('open_time', 'Local time').replace('x', '2024-01-01 00:00'),
      'IMPORT_COLUMNS',
      /missing: time/,
    ],
    [
      'thousands set apart by commas',
      csv(['2024-01-01,"42,280.5","42,300.1","42,100.0","42,200.0",1']),
      'IMPORT_NUMBERS',
      /'open' has 42,280.5: thousands/,
    ],
    [
      'thousands that may be decimals',
      csv(['2024-01-01;42,280;42,300;42,100;42,200;1']).replace(
        HEADER,
        HEADER.replaceAll(',', ';'),
      ),
      'IMPORT_NUMBERS',
      /thousands/,
    ],
    [
      'thousands set apart by points',
      csv(['2024-01-01;42.280,5;42.300,1;42.100,0;42.200,0;1']).replace(
        HEADER,
        HEADER.replaceAll(',', ';'),
      ),
      'IMPORT_NUMBERS',
      /thousands/,
    ],
    [
      'several markets',
      csv(
        ROWS.map((row, i) => `${row},${i % 2 ? 'BTCUSDT' : 'ETHUSDT'}`),
        `${HEADER},symbol`,
      ),
      'IMPORT_SYMBOL',
      /several markets \(BTCUSDT, ETHUSDT\)/,
    ],
    [
      'another market',
      csv(
        ROWS.map((row) => `${row},ETH/USDT`),
        `${HEADER},pair`,
      ),
      'IMPORT_SYMBOL',
      /says ETH\/USDT, and --symbol says BTCUSDT/,
    ],
    [
      'a volume of the quote',
      csv(ROWS, 'time,open,high,low,close,Volume USDT'),
      'IMPORT_COLUMNS',
      /missing: volume.*--columns volume="Volume USDT" \(or volume=none/s,
    ],
    [
      'a volume of HTX, which may be of either',
      csv(
        ROWS.map((row) => `${row},9`),
        'id,open,high,low,close,amount,vol',
      ),
      'IMPORT_COLUMNS',
      /both mean the volume/,
    ],
    [
      'a volume that is a word',
      csv(ROWS).replace(',2\n', ',many\n'),
      'IMPORT_VOLUME',
      /line 3 \(.*volume many/,
    ],
    [
      'a text without a table',
      'dear reader,\nhere is nothing\n',
      'IMPORT_COLUMNS',
      /1: dear reader,.*looks like a time and four prices/s,
    ],
  ])('%s', async (_, text, code, message) => {
    const failure = await failureOf(importFile(lake(), text).done)
    expect([failure.code, failure.exitCode]).toEqual([code, 3])
    expect(failure.message).toMatch(message)
  })
})

describe('candles without volume', () => {
  const bare = csv(
    ROWS.map((row) => row.slice(0, row.lastIndexOf(','))),
    'time,open,high,low,close',
  )

  test('keep a volume that is stored, where the prices are the same', async () => {
    const { folder, store, done } = importFile(lake(), csv(ROWS.slice(0, 3)))
    await done
    const file = join(folder, 'bare.csv')
    writeFileSync(file, bare.replace('105,115,95,110', '105,115,95,111'))
    const summary = await store.importCandles({ ...BTC, file })
    expect(summary).toMatchObject({ added: 2, replaced: 1, unchanged: 2, missingVolume: 5 })
    const { volume } = await store.readCandles({ ...BTC, ...DAY })
    expect([...volume]).toEqual([1, Number.NaN, 3, Number.NaN, Number.NaN])
  })

  test('are counted by a check of the lake', async () => {
    const { lake: path, done } = importFile(lake(), bare)
    await done
    const options = { lake: path, samples: [], findHoles: noLedger }
    const [check] = await checkLake(options)
    expect(check).toMatchObject({ missingVolume: 5, zeroVolume: 0, problems: 0 })
  })

  test('make coarser candles without volume', async () => {
    const { store, done } = importFile(lake(), csv(ROWS.slice(0, 4)).replace(',2\n', ',\n'))
    await done
    const { volume } = await store.readCandles({ ...BTC, interval: '2h', ...DAY })
    expect([...volume]).toEqual([Number.NaN, 7])
  })

  test.each(['csv', 'parquet', 'arrow'])('come back from an export as .%s', async (extension) => {
    const { folder, store, done } = importFile(lake(), csv(ROWS).replace(',2\n', ',\n'))
    await done
    const file = join(folder, `out.${extension}`)
    const { hash } = await exportCandles(store, { ...BTC, file })
    const copy = { ...BTC, symbol: 'COPY' }
    expect(await store.importCandles({ ...copy, file })).toMatchObject({ missingVolume: 1 })
    expect((await store.readCandles({ ...copy, ...DAY })).hash).toBe(hash)
  })
})
