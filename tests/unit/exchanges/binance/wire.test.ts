import { describe, expect, test } from 'bun:test'
import { marketOf } from '../../../../src/exchanges/binance/markets.ts'
import {
  findRefusal,
  parseExchangeInfo,
  parseKlines,
  parseServerTime,
} from '../../../../src/exchanges/binance/wire.ts'

/** From the venue's documentation. */
const KLINE = [
  1499040000000,
  '0.01634790',
  '0.80000000',
  '0.01575800',
  '0.01577100',
  '148976.11427815',
  1499644799999,
  '2434.19055334',
  308,
  '1756.87402397',
  '28.46694368',
  '0',
]
const REPLY = expect.objectContaining({ name: 'ConnectivityError', code: 'EXCHANGE_REPLY' })

function row(field: number, value: unknown): readonly unknown[] {
  return KLINE.map((known, index) => (index === field ? value : known))
}

describe('parseKlines', () => {
  test('reads the documented row', () => {
    const columns = parseKlines([KLINE], 'klines')
    expect(Object.values(columns).map(([value]) => value)).toEqual([
      1499040000000, 0.0163479, 0.8, 0.015758, 0.015771, 148976.11427815,
    ])
  })

  test('returns empty columns for an empty page', () => {
    expect(parseKlines([], 'klines').openTime).toHaveLength(0)
  })

  test.each(['', ' ', 'NaN', 'Infinity', '1e5', '0x10', '1,5', '1.', '.5', null, 5, true, {}])(
    'makes the price %p, which is no decimal text, NaN and keeps the row',
    (value) => {
      const { close, open } = parseKlines([KLINE, row(4, value)], 'klines')
      expect([...close]).toEqual([0.015771, Number.NaN])
      expect([...open]).toEqual([0.0163479, 0.0163479])
    },
  )

  test('keeps negative values, which the caller refuses', () => {
    expect(parseKlines([row(3, '-1.5')], 'klines').low[0]).toBe(-1.5)
  })

  test.each([
    ['no list', { code: 1 }],
    ['text', 'candles'],
    ['null', null],
    ['a row that is no list', [KLINE, { t: 1 }]],
    ['a row that is too short', [KLINE.slice(0, 5)]],
    ['a time that is text', [row(0, '1499040000000')]],
    ['a time with a fraction', [row(0, 1.5)]],
  ])('refuses %s', (_, body) => {
    expect(() => parseKlines(body, 'klines')).toThrow(REPLY)
  })

  test('says which row', () => {
    expect(() => parseKlines([KLINE, []], 'GET /x')).toThrow('GET /x: the reply has a row 2')
  })
})

const BTC = {
  symbol: 'BTCUSDT',
  status: 'TRADING',
  baseAsset: 'BTC',
  quoteAsset: 'USDT',
  isSpotTradingAllowed: true,
  icebergAllowed: true,
  filters: [
    {
      filterType: 'PRICE_FILTER',
      minPrice: '0.01',
      maxPrice: '1000000.00',
      tickSize: '0.01000000',
    },
    { filterType: 'LOT_SIZE', minQty: '0.00001000', maxQty: '9000.00', stepSize: '0.00001000' },
    { filterType: 'ICEBERG_PARTS', limit: 10 },
    { filterType: 'MARKET_LOT_SIZE', minQty: '0', maxQty: '71.5', stepSize: '0.00000000' },
    { filterType: 'NOTIONAL', minNotional: '5.00000000', applyMinToMarket: true },
  ],
}

function marketWith(changes: object) {
  const [info] = parseExchangeInfo({ symbols: [{ ...BTC, ...changes }] }, 'info').symbols
  if (info === undefined) throw new Error('no market')
  return marketOf(info)
}

describe('the weight that a venue grants', () => {
  const requests = {
    rateLimitType: 'RAW_REQUESTS',
    interval: 'MINUTE',
    intervalNum: 5,
    limit: 61_000,
  }
  const weight = { ...requests, rateLimitType: 'REQUEST_WEIGHT', intervalNum: 1, limit: 6_000 }

  test.each([
    ['by the minute', [requests, weight], 6_000],
    ['by several minutes', [{ ...weight, intervalNum: 5 }], 1_200],
    ['twice: the lower counts', [weight, { ...weight, limit: 50 }], 50],
    ['by another measure', [requests, { ...weight, interval: 'DAY' }], undefined],
    ['as nonsense', [null, 'limit', { ...weight, limit: 0 }, { ...weight, limit: '9' }], undefined],
    ['not at all', undefined, undefined],
  ])('is told %s', (_, rateLimits, expected) => {
    const body = { symbols: [BTC], ...(rateLimits && { rateLimits }) }
    expect(parseExchangeInfo(body, 'info').weightPerMinute).toBe(expected)
  })
})

describe('markets', () => {
  test('have the limits of orders as the venue writes them', () => {
    expect(marketWith({})).toEqual({
      symbol: 'BTCUSDT',
      base: 'BTC',
      quote: 'USDT',
      kind: 'spot',
      status: 'trading',
      filters: {
        tickSize: '0.01000000',
        stepSize: '0.00001000',
        minSize: '0.00001000',
        maxSize: '9000.00',
        minNotional: '5.00000000',
      },
    })
  })

  test.each([
    ['TRADING', 'trading'],
    ['HALT', 'halted'],
    ['BREAK', 'halted'],
    ['CANCEL_ONLY', 'halted'],
    ['SOMETHING_NEW', 'halted'],
  ])('are %s: %s', (status, expected) => {
    expect(marketWith({ status }).status).toBe(expected as never)
  })

  test('are halted where spot trading is off', () => {
    expect(marketWith({ isSpotTradingAllowed: false }).status).toBe('halted')
  })

  test('say nothing where a rule is off or absent, and know the older name of the least value', () => {
    const filters = [
      { filterType: 'PRICE_FILTER', tickSize: '0.00000000' },
      { filterType: 'MIN_NOTIONAL', minNotional: '10.0' },
    ]
    expect(marketWith({ filters }).filters).toEqual({
      tickSize: undefined,
      stepSize: undefined,
      minSize: undefined,
      maxSize: undefined,
      minNotional: '10.0',
    })
  })

  test.each([
    ['no object', []],
    ['no symbols', {}],
    ['a market without a name', { symbols: [{ ...BTC, symbol: undefined }] }],
    ['filters of another shape', { symbols: [{ ...BTC, filters: [{ tickSize: 0.01 }] }] }],
  ])('refuse %s', (_, body) => {
    expect(() => parseExchangeInfo(body, 'info')).toThrow(REPLY)
  })
})

test.each([
  [{}],
  [{ serverTime: '1' }],
  [{ serverTime: 1.5 }],
  [{ serverTime: -1 }],
  [{ serverTime: 1e300 }],
  [{ serverTime: 9_000_000_000_000_000 }],
  [{ serverTime: Date.UTC(2100, 0, 2) }],
  [[]],
  [null],
])('refuses the time %j', (body) => {
  expect(() => parseServerTime(body, 'time')).toThrow(REPLY)
})

test.each([2009, 2024, 2099])('reads a time in the year %d', (year) => {
  const serverTime = Date.UTC(year, 0, 1)
  expect(parseServerTime({ serverTime }, 'time')).toBe(serverTime as never)
})

test('finds a refusal only in the documented shape', () => {
  expect(findRefusal('{"code":-1121,"msg":"Invalid symbol."}')?.code).toBe(-1121)
  for (const body of ['', '<html>', '[]', '{"code":"-1121","msg":"x"}', '{"code":-1121}']) {
    expect(findRefusal(body)).toBeUndefined()
  }
})
