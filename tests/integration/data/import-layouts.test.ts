import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { importFile } from './import-fixture.ts'
import { failureOf, temporaryLakes } from './lake-fixture.ts'
import {
  CANDLES,
  type Candle,
  clock,
  day,
  type Expectation,
  expectCandles,
  HOUR,
  instant,
  iso,
  LATE,
  reversed,
  rows,
  START,
} from './layouts-fixture.ts'

setDefaultTimeout(60_000)

const lake = temporaryLakes()
/**
 * Written by pandas 3.1.1 and pyarrow 26.0.1: `to_feather` as freqtrade calls it (LZ4, level 9), `to_csv` of columns of two levels as
 * yfinance returns them, `to_parquet` and `to_csv` with the index of times, tables of binary and of decimal128(38, 18) columns.
 */
const FILES = join(import.meta.dir, 'layouts')

const REVERSED = /newest row stands first/
const DAILY = { stepMs: 24 * HOUR }

const TEXTS: readonly (readonly [string, string, Expectation?])[] = [
  [
    'Binance archive',
    rows(({ t, o, h, l, c, v }) => `${t},${o},${h},${l},${c},${v},${t + HOUR - 1},9,10,1,5,0`),
  ],
  [
    'Binance archive of 2025, in microseconds',
    rows(
      ({ t, o, h, l, c, v }) =>
        `${t}000,${o.toFixed(8)},${h.toFixed(8)},${l.toFixed(8)},${c.toFixed(8)},${v},${t + HOUR - 1}999,9,10,1,5,0`,
    ),
  ],
  [
    'Binance futures archive, with header',
    `open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore\n${rows(({ t, o, h, l, c, v }) => `${t},${o},${h},${l},${c},${v},${t + HOUR - 1},9,10,1,5,0`)}`,
  ],
  [
    'CryptoDataDownload',
    `https://www.CryptoDataDownload.com\nunix,date,symbol,open,high,low,close,Volume BTC,Volume USDT,tradecount\n${reversed(rows(({ t, o, h, l, c, v }) => `${t},${instant(t)},BTC/USDT,${o},${h},${l},${c},${v},999.5,10`))}`,
    { notes: [/passed over .*CryptoDataDownload/, REVERSED] },
  ],
  [
    'CryptoDataDownload of 2017',
    `https://www.CryptoDataDownload.com\nDate,Symbol,Open,High,Low,Close,Volume BTC,Volume USD\n${reversed(rows(({ t, o, h, l, c, v }) => `${day(t)} ${clock(t).slice(0, 2) === '00' ? '12' : clock(t).slice(0, 2)}-AM,BTCUSD,${o},${h},${l},${c},${v},999.5`))}`,
    { notes: [/passed over/, REVERSED], options: { symbol: 'BTCUSD' } },
  ],
  [
    'Kraken OHLCVT',
    rows(({ t, o, h, l, c, v }, i) => `${t / 1000},${o},${h},${l},${c},${v},${i + 7}`),
  ],
  [
    'TradingView without volume',
    `time,open,high,low,close\n${rows(({ t, o, h, l, c }) => `${t / 1000},${o},${h},${l},${c}`)}`,
    { hasVolume: false },
  ],
  [
    'TradingView with ISO times and indicators',
    `time,open,high,low,close,Volume,Volume MA\n${rows(({ t, o, h, l, c, v }) => `${iso(t).replace('.000', '')},${o},${h},${l},${c},${v},`)}`,
  ],
  [
    'Yahoo',
    `Date,Open,High,Low,Close,Adj Close,Volume\n${rows(({ t, o, h, l, c, v }) => `${day(t)},${o},${h},${l},${c},${c / 2},${v}`, 24 * HOUR)}`,
    DAILY,
  ],
  [
    'date and time in two columns',
    `Date,Time,Open,High,Low,Close,Volume\n${rows(({ t, o, h, l, c, v }) => `${day(t)},${clock(t).slice(0, 5)},${o},${h},${l},${c},${v}`)}`,
  ],
  [
    'MetaTrader 5',
    `<DATE>\t<TIME>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\t<VOL>\t<SPREAD>\n${rows(({ t, o, h, l, c, v }) => `${day(t).replaceAll('-', '.')}\t${clock(t)}\t${o}\t${h}\t${l}\t${c}\t77\t${v}\t12`)}`,
  ],
  [
    'MetaTrader 4, without header',
    rows(
      ({ t, o, h, l, c, v }) =>
        `${day(t).replaceAll('-', '.')},${clock(t).slice(0, 5)},${o},${h},${l},${c},${v}`,
    ),
  ],
  [
    'stooq',
    `<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>\n${rows(({ t, o, h, l, c, v }) => `BTC.V,60,${day(t).replaceAll('-', '')},${clock(t).replaceAll(':', '')},${o},${h},${l},${c},${v},0`)}`,
    { options: { symbol: 'BTC.V' } },
  ],
  [
    'HistData',
    rows(
      ({ t, o, h, l, c, v }) =>
        `${day(t).replaceAll('-', '')} ${clock(t).replaceAll(':', '')};${o};${h};${l};${c};${v}`,
    ),
  ],
  [
    'Dukascopy',
    `Gmt time,Open,High,Low,Close,Volume\n${rows(
      ({ t, o, h, l, c, v }) =>
        `${day(t + LATE)
          .split('-')
          .toReversed()
          .join('.')} ${clock(t)}.000,${o},${h},${l},${c},${v}`,
      24 * HOUR,
    )}`,
    { ...DAILY, startMs: START + LATE },
  ],
  [
    'Dukascopy in local time with its zone',
    `Local time,Open,High,Low,Close,Volume\n${rows(
      ({ t, o, h, l, c, v }) =>
        `${day(t + LATE + 24 * HOUR)
          .split('-')
          .toReversed()
          .join('.')} ${clock(t)}.000 GMT+0100,${o},${h},${l},${c},${v}`,
    )}`,
    { startMs: START + LATE + 23 * HOUR },
  ],
  [
    'month before day, as in the United States',
    `Date,Open,High,Low,Close,Volume\n${rows(({ t, o, h, l, c, v }) => `01/${day(t + LATE).slice(8)}/2024 12:00:00 AM,${o},${h},${l},${c},${v}`, 24 * HOUR)}`,
    { ...DAILY, startMs: START + LATE },
  ],
  [
    'names of months',
    `Date,Open,High,Low,Close,Volume\n${rows(({ t, o, h, l, c, v }) => `"Jan ${day(t).slice(8)}, 2024",${o},${h},${l},${c},${v}`, 24 * HOUR)}`,
    DAILY,
  ],
  [
    'Bybit archive',
    `start_at,symbol,period,open,high,low,close,volume,turnover\n${rows(({ t, o, h, l, c, v }) => `${t / 1000},BTCUSDT,60,${o},${h},${l},${c},${v},999`)}`,
  ],
  [
    'OKX',
    `ts,o,h,l,c,vol,volCcy,volCcyQuote,confirm\n${reversed(rows(({ t, o, h, l, c, v }) => `${t},${o},${h},${l},${c},${v},7,999,1`))}`,
    { notes: [REVERSED] },
  ],
  [
    'KuCoin, without header',
    rows(({ t, o, h, l, c, v }) => `${t / 1000},${o},${c},${h},${l},${v},999.5`),
  ],
  [
    'Bitfinex',
    `MTS,OPEN,CLOSE,HIGH,LOW,VOLUME\n${reversed(rows(({ t, o, h, l, c, v }) => `${t},${o},${c},${h},${l},${v}`))}`,
    { notes: [REVERSED] },
  ],
  [
    'Coinbase, without header',
    rows(({ t, o, h, l, c, v }) => `${t / 1000},${l},${h},${o},${c},${v}`),
  ],
  [
    'Bitstamp of Kaggle',
    `Timestamp,Open,High,Low,Close,Volume_(BTC),Volume_(Currency),Weighted_Price\n${rows(({ t, o, h, l, c, v }) => `${t / 1000},${o},${h},${l},${c},${v},999,${c}`)}`,
  ],
  [
    'Gemini',
    `https://www.CryptoDataDownload.com\nUnix Timestamp,Date,Symbol,Open,High,Low,Close,Volume\n${reversed(rows(({ t, o, h, l, c, v }) => `${t},${instant(t)},BTCUSD,${o},${h},${l},${c},${v}`))}`,
    { notes: [/passed over/, REVERSED], options: { symbol: 'BTCUSD' } },
  ],
  [
    'Polygon',
    `ticker,volume,open,close,high,low,window_start,transactions\n${rows(({ t, o, h, l, c, v }) => `X:BTCUSD,${v},${o},${c},${h},${l},${t}000000,5`)}`,
    { options: { symbol: 'BTCUSD' } },
  ],
  [
    'Poloniex',
    `low,high,open,close,amount,quantity,buyTakerAmount,buyTakerQuantity,tradeCount,ts,weightedAverage,interval,startTime,closeTime\n${rows(({ t, o, h, l, c, v }) => `${l},${h},${o},${c},999,${v},3,4,5,${t},${c},HOUR_1,${t},${t + HOUR - 1}`)}`,
  ],
  [
    'CryptoCompare',
    `time,high,low,open,volumefrom,volumeto,close,conversionType\n${rows(({ t, o, h, l, c, v }) => `${t / 1000},${h},${l},${o},${v},999,${c},direct`)}`,
  ],
  [
    'investing.com without thousands',
    `\ufeff"Date","Price","Open","High","Low","Vol.","Change %"\n${reversed(rows(({ t, o, h, l, c, v }) => `"01/${day(t + LATE).slice(8)}/2024","${c}","${o}","${h}","${l}","${v}","1.20%"`, 24 * HOUR))}`,
    { ...DAILY, startMs: START + LATE, notes: [REVERSED] },
  ],
  [
    'decimal comma with semicolon',
    `Date;Open;High;Low;Close;Volume\n${rows(({ t, o, h, l, c, v }) => [instant(t), ...[o, h, l, c, v].map((one) => String(one).replace('.', ','))].join(';'))}`,
  ],
  [
    'decimal comma without header',
    rows(({ t, o, h, l, c, v }) =>
      [t, ...[o, h, l, c, v].map((one) => String(one).replace('.', ','))].join(';'),
    ),
  ],
  [
    'quotes of one stroke',
    `'time','open','high','low','close','volume'\n${rows(({ t, o, h, l, c, v }) => `'${t}','${o}','${h}','${l}','${c}','${v}'`)}`,
  ],
  [
    'comments before the table',
    `# exported 2024-02-01, by a bot\n#\n\n# time,open,high,low,close,volume\n${rows(({ t, o, h, l, c, v }) => `${t},${o},${h},${l},${c},${v}`)}`,
    { notes: [/passed over .*exported/] },
  ],
  [
    'volume that is empty in every row',
    `time,open,high,low,close,volume\n${rows(({ t, o, h, l, c }) => `${t},${o},${h},${l},${c},`)}`,
    { hasVolume: false },
  ],
]

