import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { systemClock } from '../../src/cli/connect/system-clock.ts'
import type { CandleColumns } from '../../src/core/candles.ts'
import type {
  Exchange,
  ExchangeDefinition,
  ExchangeSettings,
} from '../../src/exchanges/exchange.ts'
import { createTransport } from '../../src/exchanges/transport/create-transport.ts'
import type { Simulator } from '../../src/simulator/index.ts'
import { memoryBudget } from '../support/memory-budget.ts'
import { startSimulator, type TestSimulatorOptions } from '../support/simulator.ts'

const HOUR = 3_600_000
const NOW = Date.UTC(2024, 5, 1, 0, 30)
const FROM = Date.UTC(2024, 4, 1)

export interface ExchangeUnderTest {
  readonly definition: ExchangeDefinition
  readonly options: Record<string, unknown>
}

/** Connects a definition to an address, with no other way to the network. */
export async function connectTo(
  { definition, options }: ExchangeUnderTest,
  baseUrl: string,
  timeoutMs = 2_000,
): Promise<Exchange> {
  const settings: ExchangeSettings<Record<string, unknown>> = {
    name: 'venue',
    testnet: true,
    baseUrl,
    rateLimit: 1_000_000,
    options,
  }
  const hosts = await definition.hosts(settings, 'market_data')
  const transport = createTransport({ exchange: 'venue', hosts, timeoutMs })
  const host = {
    ...transport,
    budget: memoryBudget(),
    clock: systemClock(Date.now),
    warn: () => {},
  }
  return await definition.connect(settings, host, 'market_data')
}

const query = (from: number, to: number) => ({
  symbol: 'BTCUSDT',
  interval: '1h',
  fromMs: FROM + from * HOUR,
  toMs: FROM + to * HOUR,
})

const slots = ({ openTime }: CandleColumns) => [...openTime].map((time) => (time - FROM) / HOUR)

