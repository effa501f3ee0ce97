import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { getEventListeners } from 'node:events'
import { PlatformError } from '../../src/core/errors.ts'
import type { ExchangeDefinition } from '../../src/exchanges/exchange.ts'
import type { Simulator } from '../../src/simulator/index.ts'
import {
  type Connected,
  type ConnectOptions,
  connectExchange,
} from '../support/connect-exchange.ts'
import { httpReply, startRawServer } from '../support/raw-server.ts'
import { sampleMarket, startSimulator } from '../support/simulator.ts'
import { failureOf, HOUR, id, NOW, rowsOf, SERIES, withVenueOf } from './exchange-fixture.ts'

/** The first candle of the shipped sample. */
const LISTED = Date.UTC(2023, 5, 1)
const DAY = { ...SERIES, fromMs: Date.UTC(2024, 0, 1), toMs: Date.UTC(2024, 0, 2) } as const

/**
 * What every connection for market data promises, tried against the simulator, which speaks Binance's format.
 * @param options the adapter's own options
 */
export function testExchange(
  definition: ExchangeDefinition,
  options: Readonly<Record<string, unknown>> = {},
): void {
  const withVenue = withVenueOf(definition, options)
  const connect = (baseUrl: string, others: Partial<ConnectOptions> = {}) =>
    connectExchange(definition, { baseUrl, options, ...others })

  describe(`exchange ${definition.name}`, () => {
    let simulator: Simulator
    let venue: Connected
    beforeAll(async () => {
      simulator = await startSimulator({ now: NOW })
      venue = await connect(simulator.url)
    })
    afterAll(async () => {
      await venue.exchange.close()
      await simulator.stop()
    })

    describe('names', () => {
      test('is called as the entry of the configuration', () => {
        expect(venue.exchange.name).toBe('venue')
      })

      test('lists the markets with their limits', async () => {
        const markets = await venue.exchange.markets()
        expect(markets.map(({ symbol }) => symbol).sort()).toEqual([
          'BTCUSDT',
          'ETHUSDT',
          'SOLUSDT',
        ])
        const market = markets.find(({ symbol }) => symbol === 'BTCUSDT')
        expect(market).toMatchObject({
          base: 'BTC',
          quote: 'USDT',
          kind: 'spot',
          status: 'trading',
        })
        const told = await filtersOf(simulator, 'BTCUSDT')
        for (const [name, value] of Object.entries(market?.filters ?? {})) {
          expect({ name, value }).toEqual({ name, value: expect.stringMatching(/^\d+(\.\d+)?$/) })
          expect({ name, value: Number(value) }).toEqual({ name, value: Number(told[name]) })
        }
        expect(Object.keys(market?.filters ?? {}).sort()).toEqual(Object.keys(told).sort())
      })

      test('refuses an unknown symbol with the nearest known one', async () => {
        for (const symbol of ['BTCUSDC', 'btcusdt']) {
          const error = await failureOf(venue.exchange.candles({ ...DAY, symbol }))
          expect(error).toMatchObject({ name: 'ConfigError', code: 'UNKNOWN_SYMBOL' })
          expect(error.message).toContain(`'${symbol}'`)
          expect(error.message).toContain("Did you mean 'BTCUSDT'?")
        }
      })

      test('refuses an interval that it does not list, with the nearest one that it does', async () => {
        const query = { ...DAY, interval: '7h' }
        const error = await failureOf(venue.exchange.candles(query))
        expect(error).toMatchObject({ name: 'ConfigError', code: 'UNKNOWN_INTERVAL' })
        expect(error.message).toContain('Did you mean')
      })
    })

    describe('candles', () => {
      test('are those of the venue to the last bit, oldest first', async () => {
        const stored = await (await sampleMarket()).candles('BTCUSDT', '1h')
        const first = stored.openTime.indexOf(DAY.fromMs)
        const page = await venue.exchange.candles(DAY)
        expect(rowsOf(page)).toEqual(rowsOf(stored).slice(first, first + 24))
      })

      test('open in the range, its end excluded', async () => {
        const page = await venue.exchange.candles({
          ...SERIES,
          fromMs: LISTED,
          toMs: LISTED + HOUR,
        })
        expect([...page.openTime]).toEqual([LISTED])
        const later = { fromMs: LISTED + 1, toMs: LISTED + 3 * HOUR }
        const inside = await venue.exchange.candles({ ...SERIES, ...later })
        expect([...inside.openTime]).toEqual([LISTED + HOUR, LISTED + 2 * HOUR])
      })

      test('come a page at a time', async () => {
        const { candlesPerPage } = venue.exchange
        const query = { ...SERIES, fromMs: LISTED, toMs: LISTED + (candlesPerPage + 100) * HOUR }
        const page = await venue.exchange.candles(query)
        expect(page.openTime).toHaveLength(candlesPerPage)
        expect(page.openTime[0]).toBe(LISTED)
        expect(page.openTime.at(-1)).toBe(LISTED + (candlesPerPage - 1) * HOUR)
      })

      test('are the first ones of a long range where the venue seeks forward', async () => {
        const { seeksForward, candlesPerPage } = venue.exchange
        const fromMs = LISTED - 10 * candlesPerPage * HOUR
        const page = await venue.exchange.candles({ ...SERIES, fromMs, toMs: LISTED + 5 * HOUR })
        expect([...page.openTime]).toEqual(
          seeksForward ? [0, 1, 2, 3, 4].map((i) => LISTED + i * HOUR) : [],
        )
      })

      test('end with the one that still forms', async () => {
        const query = { ...SERIES, fromMs: NOW - 2.5 * HOUR, toMs: NOW + 24 * HOUR }
        const page = await venue.exchange.candles(query)
        expect([...page.openTime]).toEqual([-2.5, -1.5, -0.5].map((hours) => NOW + hours * HOUR))
      })

      test('are none before the listing and none in the future', async () => {
        const before = { ...SERIES, fromMs: LISTED - 24 * HOUR, toMs: LISTED }
        expect((await venue.exchange.candles(before)).openTime).toHaveLength(0)
        const after = { ...SERIES, fromMs: NOW + HOUR, toMs: NOW + 24 * HOUR }
        expect((await venue.exchange.candles(after)).openTime).toHaveLength(0)
      })
    })

    test('tells the time of the venue, not ours', async () => {
      expect(await venue.exchange.serverTime()).toBe(NOW as never)
      const skewed = [{ kind: 'clock_skew', offset_ms: -90_000 }]
      await withVenue({ faults: skewed }, async ({ exchange }) => {
        expect(await exchange.serverTime()).toBe((NOW - 90_000) as never)
      })
    })

    test('is not believed a time that lies after the date of the answer', async () => {
      const skewed = [{ kind: 'clock_skew', offset_ms: 900_000 }]
      await withVenue({ faults: skewed }, async ({ exchange }) => {
        const time = await exchange.serverTime()
        expect(time).toBeGreaterThanOrEqual(NOW)
        expect(time).toBeLessThan(NOW + 1_000)
      })
    })

    describe('failures', () => {
      test.each([
        ['a reset', { kind: 'reset' }, /UNREACHABLE/],
        ['a reset in the body', { kind: 'reset', at: 'in_body' }, /UNREACHABLE/],
        ['a body cut short', { kind: 'truncated' }, /UNREACHABLE|REPLY/],
        ['a body that is cut JSON', { kind: 'truncated', content_length: 'honest' }, /REPLY/],
        ['a body that stalls', { kind: 'stalled' }, /TIMEOUT/],
        [
          'a reply that comes too late',
          { kind: 'latency', min_ms: 4_000, max_ms: 4_000 },
          /TIMEOUT/,
        ],
        ['trouble of the venue', { kind: 'server_error', status: 500 }, /UNAVAILABLE/],
        ["the proxy's page", { kind: 'server_error', status: 502, body: 'html' }, /UNAVAILABLE/],
      ])('reports %s once, without asking again', async (_, fault, code) => {
        const to = new Date(NOW + HOUR).toISOString()
        const faults = [{ ...fault, to, endpoints: ['klines'] }]
        await withVenue(
          { faults },
          async ({ exchange, taken, settled }, simulator) => {
            const started = performance.now()
            const error = await failureOf(exchange.candles(DAY))
            expect(error.name).toBe('ConnectivityError')
            expect(error.code).toMatch(code)
            expect(error.message).toContain('venue')
            expect(performance.now() - started).toBeLessThan(4_000)
            // The runtime itself repeats a GET that met a connection which was closed before.
            expect(klines(simulator)).toBeLessThanOrEqual(fault.kind === 'reset' ? 2 : 1)
            await simulator.advance(HOUR)
            expect((await exchange.candles(DAY)).openTime).toHaveLength(24)
            expect(settled).toHaveLength(taken.length)
          },
          { timeoutMs: 1_500 },
        )
      })

      test('says for how long the venue wants no more requests', async () => {
        const fault = { kind: 'rate_limited', retry_after_seconds: 7, endpoints: ['klines'] }
        await withVenue({ faults: [fault] }, async ({ exchange, settled }) => {
          const error = await failureOf(exchange.candles(DAY))
          expect(error).toMatchObject({
            name: 'ConnectivityError',
            code: 'RATE_LIMITED',
            context: { retryAfterMs: 7_000 },
          })
          expect(settled.at(-1)).toMatchObject({ retryAfterMs: 7_000 })
        })
      })

      test('tells the user of a ban', async () => {
        const limits = { weightPerMinute: 0, refusalsBeforeBan: 0 }
        await withVenue({ limits }, async ({ exchange, settled, warnings }) => {
          const error = await failureOf(exchange.serverTime())
          expect(error.code).toBe('RATE_LIMITED')
          expect(error.context.retryAfterMs).toBe(120_000)
          expect(settled.at(-1)).toMatchObject({ retryAfterMs: 120_000 })
          expect(warnings.join()).toContain('banned')
        })
      })
    })

    describe('the rate budget', () => {
      test('is asked before every request, and told when each has ended', async () => {
        await withVenue({}, async ({ exchange, taken, settled }, simulator) => {
          await exchange.serverTime()
          await exchange.markets()
          await exchange.candles(DAY)
          expect(taken.length).toBe(simulator.requests().length)
          expect(settled).toHaveLength(taken.length)
        })
      })
    })

    describe('hosts', () => {
      test('are left neither for a redirect', async () => {
        const stranger = await startRawServer((socket) => socket.write(httpReply('[]')))
        const headers = { Location: `http://${stranger.host}/api/v3/klines` }
        const moved = await startRawServer((socket) =>
          socket.write(httpReply('', { status: '301 Moved Permanently', headers })),
        )
        const { exchange } = await connect(`http://${moved.host}`)
        const error = await failureOf(exchange.candles(DAY))
        expect(error.code).toBe('EXCHANGE_REPLY')
        expect(stranger.requests).toEqual([])
        await exchange.close()
        moved.close()
        stranger.close()
      })

      test('nor by the adapter itself', async () => {
        const hosts = ['data-api.example.com']
        const before = simulator.requests().length
        const { exchange } = await connect(simulator.url, { hosts })
        for (const call of [exchange.serverTime(), exchange.markets(), exchange.candles(DAY)]) {
          expect(await failureOf(call)).toMatchObject({ name: 'RiskRefusal', code: 'HOST_REFUSED' })
        }
        expect(simulator.requests()).toHaveLength(before)
        await exchange.close()
      })
    })

    test('finds a venue that was not there before', async () => {
      const gone = await startSimulator({ now: NOW })
      const { url } = gone
      await gone.stop()
      const { exchange } = await connect(url)
      for (let again = 0; again < 2; again++) {
        expect(await failureOf(exchange.markets())).toMatchObject({ code: 'EXCHANGE_UNREACHABLE' })
      }
      const back = await startSimulator({ now: NOW, port: Number(new URL(url).port) })
      expect(await exchange.markets()).toHaveLength(3)
      await exchange.close()
      await back.stop()
    })

    describe('ending', () => {
      const stalled = { faults: [{ kind: 'stalled', endpoints: ['klines'] }] }

      test('aborts a request with the reason of the signal', async () => {
        await withVenue(stalled, async ({ exchange, taken, settled }) => {
          const reason = new Error('enough')
          expect(await exchange.candles(DAY, AbortSignal.abort(reason)).catch(id)).toBe(reason)
          const controller = new AbortController()
          setTimeout(() => controller.abort(reason), 50)
          expect(await exchange.candles(DAY, controller.signal).catch(id)).toBe(reason)
          expect(settled).toHaveLength(taken.length)
        })
      })

      test('leaves no listener on a signal that outlives the requests', async () => {
        const { signal } = new AbortController()
        const { exchange } = venue
        for (let i = 0; i < 3; i++) {
          await Promise.all([exchange.candles(DAY, signal), exchange.serverTime(signal)])
          await exchange.markets(signal)
          await failureOf(exchange.candles({ ...DAY, symbol: 'NOTHINGUSDT' }, signal))
        }
        expect(getEventListeners(signal, 'abort')).toEqual([])
      })

      test('closes with requests under way, and sends none afterwards', async () => {
        await withVenue(stalled, async ({ exchange }, simulator) => {
          const pending = failureOf(exchange.candles(DAY))
          await Bun.sleep(50)
          await exchange.close()
          expect(await pending).toBeInstanceOf(PlatformError)
          const sent = simulator.requests().length
          expect(await failureOf(exchange.serverTime())).toBeInstanceOf(PlatformError)
          expect(simulator.requests()).toHaveLength(sent)
        })
      })
    })
  })
}

/** The limits of orders as the venue tells them, by the names of `Market`. */
async function filtersOf(
  simulator: Simulator,
  symbol: string,
): Promise<Readonly<Record<string, string>>> {
  const reply = await fetch(`${simulator.url}/api/v3/exchangeInfo?symbol=${symbol}`)
  const info = (await reply.json()) as { symbols: { filters: Record<string, string>[] }[] }
  const filter = (type: string) =>
    info.symbols[0]?.filters.find(({ filterType }) => filterType === type) ?? {}
  const lot = filter('LOT_SIZE')
  return {
    tickSize: filter('PRICE_FILTER').tickSize ?? '',
    stepSize: lot.stepSize ?? '',
    minSize: lot.minQty ?? '',
    maxSize: lot.maxQty ?? '',
    minNotional: filter('NOTIONAL').minNotional ?? '',
  }
}

function klines(simulator: Simulator): number {
  return simulator.requests().filter(({ endpoint }) => endpoint === 'klines').length
}