describe('layouts of texts', () => {
  test.each(TEXTS)('%s', async (...[, text, expectation]) => {
    await expectCandles(lake(), text, expectation)
  })

  test('mixed line ends', async () => {
    const lines = rows(({ t, o, h, l, c, v }) => `${t},${o},${h},${l},${c},${v}`).split('\n')
    const ends = ['\r\n', '\n', '\r', '\r\n', '\n']
    const mixed = ['time,open,high,low,close,volume', ...lines].map(
      (line, i) => line + (ends[i] ?? ''),
    )
    await expectCandles(lake(), mixed.join(''))
  })

  const table = `time,open,high,low,close,volume\r\n${rows(({ t, o, h, l, c, v }) => `${iso(t)},${o},${h},${l},${c},${v}`)}`
  const wide = Buffer.from(table, 'utf16le')
  test.each([
    ['UTF-16, the low byte first', Buffer.from(`\ufeff${table}`, 'utf16le')],
    ['UTF-16, the high byte first', Buffer.from(`\ufeff${table}`, 'utf16le').swap16()],
    ['UTF-16 without a mark', wide],
  ])('%s', async (_, bytes) => {
    await expectCandles(lake(), bytes)
  })
})

/** The four candles of the files: the third one rises to 115. */
const IN_FILES = CANDLES.map((one, i) =>
  i === 2 ? { ...one, c: 115 } : i === 3 ? { ...one, o: 115, l: 105 } : one,
)