/** What every adapter that can speak to the simulator promises. */
export function testExchange(name: string, subject: ExchangeUnderTest): void {
  const simulators: Simulator[] = []
  const simulate = async (options: TestSimulatorOptions = {}) => {
    const simulator = await startSimulator({ now: NOW, ...options })
    simulators.push(simulator)
    return simulator
  }
  const faulty = async (...faults: readonly object[]) =>
    connectTo(subject, (await simulate({ faults })).url, 1_500)

  describe(`exchange ${name}`, () => {
    let exchange: Exchange
    beforeAll(async () => {
      exchange = await connectTo(subject, (await simulate()).url)
    })
    afterAll(async () => {
      await exchange.close()
      for (const simulator of simulators) await simulator.stop()
    })

    test("tells the venue's time, not ours", async () => {
      expect(await exchange.serverTime()).toBe(NOW as never)
    })

    test('lists markets with their limits as exact decimals', async () => {
      const markets = await exchange.markets()
      expect(markets.map(({ symbol }) => symbol).sort()).toEqual(['BTCUSDT', 'ETHUSDT', 'SOLUSDT'])
      const bitcoin = markets.find(({ symbol }) => symbol === 'BTCUSDT')
      expect(bitcoin).toMatchObject({ base: 'BTC', quote: 'USDT', status: 'trading', kind: 'spot' })
      expect(Number(bitcoin?.filters.tickSize)).toBe(0.01)
      expect(bitcoin?.filters.tickSize).toMatch(/^0\.010*$/)
    })

    test('gives the candles of a range, its end exclusive', async () => {
      expect(slots(await exchange.candles(query(3, 8)))).toEqual([3, 4, 5, 6, 7])
    })

    test('gives a whole page and not a candle more than was asked for', async () => {
      const { candlesPerPage } = exchange
      expect(candlesPerPage).toBeGreaterThanOrEqual(100)
      const fromMs = FROM - candlesPerPage * HOUR
      const page = await exchange.candles({ ...query(0, 0), fromMs, toMs: FROM })
      expect(page.openTime).toHaveLength(candlesPerPage)
      expect([page.openTime[0], page.openTime.at(-1)]).toEqual([fromMs, FROM - HOUR])
    })

    test('gives the first candles of a longer range where it says so', async () => {
      if (!exchange.seeksForward) return
      const early = { ...query(0, 10), fromMs: Date.UTC(2020, 0, 1) }
      expect((await exchange.candles(early)).openTime[0]).toBe(Date.UTC(2023, 5, 1))
    })

    test('gives the candle that still forms as the venue does', async () => {
      const hours = (NOW - FROM) / HOUR
      const page = await exchange.candles(query(Math.floor(hours) - 1, Math.floor(hours) + 5))
      expect(slots(page)).toEqual([Math.floor(hours) - 1, Math.floor(hours)])
    })

    test('gives nothing where there is nothing', async () => {
      const page = await exchange.candles({ ...query(0, 0), fromMs: 0, toMs: 10 * HOUR })
      expect(page.openTime).toHaveLength(0)
    })

    test('names an unknown symbol with the nearest known one', async () => {
      const unknown = exchange.candles({ ...query(0, 5), symbol: 'BTCUSD' })
      await expect(unknown).rejects.toMatchObject({ code: 'UNKNOWN_SYMBOL', exitCode: 2 })
      await expect(unknown).rejects.toThrow("'BTCUSDT'")
    })

    test('refuses an interval that the venue does not have', async () => {
      const unknown = exchange.candles({ ...query(0, 5), interval: '7m' })
      await expect(unknown).rejects.toMatchObject({ code: 'UNKNOWN_INTERVAL', exitCode: 2 })
    })

    const failures: readonly (readonly [string, object, readonly string[]])[] = [
      [
        'a server error in HTML',
        { kind: 'server_error', status: 502, body: 'html' },
        ['EXCHANGE_UNAVAILABLE'],
      ],
      [
        'a server error in JSON',
        { kind: 'server_error', status: 503, body: 'json' },
        ['EXCHANGE_UNAVAILABLE'],
      ],
      ['a reset', { kind: 'reset' }, ['EXCHANGE_UNREACHABLE', 'EXCHANGE_REPLY']],
      ['a cut body', { kind: 'truncated' }, ['EXCHANGE_UNREACHABLE', 'EXCHANGE_REPLY']],
      ['a body that never ends', { kind: 'stalled' }, ['EXCHANGE_TIMEOUT']],
    ]
    test.each(failures)(
      'tells %s from an answer, as something that may pass',
      async (_, fault, codes) => {
        const broken = await faulty({ ...fault, endpoints: ['klines'] })
        const failure = await broken.candles(query(0, 5)).catch((error) => error)
        expect(codes).toContain(failure.code)
        expect(failure.exitCode).toBe(5)
        await broken.close()
      },
    )

    test('says how long a rate limit lasts', async () => {
      const fault = {
        kind: 'rate_limited',
        requests: 1,
        retry_after_seconds: 7,
        endpoints: ['klines'],
      }
      const limited = await faulty(fault)
      const failure = await limited.candles(query(0, 5)).catch((error) => error)
      expect(failure).toMatchObject({ code: 'RATE_LIMITED', context: { retryAfterMs: 7_000 } })
      await limited.close()
    })

    test('a venue that is not there is unreachable, now and again, and works once it is back', async () => {
      const gone = await simulate()
      const { url } = gone
      await gone.stop()
      const lonely = await connectTo(subject, url)
      for (let again = 0; again < 2; again++) {
        await expect(lonely.markets()).rejects.toMatchObject({ code: 'EXCHANGE_UNREACHABLE' })
      }
      await simulate({ port: Number(new URL(url).port) })
      expect(await lonely.markets()).toHaveLength(3)
      await lonely.close()
    })

    test('stops at once when it is told to', async () => {
      const slow = await faulty({ kind: 'stalled', endpoints: ['klines'] })
      await slow.markets()
      const stop = new AbortController()
      const asked = slow.candles(query(0, 5), stop.signal).catch((error) => error)
      setTimeout(() => stop.abort(new Error('enough')), 50)
      expect((await asked).message).toBe('enough')
      await slow.close()
    })

    test('never follows a venue to another host', async () => {
      let strays = 0
      const stray = Bun.serve({
        hostname: '127.0.0.1',
        port: 0,
        fetch: () => {
          strays++
          return Response.json([])
        },
      })
      const venue = Bun.serve({
        hostname: '127.0.0.1',
        port: 0,
        fetch: () => Response.redirect(`http://127.0.0.1:${stray.port}/`, 302),
      })
      const lured = await connectTo(subject, `http://127.0.0.1:${venue.port}`)
      await expect(lured.markets()).rejects.toMatchObject({ code: 'EXCHANGE_REPLY' })
      expect(strays).toBe(0)
      await lured.close()
      await Promise.all([stray.stop(true), venue.stop(true)])
    })
  })
}
