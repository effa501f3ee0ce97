import { afterEach, describe, expect, setDefaultTimeout, test } from 'bun:test'
import ccxt from '../../../src/exchanges/ccxt/index.ts'
import type { ExchangeDefinition } from '../../../src/exchanges/exchange.ts'
import { failureOf, HOUR, rowsOf } from '../../contracts/exchange-fixture.ts'
import { type Connected, connectExchange } from '../../support/connect-exchange.ts'
import { startVenue, type VenueServer } from '../../support/venue-server.ts'

setDefaultTimeout(60_000)

const CCXT = ccxt as ExchangeDefinition
const START = Date.UTC(2024, 4, 1)
const SECONDS = START / 1000

const running: { readonly venue: VenueServer; readonly connected: Connected }[] = []
afterEach(async () => {
  for (const { venue, connected } of running.splice(0)) {
    await connected.exchange.close()
    await venue.stop()
  }
})

async function connect(exchange: string, answer: (url: URL) => unknown) {
  const venue = startVenue(answer)
  const connected = await connectExchange(CCXT, { baseUrl: venue.url, options: { exchange } })
  running.push({ venue, connected })
  return { ...connected, venue }
}

/** Answers as Kraken does: the newest 720 candles of an interval, whatever was asked for. */
function kraken(rows: readonly (readonly unknown[])[]) {
  return ({ pathname }: URL): unknown => {
    if (pathname.endsWith('/AssetPairs')) return { error: [], result: KRAKEN_PAIRS }
    if (pathname.endsWith('/Assets')) return { error: [], result: {} }
    if (pathname.endsWith('/Time')) return { error: [], result: { unixtime: SECONDS + 9_000 } }
    return { error: [], result: { XXBTZUSD: rows, last: 0 } }
  }
}

const krakenRows = [0, 1, 2].map((i) => [
  SECONDS + i * 3_600,
  '60.1',
  '61.2',
  '59.3',
  '60.4',
  '60',
  `${i}.5`,
  9,
])

describe('kraken', () => {
  const query = { symbol: 'BTCUSD', interval: '1h', fromMs: START, toMs: START + 3 * HOUR }

  test('has its own paths and shape of candles, and the market under its plain name', async () => {
    const { exchange, venue } = await connect('kraken', kraken(krakenRows))
    const [market] = await exchange.markets()
    expect(market).toMatchObject({
      symbol: 'BTCUSD',
      base: 'BTC',
      quote: 'USD',
      filters: { tickSize: '0.1', stepSize: '0.00000001', minSize: '0.00005', minNotional: '0.5' },
    })
    expect(rowsOf(await exchange.candles(query))).toEqual(
      [0, 1, 2].map((i) => [START + i * HOUR, 60.1, 61.2, 59.3, 60.4, i + 0.5]),
    )
    expect(exchange.intervals).toEqual(['1m', '5m', '15m', '30m', '1h', '4h', '1d', '1w'])
    expect(exchange.watchCandles).toBeUndefined()
    expect(venue.asked.join(' ')).not.toMatch(/private/i)
  })

  test('gives what it has of a range, however long, and nothing from outside of it', async () => {
    const { exchange } = await connect('kraken', kraken(krakenRows))
    const times = async (fromMs: number, toMs: number) => [
      ...(await exchange.candles({ ...query, fromMs, toMs })).openTime,
    ]
    expect(exchange.seeksForward).toBe(true)
    expect(await times(START - 5_000 * HOUR, START + 2 * HOUR)).toEqual([START, START + HOUR])
    expect(await times(START - 10 * HOUR, START)).toEqual([])
  })

  test('says in a reply like any other that too much was asked for, and the budget hears of it', async () => {
    const { exchange, settled } = await connect('kraken', (url) =>
      url.pathname.endsWith('/OHLC')
        ? { error: ['EAPI:Rate limit exceeded'] }
        : kraken(krakenRows)(url),
    )
    const error = await failureOf(exchange.candles(query))
    expect(error).toMatchObject({ code: 'RATE_LIMITED', context: { retryAfterMs: 60_000 } })
    expect(settled.at(-1)).toMatchObject({ retryAfterMs: 60_000 })
    expect(settled[0]).not.toHaveProperty('retryAfterMs')
  })
})

describe('coinbaseexchange', () => {
  /** 300 candles at most, newest first, `[time, low, high, open, close, volume]`. */
  const answer = ({ pathname, searchParams }: URL): unknown => {
    if (pathname.endsWith('/time'))
      return { iso: '2024-05-02T00:00:00.125Z', epoch: 1714608000.125 }
    if (pathname.endsWith('/products')) return [COINBASE_PRODUCT]
    const [from, to] = ['start', 'end'].map((name) => Date.parse(searchParams.get(name) ?? ''))
    return Array.from({ length: 1_000 }, (_, i) => START + i * HOUR)
      .filter((time) => time >= (from as number) && time <= (to as number))
      .slice(0, 300)
      .toReversed()
      .map((time) => [time / 1000, 59.3, 61.2, 60.1, 60.4, (time - START) / HOUR])
  }

  test('gives its page oldest first, the end excluded', async () => {
    const { exchange } = await connect('coinbaseexchange', answer)
    expect(await exchange.serverTime()).toBe((Date.UTC(2024, 4, 2) + 125) as never)
    expect(exchange.candlesPerPage).toBe(300)
    const series = { symbol: 'BTCUSD', interval: '1h' }
    const toMs = START + 300 * HOUR
    const page = await exchange.candles({ ...series, fromMs: START, toMs })
    expect(page.openTime).toHaveLength(300)
    expect(rowsOf(page)[299]).toEqual([toMs - HOUR, 60.1, 61.2, 59.3, 60.4, 299])
  })
})