const BINARIES: readonly (readonly [string, string, Expectation?])[] = [
  ['freqtrade feather', 'freqtrade.feather'],
  ['freqtrade JSON', 'freqtrade.json'],
  ['Arrow, zstd', 'zstd.feather'],
  ['Arrow, texts as bytes', 'bytes.arrow'],
  ['Arrow, decimals and a dictionary, two batches', 'decimal.arrow'],
  ['Parquet, texts as bytes', 'bytes.parquet'],
  ['Parquet, the unnamed index of pandas', 'pandas-index.parquet'],
  ['CSV, the unnamed index of pandas', 'pandas-index.csv'],
  ['yfinance, three header lines', 'yfinance.csv', DAILY],
]

describe('layouts of files', () => {
  test.each(BINARIES)('%s', async (...[, name, expectation]) => {
    await expectCandles(lake(), readFileSync(join(FILES, name)), expectation, IN_FILES)
  })

  test.each([0.2, 0.5, 0.9, 0.99])('an Arrow file cut to %p of it is refused', async (part) => {
    for (const name of ['freqtrade.feather', 'bytes.arrow']) {
      const bytes = readFileSync(join(FILES, name))
      const cut = bytes.subarray(0, Math.floor(part * bytes.length))
      const failure = await failureOf(importFile(lake(), cut).done)
      expect([failure.code, failure.exitCode]).toEqual(['IMPORT_UNREADABLE', 3])
    }
  })
})

