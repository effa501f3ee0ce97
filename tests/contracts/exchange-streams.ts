import { describe, expect, test } from 'bun:test'
import type { CandleUpdate, ExchangeDefinition } from '../../src/exchanges/exchange.ts'
import type { Simulator } from '../../src/simulator/index.ts'
import type { Connected } from '../support/connect-exchange.ts'
import { HOUR, id, NOW, rowsOf, SERIES, withVenueOf } from './exchange-fixture.ts'

/**
 * What every adapter promises that streams candles, tried against the simulator.
 * @param options the adapter's own options
 */
export function testExchangeStreams(
  definition: ExchangeDefinition,
  options: Readonly<Record<string, unknown>> = {},
): void {
  const withVenue = withVenueOf(definition, options)

  describe(`streams of exchange ${definition.name}`, () => {
    /** Collects what a stream says until it ends or fails. */
    async function watch(
      { exchange }: Connected,
      signal: AbortSignal,
      symbol = 'BTCUSDT',
    ): Promise<{ readonly updates: CandleUpdate[]; readonly ended: Promise<unknown> }> {
      if (exchange.watchCandles === undefined) throw new Error('the adapter has no streams')
      const updates: CandleUpdate[] = []
      const stream = exchange.watchCandles({ symbol, interval: '1h' }, signal)
      const read = async () => {
        for await (const update of stream) updates.push(update)
      }
      return { updates, ended: read().catch(id) }
    }

    async function subscribed(simulator: Simulator): Promise<void> {
      // A path such as /ws/0 names something that is no stream, and subscribes later.
      while (!simulator.stats().streams.some((name) => name.includes('@'))) await Bun.sleep(5)
    }

    test('tell every update of a candle in order, and its end once', async () => {
      await withVenue({}, async (connected, simulator) => {
        const stop = new AbortController()
        const { updates, ended } = await watch(connected, stop.signal)
        await subscribed(simulator)
        for (let quarter = 0; quarter < 8; quarter++) await simulator.advance(HOUR / 4)
        while (updates.filter(({ isClosed }) => isClosed).length < 2) await Bun.sleep(5)
        stop.abort()
        expect(await ended).toBeUndefined()

        const times = updates.map(({ openTime }) => openTime as number)
        expect(times).toEqual(times.toSorted((a, b) => a - b))
        const closed = updates.filter(({ isClosed }) => isClosed)
        const first = NOW - HOUR / 2
        expect(closed.map(({ openTime }) => openTime as number)).toEqual([first, first + HOUR])
        expect(new Set(updates.map((one) => `${one.openTime} ${one.eventTime}`)).size).toBe(
          updates.length,
        )
        const stored = await connected.exchange.candles({
          ...SERIES,
          fromMs: first,
          toMs: first + 2 * HOUR,
        })
        expect(
          closed.map(({ openTime, open, high, low, close, volume }) => [
            openTime,
            open,
            high,
            low,
            close,
            volume,
          ]),
        ).toEqual(rowsOf(stored) as never)
        expect(updates[0]).toMatchObject({ symbol: 'BTCUSDT', interval: '1h', isClosed: false })
      })
    })

    test.each(['reset', 'close'] as const)(
      'fail when the connection is lost by a %s',
      async (how) => {
        await withVenue({}, async (connected, simulator) => {
          const { ended } = await watch(connected, new AbortController().signal)
          await subscribed(simulator)
          simulator.breakSockets(how)
          expect(await ended).toMatchObject({
            name: 'ConnectivityError',
            code: 'EXCHANGE_UNREACHABLE',
          })
        })
      },
    )

    test('fail for a symbol that the venue does not have', async () => {
      await withVenue({}, async (connected) => {
        const { ended } = await watch(connected, new AbortController().signal, 'BTCUSDC')
        expect(await ended).toMatchObject({ code: 'UNKNOWN_SYMBOL' })
      })
    })

    test('end when the connection is closed by us', async () => {
      await withVenue({}, async (connected, simulator) => {
        const { ended } = await watch(connected, new AbortController().signal)
        await subscribed(simulator)
        await connected.exchange.close()
        expect(await ended).toBeUndefined()
        while (simulator.stats().sockets.open > 0) await Bun.sleep(5)
      })
    })
  })
}