describe('bitstamp', () => {
  const date = Date.UTC(2024, 4, 3, 12)
  const answer = ({ pathname }: URL): unknown => {
    const headers = { date: new Date(date).toUTCString() }
    if (pathname.includes('/markets')) return Response.json([BITSTAMP_MARKET], { headers })
    return Response.json({ data: { pair: 'BTC/USD', ohlc: [] } }, { headers })
  }

  test('has no clock to ask for, so that the date of its answers counts', async () => {
    const { exchange, venue } = await connect('bitstamp', answer)
    expect(await exchange.serverTime()).toBe(date as never)
    // ccxt keeps this list for a second, and no answer comes.
    expect(await exchange.serverTime()).toBe(date as never)
    expect(venue.asked).toHaveLength(1)
  })
})

test('a date of an answer that no clock says is passed over', async () => {
  const headers = { date: 'Fri, 31 Dec 9999 23:59:59 GMT' }
  const { exchange } = await connect('bitstamp', () =>
    Response.json([BITSTAMP_MARKET], { headers }),
  )
  expect(await failureOf(exchange.serverTime())).toMatchObject({ code: 'EXCHANGE_REPLY' })
})

describe('btse', () => {
  test('has candles after its markets could not be read again, which ccxt would not forget', async () => {
    let isDown = false
    const { exchange } = await connect('btse', ({ pathname }) => {
      if (!pathname.endsWith('/markets'))
        return { data: [[String(SECONDS), '3', '4', '1', '2', '9']] }
      return isDown ? new Response('{}', { status: 503 }) : { data: { symbols: [BTSE_MARKET] } }
    })
    const query = { symbol: 'BTCUSDT', interval: '1h', fromMs: START, toMs: START + HOUR }
    expect(rowsOf(await exchange.candles(query))).toEqual([[START, 3, 4, 1, 2, 9]])
    isDown = true
    expect(await failureOf(exchange.markets())).toMatchObject({ code: 'EXCHANGE_UNAVAILABLE' })
    isDown = false
    expect(rowsOf(await exchange.candles(query))).toEqual([[START, 3, 4, 1, 2, 9]])
  })
})

describe('a list of markets', () => {
  test('is asked for once by all who need it, and again after all of them gave it up', async () => {
    const release = Promise.withResolvers<void>()
    const { exchange, venue } = await connect('kraken', async (url) => {
      if (url.pathname.endsWith('/AssetPairs')) await release.promise
      return kraken(krakenRows)(url)
    })
    const reason = new Error('enough')
    const [first, second] = [new AbortController(), new AbortController()]
    const left = [first, second].map(({ signal }) =>
      exchange.markets(signal).catch((error) => error),
    )
    const asked = async () => {
      while (venue.asked.length === 0) await Bun.sleep(5)
      return venue.asked.length
    }
    expect(await asked()).toBe(1)
    first.abort(reason)
    second.abort(reason)
    const again = exchange.markets()
    expect(await Promise.all(left)).toEqual([reason, reason])
    release.resolve()
    expect(await again).toHaveLength(1)
    expect(venue.asked).toHaveLength(2)
  })
})