const list = (order: (candle: Candle) => readonly unknown[]) => CANDLES.map(order)
const JSONS: readonly (readonly [string, unknown, Expectation?])[] = [
  [
    'Bybit v5',
    {
      retCode: 0,
      result: {
        symbol: 'BTCUSDT',
        list: list(({ t, o, h, l, c, v }) => [t, o, h, l, c, v, 9].map(String)).toReversed(),
      },
    },
    { notes: [REVERSED] },
  ],
  [
    'Kraken',
    {
      error: [],
      result: {
        XXBTZUSD: list(({ t, o, h, l, c, v }) => [
          t / 1000,
          `${o}`,
          `${h}`,
          `${l}`,
          `${c}`,
          `${(h + l) / 2}`,
          `${v}`,
          7,
        ]),
        last: 1,
      },
    },
  ],
  [
    'OKX',
    {
      code: '0',
      msg: '',
      data: list(({ t, o, h, l, c, v }) => [t, o, h, l, c, v, 7, 999, 1].map(String)).toReversed(),
    },
    { notes: [REVERSED] },
  ],
  [
    'Coinbase',
    list(({ t, o, h, l, c, v }) => [t / 1000, l, h, o, c, v]).toReversed(),
    { notes: [REVERSED] },
  ],
  ['Bitfinex', list(({ t, o, h, l, c, v }) => [t, o, c, h, l, v])],
  [
    'Bitstamp',
    {
      data: {
        pair: 'BTC/USD',
        ohlc: CANDLES.map(({ t, o, h, l, c, v }) => ({
          timestamp: `${t / 1000}`,
          open: `${o}`,
          high: `${h}`,
          low: `${l}`,
          close: `${c}`,
          volume: `${v}`,
        })),
      },
    },
  ],
  [
    'columns, as of TradingView feeds',
    {
      s: 'ok',
      ...Object.fromEntries(
        (['t', 'o', 'h', 'l', 'c', 'v'] as const).map((key) => [
          key,
          CANDLES.map((one) => (key === 't' ? one.t / 1000 : one[key])),
        ]),
      ),
    },
  ],
]

describe('layouts of JSON', () => {
  test.each(JSONS)('%s', async (...[, value, expectation]) => {
    await expectCandles(lake(), JSON.stringify(value), expectation)
  })
})