describe('a reply that is no answer', () => {
  const binance = (klines: () => unknown) => (url: URL) =>
    url.pathname.endsWith('/exchangeInfo') ? BINANCE_INFO : klines()
  const query = { symbol: 'BTCUSDT', interval: '1h', fromMs: START, toMs: START + 3 * HOUR }

  test.each([
    '',
    'null',
    '{}',
    '""',
    '<html>',
    '[[1714521600000,"60.1"',
    '[[]]',
    '[null]',
    '[{}]',
    '["x"]',
    '[["x","1","2","0.5","1","9"]]',
  ])('`%s` is no list of candles, and never an empty one', async (body) => {
    const headers = { 'content-type': 'application/json' }
    const { exchange } = await connect(
      'binance',
      binance(() => new Response(body, { headers })),
    )
    expect(await failureOf(exchange.candles(query))).toMatchObject({
      name: 'ConnectivityError',
      code: 'EXCHANGE_REPLY',
    })
  })

  test('is told without a part of what it repeats, also in its cause', async () => {
    const secret = 'vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0M'
    const body = `${'.'.repeat(44)}${secret}${'.'.repeat(200)}`
    for (const answer of [body, `${secret} is unknown`]) {
      const { exchange } = await connect(
        'binance',
        binance(() => new Response(answer)),
      )
      const { message, cause } = await failureOf(exchange.candles(query))
      expect(message.replaceAll(secret, '***')).not.toContain(secret.slice(0, 4))
      expect(cause).toBeUndefined()
    }
  })

  test('an empty list is one', async () => {
    const { exchange } = await connect(
      'binance',
      binance(() => []),
    )
    expect((await exchange.candles(query)).openTime).toHaveLength(0)
  })

  test('values that are no numbers are NaN, for the caller to refuse', async () => {
    const rows = [
      [START, 'NaN', '', '-1', null, '9', START + HOUR - 1, '0', 1, '0', '0', '0'],
      [START + HOUR, '1e3', 'abc', '1', '1', '9', START + 2 * HOUR - 1, '0', 1, '0', '0', '0'],
    ]
    const { exchange } = await connect(
      'binance',
      binance(() => rows),
    )
    const page = await exchange.candles(query)
    expect([...page.openTime]).toEqual([START, START + HOUR])
    expect([page.open[0], page.high[0], page.close[0], page.high[1]]).toEqual(
      Array(4).fill(Number.NaN),
    )
    expect(page.low[0]).toBe(-1)
  })

  test.each(['{}', '[]', '{"symbols":[]}'])(
    'a list of markets that reads `%s` is none, and is asked for again',
    async (body) => {
      let says: string = body
      const { exchange } = await connect('binance', (url) =>
        url.pathname.endsWith('/exchangeInfo') ? JSON.parse(says) : [],
      )
      expect((await failureOf(exchange.candles(query))).exitCode).toBe(5)
      says = JSON.stringify(BINANCE_INFO)
      expect((await exchange.candles(query)).openTime).toHaveLength(0)
    },
  )

  test.each([
    {},
    { serverTime: 1e300 },
    { serverTime: 9_000_000_000_000_000 },
    { serverTime: Date.UTC(2101, 0, 1) },
  ])('the time %j is refused', async (body) => {
    const { exchange } = await connect('binance', () => body)
    expect(await failureOf(exchange.serverTime())).toMatchObject({ code: 'EXCHANGE_REPLY' })
  })
})

/** https://api.kraken.com/0/public/AssetPairs, shortened to what identifies a pair. */
const KRAKEN_PAIRS = {
  XXBTZUSD: {
    altname: 'XBTUSD',
    wsname: 'XBT/USD',
    aclass_base: 'currency',
    base: 'XXBT',
    aclass_quote: 'currency',
    quote: 'ZUSD',
    lot: 'unit',
    pair_decimals: 1,
    lot_decimals: 8,
    lot_multiplier: 1,
    leverage_buy: [],
    leverage_sell: [],
    fees: [[0, 0.4]],
    fees_maker: [[0, 0.25]],
    ordermin: '0.00005',
    costmin: '0.5',
    tick_size: '0.1',
    status: 'online',
  },
}

/** https://api.exchange.coinbase.com/products */
const COINBASE_PRODUCT = {
  id: 'BTC-USD',
  base_currency: 'BTC',
  quote_currency: 'USD',
  quote_increment: '0.01',
  base_increment: '0.00000001',
  display_name: 'BTC-USD',
  min_market_funds: '1',
  margin_enabled: false,
  status: 'online',
  trading_disabled: false,
}

/** https://api.btse.com/spot/public-api/market/v1/markets */
const BTSE_MARKET = {
  symbol: 'BTC-USDT',
  type: 'Spot',
  category: 'CRYPTO',
  tradeCurrency: 'BTC',
  baseCurrency: 'BTC',
  quoteCurrency: 'USDT',
  displayName: 'Bitcoin',
  active: true,
  minOrderPrice: '0.1',
  minPriceIncrement: '0.1',
  pricePrecision: 1,
  minOrderSize: '0.00001',
  maxOrderSize: '100',
  minSizeIncrement: '0.00001',
  sizePrecision: 5,
}

/** https://www.bitstamp.net/api/v2/markets/ */
const BITSTAMP_MARKET = {
  name: 'BTC/USD',
  market_symbol: 'btcusd',
  base_currency: 'BTC',
  base_decimals: 8,
  counter_currency: 'USD',
  counter_decimals: 0,
  minimum_order_value: '10',
  trading: 'Enabled',
  market_type: 'SPOT',
}

/** https://api.binance.com/api/v3/exchangeInfo, shortened. */
const BINANCE_INFO = {
  timezone: 'UTC',
  serverTime: START,
  rateLimits: [],
  symbols: [
    {
      symbol: 'BTCUSDT',
      status: 'TRADING',
      baseAsset: 'BTC',
      quoteAsset: 'USDT',
      isSpotTradingAllowed: true,
      filters: [{ filterType: 'PRICE_FILTER', tickSize: '0.01' }],
      permissions: ['SPOT'],
    },
  ],
}
